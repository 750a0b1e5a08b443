/* SPDX-License-Identifier: BSD-2-Clause */
/* Every row of the table (conf_table.c has no test but this one): defaults, bounds, words. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_unit.h"
#include "core/buf.h"

static void
rows_are_complete_and_distinct(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count; i++) {
		const struct conf_key *key = &conf_keys[i];

		assert_non_null(key->section);
		assert_non_null(key->name);
		assert_non_null(key->text_default);
		assert_true(strlen(key->help) > 3);
		assert_true(key->offset < sizeof(struct conf));
		assert_int_equal(key->words != NULL, key->type == CONF_ENUM);
		assert_int_equal(
		    key->rule != NULL, key->type == CONF_STRING || key->type == CONF_LIST);
		if (key->type == CONF_NUMBER)
			assert_true(key->min >= 0 && key->max > key->min);
		for (size_t j = 0; j < i; j++) {
			assert_true(conf_keys[j].offset != key->offset);
			assert_false(strcmp(conf_keys[j].section, key->section) == 0 &&
			    strcmp(conf_keys[j].name, key->name) == 0);
		}
	}
}

static void
defaults_are_those_of_the_header(void **state)
{
	struct conf conf;

	(void)state;
	assert_int_equal(conf_init(&conf), PD_OK);
	assert_string_equal(conf.socket, "/run/pam-dynamo/login.sock");
	assert_string_equal(conf.userdb_socket, "/run/systemd/userdb/io.pam-dynamo");
	assert_int_equal(conf.workers, 8);
	assert_int_equal(conf.queue, 256);
	assert_int_equal(conf.deadline_ms, 5000);
	assert_int_equal(conf.hashes, 0);
	assert_int_equal(conf.engine, CONF_ENGINE_SQLITE);
	assert_string_equal(conf.path, "/var/lib/pam-dynamo/users.db");
	assert_string_equal(conf.region, "");
	assert_string_equal(conf.endpoint, "");
	assert_string_equal(conf.users_table, "pam_dynamo_users");
	assert_string_equal(conf.state_table, "pam_dynamo_state");
	assert_false(conf.fips);
	assert_false(conf.dual_stack);
	assert_int_equal(conf.credentials, CONF_CREDENTIALS_AUTO);
	assert_string_equal(conf.credentials_file, "/etc/pam-dynamo/credentials");
	assert_string_equal(conf.profile, "default");
	assert_string_equal(conf.profile_file, "/etc/pam-dynamo/aws-config");
	assert_string_equal(conf.container_endpoint, "");
	assert_string_equal(conf.container_token_file, "");
	assert_string_equal(conf.imds_endpoint, "http://169.254.169.254");
	assert_string_equal(conf.ca_path, "/etc/ssl/certs");
	assert_int_equal(conf.connect_timeout_ms, 1000);
	assert_int_equal(conf.attempt_timeout_ms, 1500);
	assert_string_equal(conf.host_name, "");
	assert_int_equal(conf.host_groups.len, 0);
	assert_int_equal(conf.local_names, CONF_LOCAL_REFUSE);
	assert_int_equal(conf.minimum_uid, 1000);
	assert_int_equal(conf.max_failures, 10);
	assert_int_equal(conf.failure_window_s, 900);
	assert_int_equal(conf.lockout_s, 900);
	assert_true(conf.last_login);
	assert_int_equal(conf.memory_kib, 19456);
	assert_int_equal(conf.passes, 2);
	assert_int_equal(conf.max_memory_kib, 262144);
	assert_int_equal(conf.max_passes, 16);
	assert_int_equal(conf.min_length, 15);
	assert_int_equal(conf.max_age_days, 0);
	assert_int_equal(conf.uid_min, 1879048192);
	assert_int_equal(conf.uid_max, 2147483646);
	assert_string_equal(conf.home, "/home/%u");
	assert_string_equal(conf.shell, "/bin/bash");
	assert_false(conf.enumerate);
	assert_int_equal(conf.groups.len, 0);
	assert_int_equal(conf.log_level, LOG_LEVEL_INFO);
	conf_free(&conf);
	conf_free(&conf);
	conf_free(NULL);
}

/* The value of a row in a parsed configuration, as text. */
static void
value_text(const struct conf *conf, const struct conf_key *key, struct buf *out)
{
	const char *at = (const char *)conf + key->offset;
	const struct strlist *list = (const void *)at;

	buf_reset(out);
	switch (key->type) {
	case CONF_STRING:
		buf_add_string(out, *(char *const *)(const void *)at);
		break;
	case CONF_NUMBER:
		buf_add_format(out, "%lld", (long long)*(const int64_t *)(const void *)at);
		break;
	case CONF_BOOL:
		buf_add_string(out, *(const bool *)(const void *)at ? "yes" : "no");
		break;
	case CONF_ENUM:
		for (size_t i = 0; key->words[i].word != NULL; i++) {
			if (*(const int *)(const void *)at == key->words[i].value)
				buf_add_string(out, key->words[i].word);
		}
		break;
	case CONF_LIST:
		for (size_t i = 0; i < list->len; i++)
			buf_add_format(out, "%s%s", i > 0 ? " " : "", list->items[i]);
		break;
	}
}

/* Another good value than the default for a row. */
static void
other_value(const struct conf_key *key, char *out, size_t size)
{
	static const struct {
		const char *name;
		const char *value;
	} rows[] = {
	    {"region", "eu-central-1"},
	    {"endpoint", "https://dynamodb.example:8443"},
	    {"users_table", "u.1"},
	    {"state_table", "s_2"},
	    {"profile", "login"},
	    {"container_endpoint", "http://169.254.170.23/v1/credentials"},
	    {"imds_endpoint", "http://[fd00:ec2::254]"},
	    {"name", "web-1.example"},
	    {"home", "/srv/%u/home"},
	    {"user", "www-data"},
	    {"sender", "accounts@example.org"},
	    {"url", "https://login.example.org/account"},
	};
	const char *value = "/some/path";

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(rows[i].name, key->name) == 0)
			value = rows[i].value;
	}
	if (key->type == CONF_NUMBER)
		(void)snprintf(out, size, "%lld",
		    (long long)(atoll(key->text_default) == key->max ? key->max - 1 : key->max));
	else
		(void)snprintf(out, size, "%s",
		    key->type == CONF_BOOL ? (strcmp(key->text_default, "yes") == 0 ? "no" : "yes")
			: key->type == CONF_LIST ? "one two"
			: key->type == CONF_ENUM ? key->words[1].word
						 : value);
}

static void
every_key_is_read_and_changes_itself_alone(void **state)
{
	struct buf expected, got;

	(void)state;
	buf_init(&expected, 0);
	buf_init(&got, 0);
	for (size_t i = 0; i < conf_key_count; i++) {
		const struct conf_key *key = &conf_keys[i];
		struct conf defaults, conf;
		char value[128];
		char text[512];

		if (strcmp(key->section, "attributes") == 0)
			continue; /* test_conf_attributes.c: hardly any stands alone */
		other_value(key, value, sizeof(value));
		/* What the rules between keys ask for. */
		(void)snprintf(text, sizeof(text), "[%s]\n%s = %s\n%s%s", key->section, key->name,
		    value, strcmp(key->name, "engine") == 0 ? "[dynamodb]\nregion = x\n" : "",
		    strcmp(key->name, "memory_kib") == 0   ? "max_memory_kib = 4194304\n"
			: strcmp(key->name, "passes") == 0 ? "max_passes = 1000\n"
			: strcmp(key->name, "spool") == 0
			? "sender = a@example.org\nurl = https://example.org\n"
			: "");
		conf = parse(text);
		defaults = parse("");
		for (size_t j = 0; j < conf_key_count; j++) {
			if (j != i && strstr(text, conf_keys[j].name) != NULL)
				continue;
			value_text(j == i ? &conf : &defaults, &conf_keys[j], &expected);
			value_text(&conf, &conf_keys[j], &got);
			assert_string_equal(buf_string(&got), buf_string(&expected));
		}
		value_text(&conf, key, &got);
		assert_string_equal(buf_string(&got), value);
		conf_free(&conf);
		conf_free(&defaults);
	}
	buf_free(&expected);
	buf_free(&got);
}

static void
bounds_of_every_number_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count; i++) {
		const struct conf_key *key = &conf_keys[i];
		char text[256];
		char where[256];

		if (key->type != CONF_NUMBER)
			continue;
		(void)snprintf(where, sizeof(where),
		    "FILE:2: [%s] %s: not a number in bounds; write one from %lld to %lld",
		    key->section, key->name, (long long)key->min, (long long)key->max);
		(void)snprintf(text, sizeof(text), "[%s]\n%s=%lld", key->section, key->name,
		    (long long)key->min - 1);
		assert_refused(text, where);
		(void)snprintf(text, sizeof(text), "[%s]\n%s=%lld", key->section, key->name,
		    (long long)key->max + 1);
		assert_refused(text, where);
		(void)snprintf(text, sizeof(text), "[%s]\n%s=", key->section, key->name);
		assert_refused(text, where);
	}
}

static void
every_word_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_key_count; i++) {
		const struct conf_key *key = &conf_keys[i];

		if (strcmp(key->section, "attributes") == 0)
			continue;
		for (size_t w = 0; key->words != NULL && key->words[w].word != NULL; w++) {
			struct conf conf;
			char text[256];

			(void)snprintf(text, sizeof(text),
			    "[dynamodb]\nregion=x\n[mail]\nspool=/s\n"
			    "sender=a@example.org\nurl=https://example.org\n[%s]\n%s = %s",
			    key->section, key->name, key->words[w].word);
			conf = parse(text);
			assert_int_equal(
			    *(const int *)(const void *)((const char *)&conf + key->offset),
			    key->words[w].value);
			conf_free(&conf);
		}
	}
	assert_refused("[log]\nlevel = Info\n",
	    "FILE:2: [log] level: unknown word; write one of error, warning, notice, info, debug");
}

static void
booleans_have_six_words(void **state)
{
	static const char *const words[] = {"yes", "true", "on", "no", "false", "off"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct conf conf;
		char text[64];

		(void)snprintf(text, sizeof(text), "[dynamodb]\nfips=%s", words[i]);
		conf = parse(text);
		assert_int_equal(conf.fips, i < 3);
		conf_free(&conf);
	}
	assert_refused("[dynamodb]\nfips = 1\n", "FILE:2: [dynamodb] fips: neither yes nor no;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_complete_and_distinct),
	    cmocka_unit_test(defaults_are_those_of_the_header),
	    cmocka_unit_test(every_key_is_read_and_changes_itself_alone),
	    cmocka_unit_test(bounds_of_every_number_are_exact),
	    cmocka_unit_test(every_word_is_known),
	    cmocka_unit_test(booleans_have_six_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
