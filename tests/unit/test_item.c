/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/item.h"
#include "core/state.h"
#include "core/user.h"

static struct json *
parsed(const char *text)
{
	struct json *json = NULL;

	assert_int_equal(json_parse(text, strlen(text), &json), PD_OK);
	return json;
}

static void
expect_text(const struct json *json, const char *wanted)
{
	char *text = json_text(json, false);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

static const struct {
	const char *text;
	enum item_type type;
	bool valid;
} values[] = {
    {"{\"S\":\"x\"}", ITEM_S, true},
    {"{\"N\":\"1.5E-3\"}", ITEM_N, true},
    {"{\"N\":\"one\"}", ITEM_N, false},
    {"{\"N\":1}", ITEM_INVALID, false},
    {"{\"B\":\"aGk=\"}", ITEM_B, true},
    {"{\"B\":\"aGk\"}", ITEM_B, false},
    {"{\"B\":\"a=k=\"}", ITEM_B, false},
    {"{\"B\":\"====\"}", ITEM_B, false},
    {"{\"BOOL\":false}", ITEM_BOOL, true},
    {"{\"BOOL\":\"false\"}", ITEM_INVALID, false},
    {"{\"NULL\":true}", ITEM_NULL, true},
    {"{\"NULL\":false}", ITEM_NULL, false},
    {"{\"M\":{\"a\":{\"L\":[{\"S\":\"\"},{\"NULL\":true}]}}}", ITEM_M, true},
    {"{\"M\":{\"a\":\"b\"}}", ITEM_M, false},
    {"{\"L\":[]}", ITEM_L, true},
    {"{\"L\":[\"x\"]}", ITEM_L, false},
    {"{\"SS\":[\"a\",\"b\"]}", ITEM_SS, true},
    {"{\"SS\":[1]}", ITEM_SS, false},
    {"{\"NS\":[\"1\",\"2\"]}", ITEM_NS, true},
    {"{\"NS\":[\"a\"]}", ITEM_NS, false},
    {"{\"BS\":[\"aGk=\"]}", ITEM_BS, true},
    {"{\"BS\":[\"!\"]}", ITEM_BS, false},
    {"{}", ITEM_INVALID, false},
    {"{\"S\":\"x\",\"N\":\"1\"}", ITEM_INVALID, false},
    {"{\"X\":\"x\"}", ITEM_INVALID, false},
    {"\"S\"", ITEM_INVALID, false},
};

static void
types_of_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		struct json *json = parsed(values[i].text);

		if (item_type(json, NULL) != values[i].type || item_valid(json) != values[i].valid)
			fail_msg(
			    "%s: %d %d", values[i].text, item_type(json, NULL), item_valid(json));
		json_free(json);
	}
	assert_int_equal(item_type(NULL, NULL), ITEM_INVALID);
}

#define WHOLE                                                                                  \
	"{\"username\":{\"S\":\"alice\"},\"schema\":{\"N\":\"1\"},\"version\":{\"N\":\"3\"},"  \
	"\"status\":{\"S\":\"active\"},\"password_must_change\":{\"BOOL\":true},"              \
	"\"groups\":{\"SS\":[\"wheel\",\"staff\"]},\"ssh_keys\":{\"L\":[{\"S\":\"ssh-ed25519 " \
	"A\"}]},"                                                                              \
	"\"profile\":{\"M\":{\"town\":{\"S\":\"Basel\"}}}}"

static void
a_record_there_and_back(void **state)
{
	struct json *json = parsed(WHOLE), *again;
	const struct field *bad = NULL;
	struct user user;

	(void)state;
	assert_int_equal(item_read(&user_type, json, &user, &bad), PD_OK);
	assert_null(bad);
	assert_string_equal(user.username, "alice");
	assert_int_equal(user.version, 3);
	assert_true(user.password_must_change);
	assert_true(strlist_has(&user.groups, "staff"));
	assert_string_equal(user.ssh_keys.items[0], "ssh-ed25519 A");
	assert_string_equal(pairs_get(&user.profile, "town"), "Basel");
	assert_null(user.email);
	again = item_write(&user_type, &user);
	expect_text(again, WHOLE);
	json_free(again);
	json_free(json);
	user_free(&user);
}

/* What other writers leave: plain in meaning, other in type. */
static void
other_writers_are_understood(void **state)
{
	struct json *json = parsed(
	    "{\"username\":{\"S\":\"alice\"},\"schema\":{\"S\":\"1\"},"
	    "\"version\":{\"N\":\"1E+1\"},\"status\":{\"B\":\"YWN0aXZl\"},"
	    "\"password_must_change\":{\"N\":\"1\"},\"email_verified\":{\"N\":\"0\"},"
	    "\"email\":{\"NULL\":true},\"full_name\":{\"S\":\"\"},\"uid\":{\"S\":\"\"},"
	    "\"groups\":{\"L\":[{\"S\":\"a\"},{\"S\":\"a\"},{\"S\":\"b\"}]},"
	    "\"ssh_keys\":{\"SS\":[\"k\"]},\"hosts\":{\"L\":[]},"
	    "\"profile\":{\"M\":{\"age\":{\"N\":\"7\"},\"ok\":{\"BOOL\":true},"
	    "\"no\":{\"NULL\":true}}},\"unknown\":{\"NS\":[\"1\"]}}");
	const struct field *bad = NULL;
	struct user user;

	(void)state;
	assert_int_equal(item_read(&user_type, json, &user, &bad), PD_OK);
	assert_int_equal(user.schema, 1);
	assert_int_equal(user.version, 10);
	assert_string_equal(user.status, "active");
	assert_true(user.password_must_change);
	assert_false(user.email_verified);
	assert_null(user.email);
	assert_null(user.full_name);
	assert_int_equal(user.uid, 0);
	assert_int_equal(user.groups.len, 2);
	assert_int_equal(user.ssh_keys.len, 1);
	assert_int_equal(user.hosts.len, 0);
	assert_string_equal(pairs_get(&user.profile, "age"), "7");
	assert_string_equal(pairs_get(&user.profile, "ok"), "true");
	assert_null(pairs_get(&user.profile, "no"));
	user_free(&user);
	json_free(json);
}

static const struct {
	const char *text;
	const char *field;
} corrupt[] = {
    {"{\"username\":{\"N\":\"1\"}}", "username"},
    {"{\"username\":\"alice\"}", "username"},
    {"{\"username\":{\"S\":\"a\\u0000b\"}}", "username"},
    {"{\"password\":{\"B\":\"AA==\"}}", "password"},
    {"{\"password\":{\"B\":\"?\"}}", "password"},
    {"{\"version\":{\"N\":\"1.5\"}}", "version"},
    {"{\"version\":{\"S\":\"x\"}}", "version"},
    {"{\"version\":{\"BOOL\":true}}", "version"},
    {"{\"password_must_change\":{\"N\":\"2\"}}", "password_must_change"},
    {"{\"password_must_change\":{\"S\":\"true\"}}", "password_must_change"},
    {"{\"groups\":{\"S\":\"a\"}}", "groups"},
    {"{\"groups\":{\"L\":[{\"N\":\"1\"}]}}", "groups"},
    {"{\"groups\":{\"NS\":[\"1\"]}}", "groups"},
    {"{\"profile\":{\"L\":[]}}", "profile"},
    {"{\"services\":{\"L\":[]}}", "services"},
    {"{\"services\":{\"SS\":[]}}", "services"},
    {"{\"uid\":{\"N\":\"0\"}}", "uid"},
    {"{\"account_expires_at\":{\"S\":\"0\"}}", "account_expires_at"},
    {"{\"profile\":{\"M\":{\"a\":{\"L\":[]}}}}", "profile"},
    {"{\"profile\":{\"M\":{\"a\":\"b\"}}}", "profile"},
};

static void
wrong_types_are_corrupt(void **state)
{
	static const struct user empty;
	struct user user;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(corrupt); i++) {
		struct json *json = parsed(corrupt[i].text);
		const struct field *bad = NULL;

		assert_int_equal(item_read(&user_type, json, &user, &bad), PD_CORRUPT);
		assert_non_null(bad);
		assert_string_equal(bad->name, corrupt[i].field);
		assert_memory_equal(&user, &empty, sizeof(user));
		json_free(json);
	}
}

static void
states_too(void **state)
{
	struct json *json = parsed(
	    "{\"id\":{\"S\":\"fail#a\"},\"version\":{\"N\":\"2\"},\"count\":{\"N\":\"9\"},"
	    "\"attempts\":{\"L\":[{\"S\":\"b\"},{\"S\":\"a\"}]}}");
	struct state one;

	(void)state;
	assert_int_equal(item_read(&state_type, json, &one, NULL), PD_OK);
	assert_int_equal(one.count, 9);
	assert_string_equal(one.attempts.items[0], "b");
	state_free(&one);
	json_free(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types_of_values),
	    cmocka_unit_test(a_record_there_and_back),
	    cmocka_unit_test(other_writers_are_understood),
	    cmocka_unit_test(wrong_types_are_corrupt),
	    cmocka_unit_test(states_too),
	};

	return cmocka_run_group_tests_name("item", tests, NULL, NULL);
}
