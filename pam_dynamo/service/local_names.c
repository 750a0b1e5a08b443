/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/local_names.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_START 1024u
#define LINE_MAX_SIZE (16u * 1024 * 1024) /* a group line with a very long member list */

struct entry {
	char *name;
	id_t id;
};

struct table {
	const char *path;
	struct stat seen; /* of the file that entries came from */
	bool loaded;
	struct entry *entries;
	size_t len;
	size_t size;
	/* Reads the next line; 0, ENOENT at the end, ERANGE when the buffer is too small. */
	int (*next)(FILE *file, char *line, size_t size, const char **name, id_t *id);
};

struct local_names {
	pthread_mutex_t mutex;
	const struct log *log;
	struct table users;
	struct table groups;
};

static int
next_user(FILE *file, char *line, size_t size, const char **name, id_t *id)
{
	struct passwd entry, *found = NULL;
	int error = fgetpwent_r(file, &entry, line, size, &found);

	if (error == 0 && found != NULL) {
		*name = found->pw_name;
		*id = found->pw_uid;
	}
	return error;
}

static int
next_group(FILE *file, char *line, size_t size, const char **name, id_t *id)
{
	struct group entry, *found = NULL;
	int error = fgetgrent_r(file, &entry, line, size, &found);

	if (error == 0 && found != NULL) {
		*name = found->gr_name;
		*id = found->gr_gid;
	}
	return error;
}

static void
table_clear(struct table *table)
{
	size_t i;

	for (i = 0; i < table->len; i++)
		free(table->entries[i].name);
	free(table->entries);
	table->entries = NULL;
	table->len = table->size = 0;
	table->loaded = false;
}

static bool
table_add(struct table *table, const char *name, id_t id)
{
	struct entry *grown;

	if (table->len == table->size) {
		size_t size = table->size == 0 ? 64 : table->size * 2;

		grown = reallocarray(table->entries, size, sizeof(*grown));
		if (grown == NULL)
			return false;
		table->entries = grown;
		table->size = size;
	}
	table->entries[table->len] = (struct entry){.name = strdup(name), .id = id};
	if (table->entries[table->len].name == NULL)
		return false;
	table->len++;
	return true;
}

/* Reads every line; a line that does not fit is read again into a larger buffer (the C library
 * rewinds to its start). */
static enum pd_error
table_read(struct table *table, FILE *file)
{
	size_t size = LINE_START;
	char *line = malloc(size), *grown;
	const char *name = NULL;
	id_t id = 0;
	enum pd_error result = PD_NO_MEMORY;
	int error;

	while (line != NULL) {
		error = table->next(file, line, size, &name, &id);
		if (error == ERANGE && size < LINE_MAX_SIZE) {
			grown = realloc(line, size *= 2);
			if (grown == NULL)
				goto out;
			line = grown;
			continue;
		}
		if (error != 0) {
			result = error == ENOENT ? PD_OK : PD_CONFIG;
			goto out;
		}
		if (!table_add(table, name, id))
			goto out;
	}
out:
	free(line);
	return result;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static enum pd_error
table_load(struct table *table)
{
	enum pd_error error = PD_CONFIG;
	FILE *file = NULL;
	int fd;

	table_clear(table);
	fd = open(table->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &table->seen) == 0 && (file = fdopen(fd, "re")) != NULL) {
		fd = -1;
		error = table_read(table, file);
	}
	if (file != NULL)
		fclose(file);
	if (fd >= 0)
		close(fd);
	if (error != PD_OK)
		table_clear(table);
	table->loaded = error == PD_OK;
	return error;
}

/* Makes the table current. */
static enum pd_error
table_refresh(struct table *table, const struct log *log)
{
	struct stat now;
	enum pd_error error;

	if (stat(table->path, &now) != 0) {
		error = errno == ENOENT ? PD_OK : PD_CONFIG;
		table_clear(table);
	} else if (table->loaded && same_file(&now, &table->seen)) {
		return PD_OK;
	} else {
		error = table_load(table);
	}
	if (error != PD_OK)
		log_line(log, LOG_LEVEL_ERROR,
		    "cannot read %s: %s; nobody is served until it can be read", table->path,
		    pd_error_text(error));
	return error;
}

enum pd_error
local_names_open(const char *passwd_path, const char *group_path, const struct log *log,
    struct local_names **out)
{
	struct local_names *names = calloc(1, sizeof(*names));

	*out = names;
	if (names == NULL)
		return PD_NO_MEMORY;
	pthread_mutex_init(&names->mutex, NULL);
	names->log = log;
	names->users.path = passwd_path;
	names->users.next = next_user;
	names->groups.path = group_path;
	names->groups.next = next_group;
	return PD_OK;
}

void
local_names_free(struct local_names *names)
{
	if (names == NULL)
		return;
	table_clear(&names->users);
	table_clear(&names->groups);
	pthread_mutex_destroy(&names->mutex);
	free(names);
}

/* By name, or by id where name is NULL. */
static enum pd_error
find(struct local_names *names, struct table *table, const char *name, id_t *id)
{
	enum pd_error error;
	size_t i;

	pthread_mutex_lock(&names->mutex);
	error = table_refresh(table, names->log);
	if (error == PD_OK)
		error = PD_NOT_FOUND;
	for (i = 0; error == PD_NOT_FOUND && i < table->len; i++) {
		const struct entry *entry = &table->entries[i];

		if (name != NULL ? strcmp(entry->name, name) == 0 : entry->id == *id) {
			*id = entry->id;
			error = PD_OK;
		}
	}
	pthread_mutex_unlock(&names->mutex);
	return error;
}

enum pd_error
local_names_user(struct local_names *names, const char *name, uid_t *uid)
{
	id_t id = 0;
	enum pd_error error = find(names, &names->users, name, &id);

	if (error == PD_OK && uid != NULL)
		*uid = id;
	return error;
}

enum pd_error
local_names_group(struct local_names *names, const char *name, gid_t *gid)
{
	id_t id = 0;
	enum pd_error error = find(names, &names->groups, name, &id);

	if (error == PD_OK && gid != NULL)
		*gid = id;
	return error;
}

enum pd_error
local_names_uid(struct local_names *names, uid_t uid)
{
	id_t id = uid;

	return find(names, &names->users, NULL, &id);
}

enum pd_error
local_names_gid(struct local_names *names, gid_t gid)
{
	id_t id = gid;

	return find(names, &names->groups, NULL, &id);
}
