/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/utf8.h"

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
utf8_next(const char *text, size_t len, uint32_t *point)
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
		if (point != NULL)
			*point = value;
		return form + 1;
	}
	return 0;
}

bool
utf8_valid(const char *text, size_t len, size_t *points)
{
	size_t count = 0;

	for (size_t i = 0; i < len; count++) {
		size_t n = utf8_next(text + i, len - i, NULL);

		if (n == 0)
			return false;
		i += n;
	}
	if (points != NULL)
		*points = count;
	return true;
}

bool
utf8_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x061c ||
	    point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
	    (point >= 0x2066 && point <= 0x2069);
}

bool
utf8_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t n = utf8_next(text + i, len - i, &point);

		if (n == 0 || utf8_control(point))
			return false;
		i += n;
	}
	return true;
}
