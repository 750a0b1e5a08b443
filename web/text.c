/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/text.h"

#include <string.h>

#include "web/secret.h"

/* Lead bytes and the smallest code point of each length: what is below it is overlong. */
static const struct {
	unsigned char mask;
	unsigned char lead;
	uint32_t least;
} forms[] = {
    {0x80, 0x00, 0},
    {0xe0, 0xc0, 0x80},
    {0xf0, 0xe0, 0x800},
    {0xf8, 0xf0, 0x10000},
};

size_t
text_next(const char *text, size_t len, uint32_t *point)
{
	for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]) && form < len; form++) {
		unsigned char byte = (unsigned char)text[0];
		uint32_t value = byte & (unsigned char)~forms[form].mask;

		if ((byte & forms[form].mask) != forms[form].lead)
			continue;
		for (size_t i = 1; i <= form; i++) {
			byte = (unsigned char)text[i];
			if ((byte & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (byte & 0x3f);
		}
		if (value < forms[form].least || value > 0x10ffff ||
		    (value >= 0xd800 && value <= 0xdfff))
			return 0;
		*point = value;
		return form + 1;
	}
	return 0;
}

bool
text_good(const char *text, size_t len, bool lines)
{
	for (size_t i = 0; i < len;) {
		uint32_t point = 0;
		size_t n = text_next(text + i, len - i, &point);

		if (n == 0 || (point >= 0x7f && point <= 0x9f))
			return false;
		if (point < 0x20 && !(lines && (point == '\r' || point == '\n')))
			return false;
		i += n;
	}
	return true;
}

size_t
text_points(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

bool
text_number(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(unsigned char)*text - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

void
text_trim(char *text)
{
	size_t start = strspn(text, " ");
	size_t len = strlen(text + start);

	while (len > 0 && text[start + len - 1] == ' ')
		len--;
	memmove(text, text + start, len);
	secret_wipe(text + len, strlen(text + len));
}
