/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/time_text.h"

#include <string.h>
#include <time.h>

#define DIGIT "0123456789"
#define MILLISECONDS_FROM                                                      \
	100000000000 /* as seconds: the year 5138; as milliseconds: March 1973 \
		      */

/* Exactly `digits` of them, min to max; the text behind, or NULL. */
static const char *
take(const char *text, size_t digits, int min, int max, int *out)
{
	int value = 0;

	if (text == NULL || strspn(text, DIGIT) < digits)
		return NULL;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	*out = value;
	return value >= min && value <= max ? text + digits : NULL;
}

static const char *
take_char(const char *text, const char *set)
{
	return text != NULL && text[0] != '\0' && strchr(set, text[0]) != NULL ? text + 1 : NULL;
}

/* "08:00", "08:00:00", "08:00:00.5" */
static const char *
take_clock(const char *text, struct tm *tm)
{
	size_t digits;

	text = take(text, 2, 0, 23, &tm->tm_hour);
	text = take(take_char(text, ":"), 2, 0, 59, &tm->tm_min);
	if (text == NULL || text[0] != ':')
		return text;
	text = take(text + 1, 2, 0, 60, &tm->tm_sec);
	if (text == NULL || (text[0] != '.' && text[0] != ','))
		return text;
	digits = strspn(text + 1, DIGIT);
	return digits > 0 ? text + 1 + digits : NULL;
}

/* "", "Z", "+01:00", "-0330" */
static const char *
take_zone(const char *text, int64_t *offset_s)
{
	int hours = 0, minutes = 0;
	bool west;

	*offset_s = 0;
	if (text == NULL || text[0] == '\0')
		return text;
	if (text[0] == 'Z' || text[0] == 'z')
		return text + 1;
	west = text[0] == '-';
	text = take(take_char(text, "+-"), 2, 0, 23, &hours);
	if (text != NULL && text[0] == ':')
		text++;
	if (text != NULL && text[0] != '\0')
		text = take(text, 2, 0, 59, &minutes);
	*offset_s = ((int64_t)hours * 60 + minutes) * (west ? -60 : 60);
	return text;
}

/* Midnight; false: there is no such day. */
static bool
day_start(int year, int month, int day, int64_t *out)
{
	struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};

	*out = timegm(&tm); /* 31 February would become 3 March */
	return tm.tm_mday == day;
}

bool
time_text_parse(const char *text, int64_t *out)
{
	struct tm tm = {0};
	int64_t offset_s = 0, start = 0;
	int year = 0, month = 0, day = 0;

	text = take(text, 4, 1970, 9999, &year);
	text = take(take_char(text, "-"), 2, 1, 12, &month);
	text = take(take_char(text, "-"), 2, 1, 31, &day);
	if (text != NULL && text[0] != '\0')
		text = take_zone(take_clock(take_char(text, "Tt "), &tm), &offset_s);
	if (text == NULL || text[0] != '\0' || !day_start(year, month, day, &start))
		return false;
	start += ((int64_t)tm.tm_hour * 60 + tm.tm_min) * 60 + tm.tm_sec - offset_s;
	if (start < 0)
		return false;
	*out = start;
	return true;
}

bool
time_text_epoch(const char *text, int64_t *out)
{
	size_t digits = strspn(text, DIGIT);
	const char *rest = text + digits;
	int64_t number = 0;

	if (digits == 0 || digits > 18)
		return false;
	if (rest[0] == '.')
		rest += 1 + strspn(rest + 1, DIGIT);
	if (rest[0] != '\0' || rest[-1] == '.')
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	*out = time_text_seconds(number);
	return true;
}

int64_t
time_text_seconds(int64_t number)
{
	return number >= MILLISECONDS_FROM ? number / 1000 : number;
}
