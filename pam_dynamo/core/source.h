/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network that a login comes from, as far as PAM_RHOST says it: an IPv4 address, or the /64 of
 * an IPv6 address, which one subscriber has all of. Nothing is resolved: a label that is no numeric
 * address - a name, a terminal, an address with a zone - is no network.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>

#define SOURCE_SIZE 64 /* a network's text with its NUL */

/* "192.0.2.7", also of ::ffff:192.0.2.7; "2001:db8:1:2::/64" of any address in it. One network has
 * one text. False: none, and out is "". rhost may be NULL. */
bool source_network(const char *rhost, char out[SOURCE_SIZE]);

#endif
