/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/json_scan.h"

#include <stdint.h>
#include <string.h>

#include "core/json.h"
#include "core/utf8.h"

struct scan {
	const char *at;
	const char *end;
	size_t members;
	int depth;
};

static void
skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end &&
	    (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
		scan->at++;
}

static bool
take(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool
take_word(struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
		return false;
	scan->at += len;
	return true;
}

static bool
take_digits(struct scan *scan)
{
	const char *begin = scan->at;

	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	return scan->at > begin;
}

static bool
scan_number(struct scan *scan)
{
	(void)take(scan, '-');
	if (!take(scan, '0') && !take_digits(scan))
		return false;
	if (take(scan, '.') && !take_digits(scan))
		return false;
	if (take(scan, 'e') || take(scan, 'E')) {
		if (!take(scan, '+'))
			(void)take(scan, '-');
		return take_digits(scan);
	}
	return true;
}

/* The four digits after \u. */
static bool
take_hex4(struct scan *scan, uint32_t *out)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	*out = 0;
	for (int i = 0; i < 4; i++) {
		const char *digit = scan->at < scan->end && *scan->at != '\0'
		    ? strchr(digits, *scan->at)
		    : NULL;

		if (digit == NULL)
			return false;
		*out = *out << 4 |
		    (uint32_t)(digit - digits < 16 ? digit - digits : digit - digits - 6);
		scan->at++;
	}
	return true;
}

static bool
scan_escape(struct scan *scan, bool *nul)
{
	uint32_t unit;
	uint32_t low;

	if (scan->at == scan->end)
		return false;
	if (!take(scan, 'u'))
		return *scan->at != '\0' && strchr("\"\\/bfnrt", *scan->at++) != NULL;
	if (!take_hex4(scan, &unit))
		return false;
	if (unit == 0)
		*nul = true;
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	/* A high surrogate and the low one that belongs to it. */
	return unit <= 0xdbff && take(scan, '\\') && take(scan, 'u') && take_hex4(scan, &low) &&
	    low >= 0xdc00 && low <= 0xdfff;
}

static bool
scan_string(struct scan *scan, bool *nul)
{
	*nul = false;
	if (!take(scan, '"'))
		return false;
	while (!take(scan, '"')) {
		size_t n = utf8_next(scan->at, (size_t)(scan->end - scan->at), NULL);

		if (n == 0 || (unsigned char)*scan->at < 0x20)
			return false;
		if (*scan->at != '\\') {
			scan->at += n;
			continue;
		}
		scan->at++;
		if (!scan_escape(scan, nul))
			return false;
	}
	return true;
}

static bool scan_value(struct scan *scan);

static bool
scan_member(struct scan *scan)
{
	bool nul;

	skip_blanks(scan);
	if (!scan_string(scan, &nul) || nul)
		return false;
	skip_blanks(scan);
	if (!take(scan, ':'))
		return false;
	scan->members++;
	return scan_value(scan);
}

/* What follows an opening bracket, with the closing one. */
static bool
scan_elements(struct scan *scan, char close, bool (*element)(struct scan *scan))
{
	if (++scan->depth > JSON_DEPTH_MAX)
		return false;
	skip_blanks(scan);
	if (!take(scan, close)) {
		do {
			if (!element(scan))
				return false;
		} while (take(scan, ','));
		if (!take(scan, close))
			return false;
	}
	scan->depth--;
	return true;
}

/* One value with the blanks around it. */
static bool
scan_value(struct scan *scan)
{
	bool good;
	bool nul;

	skip_blanks(scan);
	if (take(scan, '{'))
		good = scan_elements(scan, '}', scan_member);
	else if (take(scan, '['))
		good = scan_elements(scan, ']', scan_value);
	else if (scan->at < scan->end && *scan->at == '"')
		good = scan_string(scan, &nul);
	else
		good = take_word(scan, "null") || take_word(scan, "true") ||
		    take_word(scan, "false") || scan_number(scan);
	if (good)
		skip_blanks(scan);
	return good;
}

bool
json_scan(const char *text, size_t len, size_t *members)
{
	struct scan scan = {.at = text};

	*members = 0;
	if (text == NULL)
		return false;
	scan.end = text + len;
	if (!scan_value(&scan) || scan.at != scan.end)
		return false;
	*members = scan.members;
	return true;
}
