/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every allocation of a call fails once: the call then says so, or does without; nothing is leaked
 * and nothing half-made is handed out. The allocator is glibc's behind a counter; a sanitizer
 * brings its own, which cannot be put behind one, so there each call runs once, undisturbed.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/conf.h"
#include "core/json.h"
#include "core/state.h"
#include "core/user.h"
#include "tests/lib/sanitized.h"

static bool watching;
static long live;    /* allocations made and not freed while watching */
static long left;    /* allocations until the one that fails; negative: none fails */
static bool refused; /* one has failed */

#if !SANITIZED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *data, size_t size);
void __libc_free(void *data);

static bool
refuse(void)
{
	if (!watching || left != 0) {
		left -= watching && left > 0;
		return false;
	}
	left = -1;
	refused = true;
	return true;
}

void *
malloc(size_t size)
{
	void *data = refuse() ? NULL : __libc_malloc(size);

	live += watching && data != NULL;
	return data;
}

void *
calloc(size_t count, size_t size)
{
	void *data = refuse() ? NULL : __libc_calloc(count, size);

	live += watching && data != NULL;
	return data;
}

void *
realloc(void *old, size_t size)
{
	void *data = refuse() ? NULL : __libc_realloc(old, size);

	live += watching && data != NULL && old == NULL;
	return data;
}

void
free(void *data)
{
	live -= watching && data != NULL;
	__libc_free(data);
}
#endif

/* Runs fn with the first allocation failing, then the second, until none fails any more. Each run
 * must free what it made and answer true when it was refused nothing. */
static void
sweep(bool (*fn)(void))
{
	for (long n = 0; n < 10000; n++) {
		bool good;

		live = 0;
		left = n;
		refused = false;
		watching = true;
		good = fn();
		watching = false;
		assert_int_equal(live, 0);
		if (!refused) {
			assert_true(good);
#if !SANITIZED
			assert_true(n > 0);
#endif
			return;
		}
		assert_false(good);
	}
	fail_msg("still refused after %d allocations", 10000);
}

/* A record with something in every field. False: no memory, and everything is freed. */
static bool
make_user(struct user *user)
{
	static const char *const texts[][2] = {
	    {"username", "alice"},
	    {"status", "active"},
	    {"password", "hash"},
	    {"full_name", "Alice"},
	    {"groups", "a,b"},
	    {"hosts", "*"},
	    {"ssh_keys", "ssh-ed25519 A\nssh-rsa B"},
	    {"profile", "city=K,room=7"},
	};

	*user = (struct user){.schema = 1, .version = 1};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const struct field *field = record_field(&user_type, texts[i][0]);

		if (record_set_text(field, user, texts[i][1]) != PD_OK) {
			user_free(user);
			return false;
		}
	}
	return true;
}

static bool
copy_user(void)
{
	struct user user;
	struct user copy;
	bool good;

	if (!make_user(&user))
		return false;
	good = user_copy(&copy, &user) == PD_OK;
	/* What could not be copied whole is empty. */
	assert_true(record_equal(&user_type, &copy, good ? &user : &(struct user){0}));
	user_free(&user);
	user_free(&copy);
	return good;
}

/* A refused change leaves the value that was there. */
static bool
change_user(void)
{
	static const char *const texts[][2] = {
	    {"full_name", "Other"}, {"groups", "x,y,z"}, {"profile", "a=1,b=2,c=3"}};
	struct user user;
	struct user before;
	bool good = false;

	if (!make_user(&user))
		return false;
	if (user_copy(&before, &user) != PD_OK)
		goto out;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const struct field *field = record_field(&user_type, texts[i][0]);
		enum pd_error error = record_set_text(field, &user, texts[i][1]);

		if (error != PD_OK) {
			assert_int_equal(error, PD_NO_MEMORY);
			assert_true(record_field_equal(field, &user, &before));
			goto out;
		}
	}
	good = pairs_set(&user.profile, "a", "9") && pairs_set(&user.profile, "d", "4");
	assert_int_equal(user.profile.names.len, user.profile.values.len);
out:
	user_free(&user);
	user_free(&before);
	return good;
}

static bool
count_events(void)
{
	static const struct state_limit limit = {.window_s = 60, .max = 3, .lockout_s = 60};
	struct state fail = {.id = strdup("fail#a")};
	bool good = fail.id != NULL;

	for (int i = 0; good && i < STATE_ATTEMPTS_MAX + 2; i++) {
		char id[3] = {(char)('a' + i / 26), (char)('a' + i % 26), '\0'};
		struct state next;

		good = state_add_event(&fail, &limit, id, 1000, &next) == PD_OK;
		if (!good)
			break;
		state_free(&fail);
		fail = next;
	}
	state_free(&fail);
	return good;
}

static bool
read_configuration(void)
{
	static const char text[] = "[store]\nengine = dynamodb\n[dynamodb]\nregion = x\n"
				   "[userdb]\ngroups = a b\n c d\n";
	struct conf conf;
	enum pd_error error = conf_parse("FILE", text, strlen(text), NULL, NULL, 0, &conf);

	if (error == PD_OK)
		assert_int_equal(conf.groups.len, 4);
	else
		assert_int_equal(error, PD_NO_MEMORY);
	conf_free(&conf);
	return error == PD_OK;
}

static bool
fill_buffer(void)
{
	struct buf buf;
	bool good;

	buf_init(&buf, 0);
	for (int i = 0; i < 2000; i++)
		buf_add_format(&buf, "%d,", i);
	good = !buf.failed;
	buf_free(&buf);
	return good;
}

static bool
build_json(void)
{
	struct json *root = json_new_object();
	struct json *list = json_new_array();
	bool good = json_append(list, json_new_int(1));
	char *text = NULL;

	good = json_append(list, json_new_string("two")) && good;
	good = json_put(root, "list", list) && good;
	good = json_put(root, "yes", json_new_bool(true)) && good;
	if (good)
		text = json_text(root, false);
	good = text != NULL;
	free(text);
	json_free(root);
	return good;
}

#define CASE(name, fn)                 \
	static void name(void **state) \
	{                              \
		(void)state;           \
		sweep(fn);             \
	}

CASE(users_are_copied_whole_or_not_at_all, copy_user)
CASE(refused_changes_leave_the_record, change_user)
CASE(events_are_counted_or_refused, count_events)
CASE(configurations_are_read_or_refused, read_configuration)
CASE(buffers_fail_for_good, fill_buffer)
CASE(json_is_built_or_refused, build_json)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(users_are_copied_whole_or_not_at_all),
	    cmocka_unit_test(refused_changes_leave_the_record),
	    cmocka_unit_test(events_are_counted_or_refused),
	    cmocka_unit_test(configurations_are_read_or_refused),
	    cmocka_unit_test(buffers_fail_for_good),
	    cmocka_unit_test(json_is_built_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
