/* SPDX-License-Identifier: BSD-2-Clause */
/* map check: what is understood of a users table that other software made. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/attribute_survey.h"
#include "core/number.h"
#include "utils/command.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 100000
#define MAP_CALL_MS 60000
#define HOST_SIZE 256
#define TALLY_SIZE 400

/* The host that is asked about, as a login sees it. */
struct host {
	char full[HOST_SIZE];
	char brief[HOST_SIZE];
	struct policy_context context;
};

static void
name_host(const struct session *session, struct host *host)
{
	const struct conf *conf = &session->conf;

	memset(host, 0, sizeof(*host));
	if (conf->host_name[0] != '\0')
		(void)snprintf(host->full, sizeof(host->full), "%s", conf->host_name);
	else
		(void)gethostname(host->full, sizeof(host->full) - 1);
	(void)snprintf(host->brief, sizeof(host->brief), "%s", host->full);
	host->brief[strcspn(host->brief, ".")] = '\0';
	host->context = (struct policy_context){.host_short = host->brief,
	    .host_full = host->full,
	    .host_groups = &conf->host_groups,
	    .now = store_now(session->store),
	    .minimum_uid = conf->minimum_uid,
	    .max_age_days = conf->max_age_days,
	    .local_allowed = conf->local_names == CONF_LOCAL_ALLOW ||
		conf->names == CONF_NAMES_EMAIL};
}

/* One line of the result; control bytes are escaped. */
static void __attribute__((format(printf, 1, 2))) print(const char *format, ...)
{
	char text[SESSION_LINE_MAX];
	char line[sizeof(text) * 4];
	va_list args;
	size_t len;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	(void)log_escape(line, sizeof(line), text, len);
	(void)puts(line);
}

/* "active 17, disabled 3", and how many are not named. */
static const char *
tally_text(const struct attribute_tally *tally, char out[TALLY_SIZE])
{
	size_t used = 0, told = 0;

	out[0] = '\0';
	for (size_t i = 0; i < tally->words.len && used < TALLY_SIZE; i++) {
		int n = snprintf(out + used, TALLY_SIZE - used, "%s%s %zu", i > 0 ? ", " : "",
		    tally->words.items[i], tally->counts[i]);

		if (n < 0 || (size_t)n >= TALLY_SIZE - used - 32) {
			out[used] = '\0';
			break;
		}
		used += (size_t)n;
		told += tally->counts[i];
	}
	if (told < tally->sum)
		(void)snprintf(out + used, TALLY_SIZE - used, "%sand %zu more",
		    used > 0 ? ", " : "", tally->sum - told);
	return out;
}

static const char *
field_text(const struct attribute_survey_row *row)
{
	static const char *const texts[][2] = {{"username", "the name"},
	    {"partition", "the partition"}, {"salt", "salt of password"},
	    {"profile", "profile_fields"}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(row->field, texts[i][0]) == 0)
			return texts[i][1];
	return row->field;
}

static void
print_rows(const struct attribute_survey *survey)
{
	char types[TALLY_SIZE];

	print("%-24s %-22s %5s  %-16s %s", "ATTRIBUTE", "FIELD", "ITEMS", "TYPES", "EXAMPLE");
	for (size_t i = 0; i < survey->row_count; i++) {
		const struct attribute_survey_row *row = &survey->rows[i];

		print("%-24s %-22s %5zu  %-16s %s", row->attribute, field_text(row), row->types.sum,
		    row->types.sum > 0 ? tally_text(&row->types, types) : "-",
		    row->secret && row->types.sum > 0 ? "(not shown)" : row->example);
	}
}

/* What to do about a reason; NULL: nothing, the record means it. */
static const char *
reason_advice(const char *reason)
{
	static const char *const advice[][2] = {
	    {"host-not-allowed",
		"their hosts do not hold this one: name the attribute with hosts, or set "
		"default_hosts"},
	    {"no-uid",
		"they have no uid: name the attribute with uid, or set local_names = allow on "
		"hosts whose users are not those of the machine"},
	    {"low-uid", "their uid is below minimum_uid"},
	    {"service-not-allowed", "their services are counted for no service in particular"},
	    {"password-expired",
		"their password is older than max_age_days: name the attribute with "
		"password_changed_at, or do not let passwords age"},
	};

	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		if (strcmp(reason, advice[i][0]) == 0)
			return advice[i][1];
	return NULL;
}

static void
print_reasons(const struct attribute_survey *survey)
{
	for (size_t i = 0; i < survey->reasons.words.len; i++) {
		const char *reason = survey->reasons.words.items[i];
		const char *advice = reason_advice(reason);

		if (strcmp(reason, "good") != 0)
			print("    %s: %zu%s%s", reason, survey->reasons.counts[i],
			    advice != NULL ? "; " : "", advice != NULL ? advice : "");
	}
	for (size_t i = 0; i < survey->hashes.words.len; i++)
		if (strcmp(survey->hashes.words.items[i], "not understood") == 0)
			print("    passwords not understood: %zu; plain text, or hashed in a way "
			      "that is not known: nobody logs in by them",
			    survey->hashes.counts[i]);
}

static void
print_bad(const struct attribute_survey *survey)
{
	char text[TALLY_SIZE];

	if (survey->elsewhere > 0)
		print("no string as a name, or of another partition: %zu", survey->elsewhere);
	if (survey->names.sum > 0) {
		print("names that no user can have, who cannot log in: %zu", survey->names.sum);
		for (size_t i = 0; i < survey->names.words.len && i < 10; i++)
			print("    %s", survey->names.words.items[i]);
	}
	if (survey->corrupt.sum > 0) {
		print("records that break a rule, who cannot log in: %zu", survey->corrupt.sum);
		for (size_t i = 0; i < survey->corrupt.words.len; i++)
			print("    %s", survey->corrupt.words.items[i]);
	}
	if (survey->others.sum > 0)
		print("attributes that mean nothing here: %s", tally_text(&survey->others, text));
}

static void
print_survey(const struct attribute_survey *survey, const struct host *host)
{
	const struct conf *conf = survey->conf;
	char text[TALLY_SIZE];

	print("table %s, %s: %zu items read", conf->users_table,
	    !conf_attributes_mapped(conf)   ? "ours"
		: conf->attributes.writable ? "not ours, written"
					    : "not ours, only read",
	    survey->items);
	print_rows(survey);
	print_bad(survey);
	print(
	    "understood: %zu users, %zu of them with a uid", survey->understood, survey->with_uid);
	if (survey->understood > 0) {
		print("passwords: %s", tally_text(&survey->hashes, text));
		print("status: %s", tally_text(&survey->statuses, text));
	}
	print("on this host (%s) %zu of %zu may log in by password", host->full, survey->may_log_in,
	    survey->items);
	if (survey->not_resolved > 0)
		print("    not shown by the user database: %zu of these; their uid or gid is not "
		      "between uid_min and uid_max: sshd, su and sudo do not find them",
		    survey->not_resolved);
	print_reasons(survey);
}

static bool
put_count(struct json *object, const char *name, size_t number)
{
	return json_put(object, name, json_new_int((int64_t)number));
}

static struct json *
tally_json(const struct attribute_tally *tally)
{
	struct json *object = json_new_object();

	for (size_t i = 0; i < tally->words.len; i++)
		if (!put_count(object, tally->words.items[i], tally->counts[i])) {
			json_free(object);
			return NULL;
		}
	return object;
}

static struct json *
row_json(const struct attribute_survey_row *row)
{
	struct json *object = json_new_object();

	if (json_put(object, "attribute", json_new_string(row->attribute)) &&
	    json_put(object, "field", json_new_string(row->field)) &&
	    put_count(object, "items", row->types.sum) &&
	    json_put(object, "types", tally_json(&row->types)) &&
	    json_put(object, "example", json_new_string(row->example)))
		return object;
	json_free(object);
	return NULL;
}

static struct json *
rows_json(const struct attribute_survey *survey)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < survey->row_count; i++)
		if (!json_append(array, row_json(&survey->rows[i]))) {
			json_free(array);
			return NULL;
		}
	return array;
}

static struct json *
survey_json(const struct attribute_survey *survey, const struct host *host)
{
	const struct conf *conf = survey->conf;
	struct json *object = json_new_object();

	if (json_put(object, "table", json_new_string(conf->users_table)) &&
	    json_put(object, "host", json_new_string(host->full)) &&
	    json_put(object, "mapped", json_new_bool(conf_attributes_mapped(conf))) &&
	    json_put(object, "writable", json_new_bool(conf_users_writable(conf))) &&
	    put_count(object, "items", survey->items) &&
	    put_count(object, "understood", survey->understood) &&
	    put_count(object, "with_uid", survey->with_uid) &&
	    put_count(object, "may_log_in", survey->may_log_in) &&
	    put_count(object, "not_resolved", survey->not_resolved) &&
	    put_count(object, "without_name", survey->elsewhere) &&
	    json_put(object, "attributes", rows_json(survey)) &&
	    json_put(object, "other_attributes", tally_json(&survey->others)) &&
	    json_put(object, "bad_names", tally_json(&survey->names)) &&
	    json_put(object, "corrupt", tally_json(&survey->corrupt)) &&
	    json_put(object, "passwords", tally_json(&survey->hashes)) &&
	    json_put(object, "statuses", tally_json(&survey->statuses)) &&
	    json_put(object, "reasons", tally_json(&survey->reasons)))
		return object;
	json_free(object);
	return NULL;
}

static bool
take_item(void *ctx, const struct json *item)
{
	attribute_survey_add(ctx, item);
	return true;
}

static enum exit_code
conclude(
    const struct session *session, const struct attribute_survey *survey, const struct host *host)
{
	if (session->json) {
		enum exit_code code = session_print_json(survey_json(survey, host));

		if (code != EXIT_CODE_OK)
			return code;
	} else {
		print_survey(survey, host);
	}
	if (survey->corrupt.sum > 0)
		return session_fail(EXIT_CODE_CORRUPT,
		    "%zu records break a rule; correct them, or name other attributes",
		    survey->corrupt.sum);
	if (survey->may_log_in == 0)
		return session_fail(EXIT_CODE_DENIED,
		    "nobody could log in on this host; the lines above say what is missing");
	return EXIT_CODE_OK;
}

static enum exit_code
check(struct session *session, size_t limit)
{
	struct store_call call = session_call(MAP_CALL_MS);
	struct attribute_survey *survey = calloc(1, sizeof(*survey));
	struct host host;
	enum exit_code code;
	enum pd_error error = survey != NULL ? PD_OK : PD_NO_MEMORY;

	name_host(session, &host);
	if (error == PD_OK)
		error = attribute_survey_init(survey, &session->conf, &host.context);
	if (error == PD_OK)
		error = store_each_item(session->store, &call, limit, take_item, survey);
	host.context.now = store_now(session->store);
	if (error == PD_OK && survey->failed)
		error = PD_NO_MEMORY;
	code = error == PD_OK ? conclude(session, survey, &host)
			      : session_fail_error(error, "map check");
	if (survey != NULL)
		attribute_survey_free(survey);
	free(survey);
	return code;
}

enum exit_code
command_map(struct session *session)
{
	const char *value = session_value(session, OPTION_LIMIT);
	int64_t limit = LIMIT_DEFAULT;

	if (strcmp(session->words[0], "check") != 0)
		return session_fail(
		    EXIT_CODE_USAGE, "`map` has no `%s`; there is `map check`", session->words[0]);
	if (value != NULL && !number_parse(value, 1, LIMIT_MAX, &limit))
		return session_fail(
		    EXIT_CODE_USAGE, "--limit: give a number from 1 to %d", LIMIT_MAX);
	if (session->conf.engine != CONF_ENGINE_DYNAMODB)
		return session_fail(EXIT_CODE_CONFIG,
		    "only tables in DynamoDB are mapped; set engine = dynamodb in [store]");
	return check(session, (size_t)limit);
}
