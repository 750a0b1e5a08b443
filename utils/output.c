/* SPDX-License-Identifier: BSD-2-Clause */
#include "utils/output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/log.h"
#include "core/password.h"

#define LABEL_WIDTH 22

void
output_time(int64_t seconds, char out[OUTPUT_TIME_SIZE])
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (seconds <= 0 || gmtime_r(&when, &tm) == NULL ||
	    strftime(out, OUTPUT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, OUTPUT_TIME_SIZE, "-");
}

/* Stored text is checked when it is read; escaping holds even if that were forgotten. */
static void
print_text(FILE *out, const char *text)
{
	size_t size = strlen(text) * 4 + 1;
	char *line = malloc(size);

	if (line != NULL && log_escape(line, size, text, strlen(text)))
		(void)fputs(line, out);
	free(line);
}

static void
print_line(FILE *out, const char *label, const char *text)
{
	int width = LABEL_WIDTH - (int)strlen(label) - 1;

	(void)fprintf(out, "%s:%*s", label, width > 1 ? width : 1, "");
	print_text(out, text);
	(void)fputc('\n', out);
}

static void
print_list(FILE *out, const char *separator, const struct strlist *list)
{
	size_t i;

	for (i = 0; i < list->len; i++) {
		if (i > 0)
			(void)fputs(separator, out);
		print_text(out, list->items[i]);
	}
}

static void
print_number(FILE *out, const struct field *field, int64_t number)
{
	char text[OUTPUT_TIME_SIZE];

	if (field->flags & FIELD_TIME)
		output_time(number, text);
	else
		(void)snprintf(text, sizeof(text), "%" PRId64, number);
	print_line(out, field->name, text);
}

static void
print_pairs(FILE *out, const struct field *field, const struct pairs *pairs)
{
	char label[LABEL_WIDTH];
	size_t i;

	for (i = 0; i < pairs->names.len; i++) {
		(void)snprintf(label, sizeof(label), "%s.%s", field->name, pairs->names.items[i]);
		print_line(out, label, pairs->values.items[i]);
	}
}

static void
print_field(FILE *out, const struct field *field, void *record)
{
	const struct strlist *list;
	size_t i;

	switch (field->type) {
	case FIELD_STRING:
		print_line(out, field->name, *record_string(record, field));
		break;
	case FIELD_NUMBER:
		print_number(out, field, *record_number(record, field));
		break;
	case FIELD_BOOL:
		print_line(out, field->name, "yes");
		break;
	case FIELD_SET:
		(void)fprintf(
		    out, "%s:%*s", field->name, LABEL_WIDTH - (int)strlen(field->name) - 1, "");
		print_list(out, " ", record_list(record, field));
		(void)fputc('\n', out);
		break;
	case FIELD_LIST:
		list = record_list(record, field);
		for (i = 0; i < list->len; i++)
			print_line(out, field->name, list->items[i]);
		break;
	case FIELD_MAP:
		print_pairs(out, field, record_pairs(record, field));
		break;
	}
}

static void
print_state(FILE *out, const struct output_account *account)
{
	char when[OUTPUT_TIME_SIZE];
	const struct state *last = account->last;

	if (account->fail != NULL) {
		(void)fprintf(out, "%-*s%" PRId64 "\n", LABEL_WIDTH,
		    "failures:", state_count(account->fail, account->limit, account->now));
		output_time(account->fail->locked_until, when);
		if (state_locked(account->fail, account->now))
			print_line(out, "locked_until", when);
		else
			print_line(out, "locked", "no");
	}
	if (last != NULL) {
		output_time(last->at, when);
		print_line(out, "last_login", last->at == 0 ? "never seen" : when);
		if (last->host != NULL)
			print_line(out, "last_login.host", last->host);
		if (last->service != NULL)
			print_line(out, "last_login.service", last->service);
		if (last->source != NULL)
			print_line(out, "last_login.source", last->source);
	}
}

/* The kind of hash, never the hash. */
static void
print_secret(FILE *out, const struct field *field, void *record)
{
	const char *encoded = record_absent(field, record) ? NULL : *record_string(record, field);
	const char *format = encoded == NULL ? NULL : password_format_name(encoded);
	char text[64];

	(void)snprintf(text, sizeof(text), "set (%s)", format == NULL ? "no known hash" : format);
	print_line(out, field->name, encoded == NULL ? "none" : text);
}

void
output_account_text(FILE *out, const struct output_account *account)
{
	/* The accessors take writable records; nothing is written here. */
	void *record = (void *)(uintptr_t)account->user;
	size_t i;

	for (i = 0; i < user_type.field_count; i++) {
		const struct field *field = &user_type.fields[i];

		if (field->flags & FIELD_SECRET)
			print_secret(out, field, record);
		else if (!record_absent(field, record))
			print_field(out, field, record);
	}
	print_state(out, account);
	for (i = 0; account->notes != NULL && i < account->notes->len; i++)
		print_line(out, "note", account->notes->items[i]);
}

static struct json *
list_json(const struct strlist *list)
{
	struct json *array = json_new_array();
	size_t i;

	for (i = 0; i < list->len && array != NULL; i++) {
		if (!json_append(array, json_new_string(list->items[i]))) {
			json_free(array);
			array = NULL;
		}
	}
	return array;
}

static struct json *
pairs_json(const struct pairs *pairs)
{
	struct json *object = json_new_object();
	size_t i;

	for (i = 0; i < pairs->names.len && object != NULL; i++) {
		if (!json_put(
			object, pairs->names.items[i], json_new_string(pairs->values.items[i]))) {
			json_free(object);
			object = NULL;
		}
	}
	return object;
}

static struct json *
field_json(const struct field *field, void *record)
{
	switch (field->type) {
	case FIELD_STRING:
		return json_new_string(*record_string(record, field));
	case FIELD_NUMBER:
		return json_new_int(*record_number(record, field));
	case FIELD_BOOL:
		return json_new_bool(*record_bool(record, field));
	case FIELD_SET:
	case FIELD_LIST:
		return list_json(record_list(record, field));
	case FIELD_MAP:
		return pairs_json(record_pairs(record, field));
	}
	return NULL;
}

static bool
put_secret(struct json *object, const struct field *field, void *record)
{
	const char *encoded = record_absent(field, record) ? NULL : *record_string(record, field);
	const char *format = encoded == NULL ? NULL : password_format_name(encoded);
	char name[64];

	(void)snprintf(name, sizeof(name), "has_%s", field->name);
	if (!json_put(object, name, json_new_bool(encoded != NULL)))
		return false;
	(void)snprintf(name, sizeof(name), "%s_format", field->name);
	return format == NULL || json_put(object, name, json_new_string(format));
}

static bool
put_field(struct json *object, const struct field *field, void *record)
{
	if (field->flags & FIELD_SECRET)
		return put_secret(object, field, record);
	if ((field->type == FIELD_STRING || field->type == FIELD_NUMBER) &&
	    record_absent(field, record))
		return true;
	return json_put(object, field->name, field_json(field, record));
}

static bool
put_text(struct json *object, const char *name, const char *text)
{
	return text == NULL || json_put(object, name, json_new_string(text));
}

static bool
put_fail(struct json *object, const struct output_account *account)
{
	const struct state *fail = account->fail;
	bool locked;

	if (fail == NULL)
		return true;
	locked = state_locked(fail, account->now);
	return json_put(object, "failures",
		   json_new_int(state_count(fail, account->limit, account->now))) &&
	    json_put(object, "locked", json_new_bool(locked)) &&
	    (!locked || json_put(object, "locked_until", json_new_int(fail->locked_until)));
}

static bool
put_last(struct json *object, const struct output_account *account)
{
	const struct state *last = account->last;
	struct json *child;

	if (last == NULL || last->at == 0)
		return true;
	child = json_new_object();
	if (child == NULL || !json_put(child, "at", json_new_int(last->at)) ||
	    !put_text(child, "host", last->host) || !put_text(child, "service", last->service) ||
	    !put_text(child, "source", last->source)) {
		json_free(child);
		return false;
	}
	return json_put(object, "last_login", child);
}

struct json *
output_account_json(const struct output_account *account)
{
	void *record = (void *)(uintptr_t)account->user;
	struct json *object = json_new_object();
	bool good = object != NULL;
	size_t i;

	for (i = 0; i < user_type.field_count && good; i++)
		good = put_field(object, &user_type.fields[i], record);
	if (good && put_fail(object, account) && put_last(object, account) &&
	    (account->notes == NULL || json_put(object, "notes", list_json(account->notes))))
		return object;
	json_free(object);
	return NULL;
}

void
output_list_head(FILE *out)
{
	(void)fprintf(out, "%-20s %-16s %10s  %s\n", "NAME", "STATUS", "UID", "HOSTS");
}

void
output_list_line(FILE *out, const struct user *user)
{
	(void)fprintf(out, "%-20s %-16s ", user->username, user->status);
	if (user->uid == 0)
		(void)fprintf(out, "%10s  ", "-");
	else
		(void)fprintf(out, "%10" PRId64 "  ", user->uid);
	if (user->hosts.len == 0)
		(void)fputc('-', out);
	print_list(out, " ", &user->hosts);
	(void)fputc('\n', out);
}
