/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/password_text.h"

#include <sodium.h>
#include <string.h>

#define SALT_MAX 128

bool
password_text_skip(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

bool
password_text_number(const char **at, uint32_t *out)
{
	const char *start = *at;
	uint64_t number = 0;

	while (**at >= '0' && **at <= '9') {
		number = number * 10 + (uint64_t)(**at - '0');
		if (number > UINT32_MAX || *at - start >= 10)
			return false;
		(*at)++;
	}
	if (*at == start || (*start == '0' && *at - start > 1))
		return false;
	*out = (uint32_t)number;
	return true;
}

bool
password_text_span(
    const char **at, const char *set, size_t min, size_t max, struct password_text *out)
{
	*out = (struct password_text){*at, strspn(*at, set)};
	*at += out->len;
	return out->len >= min && out->len <= max;
}

bool
password_text_salt(const char **at, struct password_text *out)
{
	return password_text_span(at, PASSWORD_TEXT_CRYPT64 "+-_=", 1, SALT_MAX, out);
}

bool
password_text_decode(
    struct password_text text, bool padded, unsigned char *out, size_t size, size_t *out_len)
{
	/* libsodium 1.0.18 reads some bytes above 127 as '/'. */
	return strspn(text.at, PASSWORD_TEXT_BASE64 "=") >= text.len &&
	    sodium_base642bin(out, size, text.at, text.len, NULL, out_len, NULL,
		padded ? sodium_base64_VARIANT_ORIGINAL
		       : sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
}

bool
password_text_base64(const char **at, unsigned char *out, size_t len)
{
	struct password_text text = {*at, (len + 2) / 3 * 4};
	size_t out_len = 0;

	if (strnlen(text.at, text.len) != text.len ||
	    !password_text_decode(text, true, out, len, &out_len) || out_len != len)
		return false;
	*at += text.len;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
password_text_hex(const char **at, unsigned char *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = hex_value((*at)[0]);
		int low = high < 0 ? -1 : hex_value((*at)[1]);

		if (low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
		*at += 2;
	}
	return true;
}
