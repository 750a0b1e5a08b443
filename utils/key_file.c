/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/key_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/session.h"

/* A key is a row of strings, each behind its length of four bytes; the first is the name of the
 * type (RFC 4253 6.6). Fed byte by byte. */
struct blob {
	const char *type;
	size_t type_len;
	size_t strings; /* begun so far */
	size_t at;      /* bytes of the current string's length and text so far */
	size_t len;     /* of the current string */
	bool wrong;
};

static void
blob_add(struct blob *blob, unsigned char byte)
{
	if (blob->at == 0) {
		blob->strings++;
		blob->len = 0;
	}
	if (blob->at < 4)
		blob->len = blob->len << 8 | byte;
	else if (blob->strings == 1 && (unsigned char)blob->type[blob->at - 4] != byte)
		blob->wrong = true;
	blob->at++;
	if (blob->at == 4 &&
	    (blob->len > KEY_FILE_MAX || (blob->strings == 1 && blob->len != blob->type_len)))
		blob->wrong = true;
	if (blob->at >= 4 && blob->at == 4 + blob->len)
		blob->at = 0;
}

static bool
blob_good(const char *base64, size_t len, const char *type, size_t type_len)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct blob blob = {.type = type, .type_len = type_len};
	uint32_t bits = 0;
	unsigned have = 0;
	size_t end = len;
	size_t i;

	if (len % 4 != 0)
		return false;
	while (end > 0 && len - end < 2 && base64[end - 1] == '=')
		end--;
	for (i = 0; i < end && !blob.wrong; i++) {
		const char *at = memchr(alphabet, base64[i], sizeof(alphabet) - 1);

		if (at == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		blob_add(&blob, (unsigned char)(bits >> have));
	}
	return !blob.wrong && blob.strings > 1 && blob.at == 0;
}

static bool
type_known(const char *type, size_t len)
{
	static const char *const types[] = {"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256",
	    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com",
	    "sk-ecdsa-sha2-nistp256@openssh.com"};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i]) == len && memcmp(types[i], type, len) == 0)
			return true;
	}
	return false;
}

/* Bytes of the options before the key type: up to a blank outside double quotes, sshd(8). */
static size_t
options_len(const char *line)
{
	bool quoted = false;
	size_t i;

	for (i = 0; line[i] != '\0' && (quoted || (line[i] != ' ' && line[i] != '\t')); i++) {
		if (line[i] == '\\' && line[i + 1] == '"')
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
	}
	return i;
}

bool
key_file_line_valid(const char *line, const char **why)
{
	size_t len = strcspn(line, " \t");
	const char *blob;

	if (strstr(line, "PRIVATE KEY") != NULL) {
		*why = "that is a private key; give the .pub file, and keep this one to yourself";
		return false;
	}
	if (!type_known(line, len)) {
		line += options_len(line);
		line += strspn(line, " \t");
		len = strcspn(line, " \t");
	}
	if (!type_known(line, len)) {
		*why = "no key type as ssh-ed25519 or ssh-rsa; give a line as in a .pub file";
		return false;
	}
	blob = line + len + strspn(line + len, " \t");
	if (!blob_good(blob, strcspn(blob, " \t"), line, len)) {
		*why = "the base64 does not hold a key of this type; was the line cut?";
		return false;
	}
	return true;
}

static enum exit_code
add_lines(FILE *file, const char *path, struct strlist *out)
{
	enum exit_code code = EXIT_CODE_OK;
	char *line = NULL;
	size_t size = 0;
	size_t total = 0;
	size_t before = out->len;
	ssize_t len;

	while (code == EXIT_CODE_OK && (len = getline(&line, &size, file)) >= 0) {
		total += (size_t)len;
		while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL && line[len - 1] != '\0')
			line[--len] = '\0';
		if (total > KEY_FILE_MAX)
			code = session_fail(EXIT_CODE_REFUSED,
			    "%s: more than %u bytes of keys; give a smaller file", path,
			    KEY_FILE_MAX);
		else if (strlen(line) != (size_t)len)
			code = session_fail(EXIT_CODE_REFUSED,
			    "%s: holds a NUL byte; give a file of SSH public keys", path);
		else if (len > 0 && line[0] != '#' && !strlist_add(out, line))
			code = session_fail_error(PD_NO_MEMORY, path);
	}
	if (code == EXIT_CODE_OK && out->len == before)
		code = session_fail(
		    EXIT_CODE_REFUSED, "%s: holds no key; give a file of SSH public keys", path);
	free(line);
	return code;
}

enum exit_code
key_file_read(const char *path, struct strlist *out)
{
	enum exit_code code;
	FILE *file;

	if (strcmp(path, "-") == 0)
		return add_lines(stdin, "standard input", out);
	file = fopen(path, "re");
	if (file == NULL)
		return session_fail(EXIT_CODE_NOT_FOUND,
		    "%s: cannot be read (%s); give a file of SSH public keys", path,
		    strerror(errno));
	code = add_lines(file, path, out);
	(void)fclose(file);
	return code;
}
