/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/web_key.h"

#include <string.h>

#include "web/safe_file.h"

#define FILE_SIZE 1024

static const char *
add(struct web_keys *keys, char *line)
{
	char *blank = strchr(line, ' ');
	size_t n = keys->count;

	if (n == WEB_KEYS_MAX)
		return "more than two keys";
	if (blank == NULL || blank == line || blank - line >= WEB_KEY_ID_SIZE)
		return "a line is not `ID HEX`";
	*blank = '\0';
	if (n == 1 && strcmp(keys->list[0].id, line) == 0)
		return "two keys of one id";
	if (!secret_from_hex(blank + 1, keys->list[n].key, SECRET_KEY_LEN))
		return "a key is not 64 hex digits";
	strcpy(keys->list[n].id, line);
	keys->count++;
	return NULL;
}

bool
web_key_parse(char *text, struct web_keys *out, const char **why)
{
	char *rest = text;
	char *line;

	*why = NULL;
	memset(out, 0, sizeof(*out));
	while (*why == NULL && (line = strsep(&rest, "\n")) != NULL) {
		if (*line != '\0' && *line != '#')
			*why = add(out, line);
	}
	if (*why == NULL && out->count == 0)
		*why = "no key in it";
	if (*why != NULL)
		secret_wipe(out, sizeof(*out));
	return *why == NULL;
}

bool
web_key_read(const char *path, struct web_keys *out, const char **why)
{
	char text[FILE_SIZE];
	bool good = safe_file_read(path, text, sizeof(text), why) && web_key_parse(text, out, why);

	secret_wipe(text, sizeof(text));
	return good;
}
