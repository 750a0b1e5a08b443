/* SPDX-License-Identifier: BSD-2-Clause */
/* DynamoDB's numbers, which are decimal texts. */
#include <stdlib.h>
#include <string.h>

#include "core/item.h"

static bool
digits_only(const char *text, size_t *len)
{
	*len = strspn(text, "0123456789");
	return *len > 0;
}

/* Well-formed as a DynamoDB number: an optional sign, digits with at most one point, an exponent.
 */
bool
item_number_valid(const char *text)
{
	size_t whole, part = 0;

	text += *text == '-' || *text == '+';
	digits_only(text, &whole);
	text += whole;
	if (*text == '.') {
		digits_only(text + 1, &part);
		text += 1 + part;
	}
	if (whole + part == 0 || whole + part > 160)
		return false;
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '-' || *text == '+';
		if (!digits_only(text, &part) || part > 4)
			return false;
		text += part;
	}
	return *text == '\0';
}

/* Adds one digit below; false: out of the range of int64_t. The sum is kept negative, since that
 * side reaches further. */
static bool
push_digit(int64_t *sum, int digit)
{
	return !__builtin_mul_overflow(*sum, (int64_t)10, sum) &&
	    !__builtin_sub_overflow(*sum, (int64_t)digit, sum);
}

bool
item_number(const char *text, int64_t *out)
{
	bool minus = *text == '-';
	const char *p = text + (*text == '-' || *text == '+');
	const char *exponent = strpbrk(text, "eE");
	const char *point = strchr(text, '.');
	const char *end = exponent != NULL ? exponent : text + strlen(text);
	int64_t sum = 0;
	long scale;

	if (!item_number_valid(text))
		return false;
	scale = exponent != NULL ? strtol(exponent + 1, NULL, 10) : 0;
	scale += point != NULL ? (long)(point - p) : (long)(end - p);
	/* scale is now the number of digits left of the point */
	for (; p < end; p++) {
		if (*p == '.')
			continue;
		if (scale <= 0 && *p != '0')
			return false;
		if (scale-- > 0 && !push_digit(&sum, *p - '0'))
			return false;
	}
	for (; scale > 0 && sum != 0; scale--)
		if (!push_digit(&sum, 0))
			return false;
	if (!minus && sum == INT64_MIN)
		return false;
	*out = minus ? sum : -sum;
	return true;
}
