/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/blocklist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/nfc.h"
#include "core/password.h"
#include "core/utf8.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define COMMENT "#!comment:"
#define WHY_SIZE 256

struct blocklist {
	struct buf text; /* each with its NUL */
	const char **sorted;
	size_t count;
	bool unusable;
};

/* One list while it is read. */
struct reading {
	struct blocklist *list;
	size_t min_length;
	size_t line; /* 0: the file as a whole */
	char why[WHY_SIZE];
};

static void
wrong(struct reading *reading, const char *why)
{
	(void)snprintf(reading->why, sizeof(reading->why), "%s", why);
}

/* The password of one line without its end. */
static bool
add_line(struct reading *reading, const char *text, size_t len)
{
	char folded[NFC_EXPANSION * PASSWORD_NEW_MAX + 1];
	size_t folded_len = 0;
	size_t points = 0;

	if (len >= strlen(COMMENT) && memcmp(text, COMMENT, strlen(COMMENT)) == 0)
		return true;
	if (len > PASSWORD_NEW_MAX) {
		wrong(reading, "longer than the 511 bytes of a password; remove it");
		return false;
	}
	if (!nfc_fold(text, len, folded, sizeof(folded), &folded_len)) {
		wrong(reading, "not UTF-8 text; remove it, or convert the file with iconv(1)");
		return false;
	}
	if (folded_len == 0 || !utf8_valid(folded, folded_len, &points) ||
	    points < reading->min_length)
		return true;
	buf_add(&reading->list->text, folded, folded_len + 1);
	if (reading->list->text.failed) {
		reading->line = 0;
		wrong(reading, "too many passwords: more than 16 MiB; leave the rarest away");
		return false;
	}
	reading->list->count++;
	return true;
}

static bool
add_lines(struct reading *reading, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	bool ok = true;

	while (ok && (len = getline(&text, &size, file)) >= 0) {
		char *from = text;

		reading->line++;
		if (len > 0 && text[len - 1] == '\n')
			len--;
		if (len > 0 && text[len - 1] == '\r')
			len--;
		if (reading->line == 1 && len >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0) {
			from += 3;
			len -= 3;
		}
		ok = add_line(reading, from, (size_t)len);
	}
	if (ok && ferror(file) != 0) {
		reading->line = 0;
		wrong(reading, "cannot be read to its end");
		ok = false;
	}
	free(text);
	return ok;
}

/* False: reading->why says what is wrong. */
static bool
add_file(struct reading *reading, const char *path)
{
	int fd = conf_open_private(path, false, NULL);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	bool ok;

	if (file == NULL) {
		if (errno == ENOENT)
			wrong(reading,
			    "does not exist; install it, name another in [password], "
			    "or leave the key empty for none");
		else if (errno == EPERM || errno == ELOOP)
			wrong(
			    reading, "must be a file itself, of root, that nobody else can write");
		else
			(void)snprintf(reading->why, sizeof(reading->why), "cannot be read: %s",
			    strerrordesc_np(errno));
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	ok = add_lines(reading, file);
	(void)fclose(file);
	return ok;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum pd_error
sort(struct blocklist *list)
{
	const char *at = list->text.data;

	if (list->count == 0)
		return PD_OK;
	list->sorted = calloc(list->count, sizeof(list->sorted[0]));
	if (list->sorted == NULL)
		return PD_NO_MEMORY;
	for (size_t i = 0; i < list->count; i++) {
		list->sorted[i] = at;
		at += strlen(at) + 1;
	}
	qsort(list->sorted, list->count, sizeof(list->sorted[0]), compare);
	return PD_OK;
}

static void
report(const struct reading *reading, const char *path, const struct log *log, char *reason,
    size_t reason_size)
{
	char line[LOG_LINE_MAX];

	if (reading->line > 0)
		(void)snprintf(
		    line, sizeof(line), "%s: line %zu: %s", path, reading->line, reading->why);
	else
		(void)snprintf(line, sizeof(line), "%s: %s", path, reading->why);
	log_line(log, LOG_LEVEL_ERROR, "%s", line);
	if (reason != NULL && reason_size > 0)
		(void)log_escape(reason, reason_size, line, strlen(line));
}

enum pd_error
blocklist_load(const struct conf *conf, const struct log *log, char *reason, size_t reason_size,
    struct blocklist **out)
{
	const char *const paths[] = {conf->blocklist, conf->site_blocklist};
	struct blocklist *list = calloc(1, sizeof(*list));
	enum pd_error error = PD_OK;

	*out = NULL;
	if (list == NULL)
		return PD_NO_MEMORY;
	buf_init(&list->text, BLOCKLIST_BYTES_MAX);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && error == PD_OK; i++) {
		struct reading reading = {.list = list, .min_length = (size_t)conf->min_length};

		if (paths[i][0] == '\0' || add_file(&reading, paths[i]))
			continue;
		report(&reading, paths[i], log, reason, reason_size);
		error = PD_CONFIG;
	}
	if (error == PD_OK)
		error = sort(list);
	if (error == PD_OK) {
		*out = list;
		list = NULL;
	}
	blocklist_free(list);
	return error;
}

enum pd_error
blocklist_open_unusable(struct blocklist **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return PD_NO_MEMORY;
	buf_init(&(*out)->text, BLOCKLIST_BYTES_MAX);
	(*out)->unusable = true;
	return PD_OK;
}

bool
blocklist_usable(const struct blocklist *list)
{
	return list == NULL || !list->unusable;
}

bool
blocklist_has(const struct blocklist *list, const char *folded)
{
	return list != NULL && list->count > 0 &&
	    bsearch(&folded, list->sorted, list->count, sizeof(list->sorted[0]), compare) != NULL;
}

size_t
blocklist_count(const struct blocklist *list)
{
	return list == NULL ? 0 : list->count;
}

void
blocklist_free(struct blocklist *list)
{
	if (list == NULL)
		return;
	buf_free(&list->text);
	free(list->sorted);
	free(list);
}
