/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/generation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/trusted.h"

void
generation_free(struct generation *generation)
{
	login_close(generation->login);
	if (generation->home == NULL)
		store_close(generation->store);
	generation_drop(generation->home);
	blocklist_free(generation->blocklist);
	reserved_names_free(generation->reserved);
	conf_free(&generation->conf);
	free(generation);
}

static enum pd_error
find_host(struct generation *generation)
{
	char own[GENERATION_HOST_SIZE] = {0};
	const char *name = generation->conf.host_name;
	size_t len;

	if (name == NULL || name[0] == '\0') {
		if (gethostname(own, sizeof(own) - 1) != 0)
			return PD_CONFIG;
		name = own;
	}
	len = strlen(name);
	if (len == 0 || len >= sizeof(generation->host))
		return PD_CONFIG;
	memcpy(generation->host, name, len + 1);
	memcpy(generation->host_short, name, len + 1);
	generation->host_short[strcspn(name, ".")] = '\0';
	return PD_OK;
}

static bool
same_value(const struct conf_key *key, const struct conf *a, const struct conf *b)
{
	const char *one = (const char *)a + key->offset;
	const char *two = (const char *)b + key->offset;

	switch (key->type) {
	case CONF_STRING:
		return strcmp(*(char *const *)one, *(char *const *)two) == 0;
	case CONF_NUMBER:
		return *(const int64_t *)one == *(const int64_t *)two;
	case CONF_BOOL:
		return *(const bool *)one == *(const bool *)two;
	case CONF_ENUM:
		return memcmp(one, two, sizeof(enum conf_engine)) == 0;
	case CONF_LIST:
		return strlist_equal((const void *)one, (const void *)two);
	}
	return false;
}

/* Everything that a store borrows. */
static bool
same_store(const struct conf *a, const struct conf *b)
{
	static const char *const sections[] = {"store", "dynamodb", "attributes", "users", "log"};
	size_t i, j;

	for (i = 0; i < conf_key_count; i++)
		for (j = 0; j < sizeof(sections) / sizeof(sections[0]); j++)
			if (strcmp(conf_keys[i].section, sections[j]) == 0 &&
			    !same_value(&conf_keys[i], a, b))
				return false;
	return true;
}

static enum pd_error
open_store(struct generation *generation, struct generation *before)
{
	if (before == NULL || !same_store(&generation->conf, &before->conf) ||
	    !store_renew(before->store))
		return store_open(
		    &generation->conf, STORE_CALLER_SERVICE, &generation->log, &generation->store);
	generation->home = generation_take(before->home != NULL ? before->home : before);
	generation->store = before->store;
	return PD_OK;
}

/* Lists concern new passwords alone: without them logins go on. A reload keeps what it had. */
static enum pd_error
load_lists(struct generation *generation, bool first)
{
	const struct log *log = &generation->log;
	enum pd_error error = blocklist_load(
	    &generation->conf, log, NULL, 0, &generation->blocklist);

	if (error != PD_CONFIG || !first)
		return error;
	log_line(log, LOG_LEVEL_ERROR, "no password can be changed until the list is mended");
	return blocklist_open_unusable(&generation->blocklist);
}

static enum pd_error
open_parts(struct generation *generation, struct login_guard *guard, struct generation *before)
{
	const struct log *log = &generation->log;
	enum pd_error error;

	error = find_host(generation);
	if (error != PD_OK) {
		log_line(log, LOG_LEVEL_ERROR, "no usable host name: set [host] name");
		return error;
	}
	error = open_store(generation, before);
	if (error != PD_OK) {
		log_line(log, LOG_LEVEL_ERROR, "cannot open the store: %s", pd_error_text(error));
		return error;
	}
	error = load_lists(generation, before == NULL);
	if (error == PD_OK && generation->conf.registration != CONF_REGISTRATION_OFF)
		error = reserved_names_load(generation->conf.reserved_names,
		    generation->conf.site_reserved_names, log, &generation->reserved);
	if (error != PD_OK)
		return error;
	error = login_open(&generation->conf, generation->store, guard, generation->blocklist, log,
	    &generation->login);
	if (error != PD_OK)
		log_line(log, LOG_LEVEL_ERROR, "cannot prepare logins: %s", pd_error_text(error));
	return error;
}

enum pd_error
generation_load(const char *path, struct login_guard *guard, const struct log *log,
    struct generation *before, struct generation **out)
{
	struct generation *generation = calloc(1, sizeof(*generation));
	enum pd_error error;

	*out = NULL;
	if (generation == NULL)
		return PD_NO_MEMORY;
	atomic_init(&generation->references, 1);
	error = conf_load(path, log, NULL, 0, &generation->conf);
	if (error != PD_OK) {
		free(generation);
		return error;
	}
	generation->log = *log;
	generation->log.level = generation->conf.log_level;
	error = open_parts(generation, guard, before);
	if (error != PD_OK) {
		generation_free(generation);
		return error;
	}
	trusted_warn(&generation->conf, LOCAL_NAMES_PASSWD, &generation->log);
	*out = generation;
	return PD_OK;
}

struct generation *
generation_take(struct generation *generation)
{
	atomic_fetch_add(&generation->references, 1);
	return generation;
}

void
generation_drop(struct generation *generation)
{
	if (generation != NULL && generation_leave(generation))
		generation_free(generation);
}

bool
generation_leave(struct generation *generation)
{
	return atomic_fetch_sub(&generation->references, 1) == 1;
}
