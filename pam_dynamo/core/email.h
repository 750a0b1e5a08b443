/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mail addresses: local@domain of RFC 5321 without quotes and brackets, the domain in any script
 * (IDNA2008, RFC 5891). Addresses are stored as typed and compared as email_key says. The only home
 * of libidn2.
 */
#ifndef EMAIL_H
#define EMAIL_H

#include <stdbool.h>

#include "core/strlist.h"

#define EMAIL_MAX 254 /* bytes, RFC 5321 4.5.3.1.3 */
#define EMAIL_SIZE (EMAIL_MAX + 1)

/* The address as a mail server takes it: the local part as typed, the domain in lower case with
 * A-labels. False: no address, and out is "". */
bool email_ascii(const char *email, char out[EMAIL_SIZE]);

/* The same with the local part in lower case: two addresses with one key are one mailbox. */
bool email_key(const char *email, char out[EMAIL_SIZE]);

/* An address that may be registered: it has no '-' at its begin, which programs take for an option;
 * its domain has a dot or local ones are allowed, and is one of `domains`, if there are any. */
bool email_registrable(const char *email, bool local_domains, const struct strlist *domains);

#endif
