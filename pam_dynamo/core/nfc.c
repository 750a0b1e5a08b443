/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/nfc.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "core/secret.h"
#include "core/utf8.h"

/* No two bytes of UTF-8 decompose into more than three code points (UAX #15, "Stability of
 * expansion": U+0390). */
#define POINTS_MAX (NFC_TEXT_MAX / 2 * 3)

/* Stable: the composition exclusions hold. */
enum {
	FORM_C = UTF8PROC_STABLE | UTF8PROC_COMPOSE,
	FORM_C_FOLDED = FORM_C | UTF8PROC_CASEFOLD,
};

/* Bytes written; 0: they do not fit with their NUL. */
static size_t
encode(const utf8proc_int32_t *points, size_t count, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		utf8proc_uint8_t bytes[4];
		size_t n = (size_t)utf8proc_encode_char(points[i], bytes);

		if (n == 0 || n >= size - len)
			return 0;
		memcpy(out + len, bytes, n);
		len += n;
	}
	return len;
}

static bool
convert(
    utf8proc_option_t form, const char *text, size_t len, char *out, size_t size, size_t *out_len)
{
	utf8proc_int32_t points[POINTS_MAX];
	utf8proc_ssize_t count = 0;
	size_t used = 0;
	bool ok = false;

	if (size == 0 || len > NFC_TEXT_MAX || !utf8_valid(text, len, NULL) ||
	    (len > 0 && memchr(text, '\0', len) != NULL))
		goto out;
	count = utf8proc_decompose(
	    (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, points, POINTS_MAX, form);
	if (count < 0 || count > POINTS_MAX)
		goto out;
	count = utf8proc_normalize_utf32(points, count, form);
	if (count < 0)
		goto out;
	used = encode(points, (size_t)count, out, size);
	ok = count == 0 || used > 0;
out:
	if (!ok)
		secret_wipe(out, size);
	else
		out[used] = '\0';
	if (out_len != NULL)
		*out_len = used;
	secret_wipe(points, sizeof(points));
	return ok;
}

bool
nfc_normalise(const char *text, size_t len, char *out, size_t size, size_t *out_len)
{
	return convert((utf8proc_option_t)FORM_C, text, len, out, size, out_len);
}

bool
nfc_fold(const char *text, size_t len, char *out, size_t size, size_t *out_len)
{
	return convert((utf8proc_option_t)FORM_C_FOLDED, text, len, out, size, out_len);
}

uint32_t
nfc_lower(uint32_t point)
{
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)point);
}
