/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/number.h"

#include <stddef.h>

bool
number_parse(const char *text, int64_t min, int64_t max, int64_t *out)
{
	int64_t number = 0;
	bool negative = false;
	size_t i = 0;

	if (text == NULL)
		return false;
	if (text[0] == '-' && min < 0) {
		negative = true;
		i = 1;
	}
	if (text[i] == '\0' || (text[i] == '0' && (text[i + 1] != '\0' || negative)))
		return false;
	for (; text[i] != '\0'; i++) {
		int64_t digit = text[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, negative ? -digit : digit, &number))
			return false;
	}
	if (number < min || number > max)
		return false;
	*out = number;
	return true;
}
