/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/sigv4.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/digest.h"
#include "core/secret.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define DAY_LEN 8 /* "20150830" */

bool
sigv4_date(int64_t now, char out[SIGV4_DATE_SIZE])
{
	time_t t = (time_t)now;
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -900 || tm.tm_year > 8099)
		return false;
	return strftime(out, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm) == SIGV4_DATE_SIZE - 1;
}

/* RFC 3986 2.3: everything but the unreserved characters becomes %XX. */
static void
add_encoded(struct buf *out, const char *text, size_t len, bool keep_slash)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x80 && isalnum(c)) || (c != '\0' && strchr("-._~", c) != NULL) ||
		    (c == '/' && keep_slash))
			buf_add_char(out, (char)c);
		else
			buf_add_format(out, "%%%02X", c);
	}
}

/* Removes empty, "." and ".." segments, as AWS's own SDKs do: unlike RFC 3986 5.2.4 a dot segment
 * at the end leaves no slash. path is not empty. */
static void
normalise_path(struct buf *out, const char *path)
{
	const char *p = path;
	size_t len = 0;

	while (*p != '\0') {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len == 2 && memcmp(p, "..", 2) == 0) {
			while (out->len > 0 && out->data[--out->len] != '/')
				;
			if (out->data != NULL)
				out->data[out->len] = '\0';
		} else if (len > 0 && !(len == 1 && *p == '.')) {
			buf_add_char(out, '/');
			buf_add(out, p, len);
		}
		p += len;
	}
	if (out->len == 0 || p[-1] == '/')
		buf_add_char(out, '/');
}

static void
add_path(struct buf *out, const struct sigv4_request *request)
{
	const char *path = request->path[0] == '\0' ? "/" : request->path;
	struct buf clean;

	buf_init(&clean, 0);
	if (request->keep_path)
		buf_add_string(&clean, path);
	else
		normalise_path(&clean, path);
	add_encoded(out, buf_string(&clean), clean.len, true);
	out->failed |= clean.failed;
	buf_free(&clean);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decoded and encoded again, so that every spelling of a parameter becomes the canonical one. */
static void
add_parameter(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
		    hex_digit(text[i + 2]) >= 0) {
			c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
			i += 2;
		}
		add_encoded(out, &c, 1, false);
	}
}

/* One name=value in canonical form; the tab sorts below every character of an encoded name. */
static int
compare_parameters(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
canonical_parameter(const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - text);
	struct buf out;

	buf_init(&out, 0);
	add_parameter(&out, text, name_len);
	buf_add_char(&out, '\t');
	if (equals != NULL)
		add_parameter(&out, equals + 1, len - name_len - 1);
	if (out.failed)
		buf_free(&out);
	return out.data;
}

static bool
add_query(struct buf *out, const char *query)
{
	char *sorted[SIGV4_QUERY_MAX];
	size_t count = 0, len;
	bool ok = false;

	for (const char *p = query == NULL ? "" : query; *p != '\0'; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		if (len == 0)
			continue;
		if (count == SIGV4_QUERY_MAX ||
		    (sorted[count] = canonical_parameter(p, len)) == NULL)
			goto out;
		count++;
	}
	qsort(sorted, count, sizeof(sorted[0]), compare_parameters);
	for (size_t i = 0; i < count; i++) {
		*strchr(sorted[i], '\t') = '=';
		buf_add_format(out, "%s%s", i > 0 ? "&" : "", sorted[i]);
	}
	ok = true;
out:
	for (size_t i = 0; i < count; i++)
		free(sorted[i]);
	return ok;
}

/* Trimmed, runs of white space become one blank. */
static void
add_header_value(struct buf *out, const char *value)
{
	bool blank = false, first = true;

	for (; *value != '\0'; value++) {
		if (isspace((unsigned char)*value)) {
			blank = !first;
			continue;
		}
		if (blank)
			buf_add_char(out, ' ');
		buf_add_char(out, *value);
		blank = first = false;
	}
}

static void
add_lower(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++)
		buf_add_char(out, (char)tolower((unsigned char)*name));
}

/* Stable insertion sort: repeated names keep their order. */
static bool
sort_headers(const struct sigv4_request *request, const struct sigv4_header **sorted)
{
	size_t j;

	if (request->header_count > SIGV4_HEADERS_MAX)
		return false;
	for (size_t i = 0; i < request->header_count; i++) {
		for (j = i; j > 0 && strcasecmp(sorted[j - 1]->name, request->headers[i].name) > 0;
		     j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = &request->headers[i];
	}
	return true;
}

static bool
add_headers(const struct sigv4_request *request, struct buf *out, struct buf *names)
{
	const struct sigv4_header *sorted[SIGV4_HEADERS_MAX];
	size_t count = request->header_count;

	if (!sort_headers(request, sorted))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcasecmp(sorted[i - 1]->name, sorted[i]->name) == 0) {
			buf_add_char(out, ',');
		} else {
			buf_add_string(out, i > 0 ? "\n" : "");
			add_lower(out, sorted[i]->name);
			buf_add_char(out, ':');
			buf_add_string(names, i > 0 ? ";" : "");
			add_lower(names, sorted[i]->name);
		}
		add_header_value(out, sorted[i]->value);
	}
	buf_add_string(out, "\n\n");
	return true;
}

bool
sigv4_canonical(
    const struct sigv4_request *request, struct buf *canonical, struct buf *signed_headers)
{
	char hash[DIGEST_SHA256_HEX_SIZE];

	if (!digest_sha256_hex(request->body, request->body_len, hash))
		return false;
	buf_add_format(canonical, "%s\n", request->method);
	add_path(canonical, request);
	buf_add_char(canonical, '\n');
	if (!add_query(canonical, request->query))
		return false;
	buf_add_char(canonical, '\n');
	if (!add_headers(request, canonical, signed_headers))
		return false;
	buf_add_format(canonical, "%s\n%s", buf_string(signed_headers), hash);
	return !canonical->failed && !signed_headers->failed;
}

bool
sigv4_string_to_sign(
    const struct sigv4_scope *scope, const struct buf *canonical, struct buf *string_to_sign)
{
	char date[SIGV4_DATE_SIZE], hash[DIGEST_SHA256_HEX_SIZE];

	if (!sigv4_date(scope->now, date) ||
	    !digest_sha256_hex(buf_string(canonical), canonical->len, hash))
		return false;
	buf_add_format(string_to_sign, "%s\n%s\n%.*s/%s/%s/aws4_request\n%s", ALGORITHM, date,
	    DAY_LEN, date, scope->region, scope->service, hash);
	return !string_to_sign->failed;
}

/* The chain of HMACs that turns the secret key into the day's signing key. */
static bool
signing_key(const struct sigv4_scope *scope, unsigned char key[DIGEST_SHA256_LEN])
{
	char date[SIGV4_DATE_SIZE], seed[256];
	const char *steps[] = {scope->region, scope->service, "aws4_request"};
	int n = snprintf(seed, sizeof(seed), "AWS4%s", scope->secret_key);
	bool ok = false;

	if (n < 0 || (size_t)n >= sizeof(seed) || !sigv4_date(scope->now, date))
		goto out;
	ok = digest_hmac_sha256(seed, (size_t)n, date, DAY_LEN, key);
	for (size_t i = 0; ok && i < sizeof(steps) / sizeof(steps[0]); i++)
		ok = digest_hmac_sha256(key, DIGEST_SHA256_LEN, steps[i], strlen(steps[i]), key);
out:
	secret_wipe(seed, sizeof(seed));
	return ok;
}

bool
sigv4_signature(const struct sigv4_scope *scope, const struct buf *string_to_sign,
    char out[SIGV4_SIGNATURE_SIZE])
{
	unsigned char key[DIGEST_SHA256_LEN], signature[DIGEST_SHA256_LEN];
	bool ok;

	ok = signing_key(scope, key) &&
	    digest_hmac_sha256(
		key, sizeof(key), buf_string(string_to_sign), string_to_sign->len, signature);
	if (ok)
		digest_hex(signature, sizeof(signature), out);
	else
		out[0] = '\0';
	secret_wipe(key, sizeof(key));
	return ok;
}

bool
sigv4_authorization(const struct sigv4_scope *scope, const char *signed_headers,
    const char *signature, struct buf *authorization)
{
	char date[SIGV4_DATE_SIZE];

	if (!sigv4_date(scope->now, date))
		return false;
	buf_add_format(authorization,
	    "%s Credential=%s/%.*s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s", ALGORITHM,
	    scope->access_key, DAY_LEN, date, scope->region, scope->service, signed_headers,
	    signature);
	return !authorization->failed;
}

bool
sigv4_sign(
    const struct sigv4_request *request, const struct sigv4_scope *scope, struct buf *authorization)
{
	struct buf canonical, names, string_to_sign;
	char signature[SIGV4_SIGNATURE_SIZE];
	bool ok;

	buf_init(&canonical, 0);
	buf_init(&names, 0);
	buf_init(&string_to_sign, 0);
	ok = sigv4_canonical(request, &canonical, &names) &&
	    sigv4_string_to_sign(scope, &canonical, &string_to_sign) &&
	    sigv4_signature(scope, &string_to_sign, signature) &&
	    sigv4_authorization(scope, buf_string(&names), signature, authorization);
	buf_free(&canonical);
	buf_free(&names);
	buf_free(&string_to_sign);
	return ok;
}
