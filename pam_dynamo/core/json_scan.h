/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of RFC 8259, checked before a byte reaches json-c, which takes more than that: NaN,
 * leading zeros, lone surrogates, names that end at a NUL.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* True if text is exactly one JSON value in valid UTF-8, nested at most JSON_DEPTH_MAX deep, and no
 * name holds a NUL. *members: how many members all its objects have in the text. */
bool json_scan(const char *text, size_t len, size_t *members);

#endif
