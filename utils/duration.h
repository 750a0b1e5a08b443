/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DURATION_H
#define DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* A number and s, m, h, d or w, as "8h": 1 second to `longest`. *seconds is untouched otherwise. */
bool duration_parse(const char *text, int64_t longest, int64_t *seconds);

#endif
