/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/duration.h"

#include <string.h>

#include "core/number.h"

bool
duration_parse(const char *text, int64_t longest, int64_t *seconds)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	char digits[12];
	size_t len = strlen(text);
	int64_t number;

	if (len < 2 || len > sizeof(digits))
		return false;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].letter != text[len - 1])
			continue;
		if (!number_parse(digits, 1, longest / units[i].seconds, &number))
			return false;
		*seconds = number * units[i].seconds;
		return true;
	}
	return false;
}
