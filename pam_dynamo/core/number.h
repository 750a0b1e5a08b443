/* SPDX-License-Identifier: BSD-2-Clause */
/* The one strict parser of decimal numbers that people or other programs wrote. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* True if text is nothing but a decimal number inside min..max: no blank, no plus sign, no leading
 * zero, a minus only where min is below zero. *out is untouched otherwise. */
bool number_parse(const char *text, int64_t min, int64_t max, int64_t *out);

#endif
