/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/reserved_names.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/conf.h"
#include "core/strlist.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"
#define NAME_MIN 3
#define NAME_LONGEST 31
#define PATTERN_MAX 64 /* bytes */
#define PATH_SIZE 2048

struct reserved_names {
	struct strlist names;    /* sorted */
	struct strlist patterns; /* those with a '*' */
};

/* What is on a line, with blanks and a comment cut off; NULL: nothing. */
static char *
trim(char *line)
{
	char *end;

	line[strcspn(line, "#\r\n")] = '\0';
	line += strspn(line, " \t");
	end = line + strlen(line);
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return line[0] == '\0' ? NULL : line;
}

/* NULL: good; else what is wrong with the line. */
static const char *
add_pattern(struct reserved_names *out, const char *pattern, enum pd_error *error)
{
	bool wild = strchr(pattern, '*') != NULL;

	if (strlen(pattern) > PATTERN_MAX || pattern[strspn(pattern, LOWER DIGIT "_-*")] != '\0')
		return "not a pattern of names: write one a line, of a-z 0-9 _ - and *";
	if (!strlist_add(wild ? &out->patterns : &out->names, pattern))
		*error = PD_NO_MEMORY;
	return NULL;
}

static enum pd_error
read_lines(struct reserved_names *out, FILE *file, const char *path, const struct log *log)
{
	enum pd_error error = PD_OK;
	const char *wrong = NULL;
	unsigned number = 0;
	char *line = NULL;
	size_t size = 0;

	while (error == PD_OK && wrong == NULL && getline(&line, &size, file) >= 0) {
		const char *pattern = trim(line);

		number++;
		if (pattern != NULL)
			wrong = add_pattern(out, pattern, &error);
	}
	if (wrong != NULL)
		log_line(log, LOG_LEVEL_ERROR, "%s:%u: %s", path, number, wrong);
	else if (error == PD_OK && ferror(file) != 0)
		log_line(log, LOG_LEVEL_ERROR, "%s: cannot be read to its end", path);
	if (wrong != NULL || ferror(file) != 0)
		error = PD_CONFIG;
	free(line);
	return error;
}

static enum pd_error
read_file(struct reserved_names *out, const char *path, const struct log *log)
{
	int fd = conf_open_private(path, false, log);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	enum pd_error error;

	if (file == NULL) {
		if (fd >= 0)
			(void)close(fd);
		else if (errno == ENOENT)
			log_line(log, LOG_LEVEL_ERROR,
			    "%s: does not exist; install it: registration needs it", path);
		return PD_CONFIG;
	}
	error = read_lines(out, file, path, log);
	(void)fclose(file);
	return error;
}

static bool
is_list(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && entry->d_name[len - 1] != '~';
}

/* A site without a folder has no names of its own. */
static enum pd_error
read_site(struct reserved_names *out, const char *site, const struct log *log)
{
	DIR *folder = opendir(site);
	enum pd_error error = PD_OK;
	const struct dirent *entry;
	char path[PATH_SIZE];
	int len;

	if (folder == NULL && errno == ENOENT)
		return PD_OK;
	if (folder == NULL) {
		log_line(
		    log, LOG_LEVEL_ERROR, "%s: cannot be read: %s", site, strerrordesc_np(errno));
		return PD_CONFIG;
	}
	while (error == PD_OK && (entry = readdir(folder)) != NULL) {
		if (!is_list(entry))
			continue;
		len = snprintf(path, sizeof(path), "%s/%s", site, entry->d_name);
		error = len > 0 && (size_t)len < sizeof(path) ? read_file(out, path, log)
							      : PD_CONFIG;
	}
	(void)closedir(folder);
	return error;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum pd_error
reserved_names_load(
    const char *shipped, const char *site, const struct log *log, struct reserved_names **out)
{
	struct reserved_names *names = calloc(1, sizeof(*names));
	enum pd_error error;

	*out = NULL;
	if (names == NULL)
		return PD_NO_MEMORY;
	error = read_file(names, shipped, log);
	if (error == PD_OK && site != NULL)
		error = read_site(names, site, log);
	if (error != PD_OK) {
		reserved_names_free(names);
		return error;
	}
	if (names->names.len > 0)
		qsort(names->names.items, names->names.len, sizeof(char *), compare);
	*out = names;
	return PD_OK;
}

void
reserved_names_free(struct reserved_names *names)
{
	if (names == NULL)
		return;
	strlist_free(&names->names);
	strlist_free(&names->patterns);
	free(names);
}

bool
reserved_names_has(const struct reserved_names *names, const char *name)
{
	if (names->names.len > 0 &&
	    bsearch(&name, names->names.items, names->names.len, sizeof(char *), compare) != NULL)
		return true;
	for (size_t i = 0; i < names->patterns.len; i++)
		if (fnmatch(names->patterns.items[i], name, 0) == 0)
			return true;
	return false;
}

size_t
reserved_names_count(const struct reserved_names *names)
{
	return names->names.len + names->patterns.len;
}

bool
reserved_names_grammar(const char *name)
{
	size_t len;

	if (name == NULL || strspn(name, LOWER) == 0)
		return false;
	len = strspn(name, LOWER DIGIT "_-");
	return name[len] == '\0' && len >= NAME_MIN && len <= NAME_LONGEST &&
	    name[len - 1] != '-' && name[len - 1] != '_';
}
