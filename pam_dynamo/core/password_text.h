/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Readers over the text of an encoded hash. Each takes what it knows from *at and moves it on;
 * false means that the text is not so, and *at is then anywhere. There is one way to write a hash:
 * no signs, no leading zeros, no spare bits.
 */
#ifndef PASSWORD_TEXT_H
#define PASSWORD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The 64 characters that crypt(3) writes, in the order of their values, and base64's. */
#define PASSWORD_TEXT_CRYPT64 "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define PASSWORD_TEXT_BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/* Characters inside an encoded hash, which they do not outlive. */
struct password_text {
	const char *at;
	size_t len;
};

/* Exactly these characters. */
bool password_text_skip(const char **at, const char *text);

/* A decimal number of 32 bits. */
bool password_text_number(const char **at, uint32_t *out);

/* As many characters of `set` as there are, and they are min to max. */
bool password_text_span(
    const char **at, const char *set, size_t min, size_t max, struct password_text *out);

/* The salt of a web framework's hash: 1 to 128 letters, digits or ./+-_= */
bool password_text_salt(const char **at, struct password_text *out);

/* Decodes base64 with or without padding; false also when out is too small. */
bool password_text_decode(
    struct password_text text, bool padded, unsigned char *out, size_t size, size_t *out_len);

/* Padded base64 of exactly `len` bytes. */
bool password_text_base64(const char **at, unsigned char *out, size_t len);

/* Lower-case hex of exactly `len` bytes. */
bool password_text_hex(const char **at, unsigned char *out, size_t len);

#endif
