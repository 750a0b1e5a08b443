/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/userdb_record.h"

#define UID 1900000001

struct fixture {
	struct generation generation;
	struct local_names *names;
	struct user user;
	char passwd[64];
};

static int
setup(void **state)
{
	static const char conf[] = "[users]\nhome = /srv/%u/%u\nshell = /bin/sh\n"
				   "[host]\ngroups = web\n";
	static const char passwd[] = "local:x:1900000005:1900000005::/:/bin/sh\n";
	static struct fixture fixture;
	int fd;

	memset(&fixture, 0, sizeof(fixture));
	strcpy(fixture.passwd, "/tmp/test_userdb_record.XXXXXX");
	fd = mkstemp(fixture.passwd);
	if (fd < 0 || write(fd, passwd, sizeof(passwd) - 1) != (ssize_t)sizeof(passwd) - 1 ||
	    close(fd) != 0)
		return 1;
	strcpy(fixture.generation.host, "testhost.example");
	strcpy(fixture.generation.host_short, "testhost");
	fixture.user.username = strdup("alice");
	fixture.user.status = strdup("active");
	fixture.user.password = strdup("$argon2id$secret");
	fixture.user.uid = UID;
	*state = &fixture;
	return strlist_add(&fixture.user.hosts, "testhost") &&
		strlist_add(&fixture.user.ssh_keys, "ssh-ed25519 AAAA") &&
		conf_parse("test", conf, sizeof(conf) - 1, NULL, NULL, 0,
		    &fixture.generation.conf) == PD_OK &&
		local_names_open(fixture.passwd, "/nonexistent", NULL, &fixture.names) == PD_OK
	    ? 0
	    : 1;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	local_names_free(fixture->names);
	conf_free(&fixture->generation.conf);
	user_free(&fixture->user);
	return unlink(fixture->passwd);
}

static enum pd_error
serves(const struct fixture *fixture)
{
	return userdb_record_serves(&fixture->generation, fixture->names, &fixture->user);
}

static void
set_text(char **text, const char *value)
{
	free(*text);
	*text = strdup(value);
	assert_non_null(*text);
}

static void
test_a_granted_active_user_is_served(void **state)
{
	assert_int_equal(serves(*state), PD_OK);
}

static void
test_status(void **state)
{
	static const struct {
		const char *word;
		enum pd_error expected;
	} rows[] = {
	    {"pending_email", PD_NOT_FOUND},
	    {"pending_approval", PD_NOT_FOUND},
	    {"nonsense", PD_NOT_FOUND},
	    {"disabled", PD_OK}, /* out of use, but files still show the name */
	    {"closed", PD_OK},
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < COUNT_OF(rows); i++) {
		set_text(&fixture->user.status, rows[i].word);
		assert_int_equal(serves(fixture), rows[i].expected);
	}
}

static void
test_names(void **state)
{
	static const char *const names[] = {"root", "local", "Alice", ""};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < COUNT_OF(names); i++) {
		set_text(&fixture->user.username, names[i]);
		assert_int_equal(serves(fixture), PD_NOT_FOUND);
	}
}

static void
test_ids(void **state)
{
	static const struct {
		int64_t uid, gid;
		enum pd_error expected;
	} rows[] = {
	    {UID, 0, PD_OK},
	    {UID, UID + 1, PD_OK},
	    {1879048192, 0, PD_OK},
	    {2147483646, 0, PD_OK},
	    {0, 0, PD_NOT_FOUND},
	    {1879048191, 0, PD_NOT_FOUND},
	    {2147483647, 0, PD_NOT_FOUND},
	    {2147483648, 0, PD_NOT_FOUND},
	    {65534, 0, PD_NOT_FOUND},
	    {65535, 0, PD_NOT_FOUND},
	    {(int64_t)4294967296 + UID, 0, PD_NOT_FOUND},
	    {1900000005, 0, PD_NOT_FOUND}, /* a local user's */
	    {UID, 27, PD_NOT_FOUND},
	    {UID, 1879048191, PD_NOT_FOUND},
	    {UID, 2147483647, PD_NOT_FOUND},
	    {UID, 65534, PD_NOT_FOUND},
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < COUNT_OF(rows); i++) {
		fixture->user.uid = rows[i].uid;
		fixture->user.gid = rows[i].gid;
		assert_int_equal(serves(fixture), rows[i].expected);
	}
}

/* Whom every login calls unknown is not handed on to other modules as somebody who is there. */
static void
test_the_smallest_uid_that_may_log_in(void **state)
{
	struct fixture *fixture = *state;

	fixture->generation.conf.minimum_uid = UID;
	assert_int_equal(serves(fixture), PD_OK);
	fixture->generation.conf.minimum_uid = UID + 1;
	assert_int_equal(serves(fixture), PD_NOT_FOUND);
}

static void
test_hosts(void **state)
{
	static const struct {
		const char *host;
		enum pd_error expected;
	} rows[] = {
	    {"*", PD_OK},
	    {"testhost.example", PD_OK},
	    {"test*", PD_OK},
	    {"@web", PD_OK},
	    {"@db", PD_NOT_FOUND},
	    {"otherhost", PD_NOT_FOUND},
	};
	struct fixture *fixture = *state;
	size_t i;

	strlist_free(&fixture->user.hosts);
	assert_int_equal(serves(fixture), PD_NOT_FOUND);
	for (i = 0; i < COUNT_OF(rows); i++) {
		assert_true(strlist_add(&fixture->user.hosts, rows[i].host));
		assert_int_equal(serves(fixture), rows[i].expected);
		strlist_free(&fixture->user.hosts);
	}
}

static void
test_local_files_that_cannot_be_read(void **state)
{
	struct fixture *fixture = *state;
	struct local_names *names;

	assert_int_equal(local_names_open("/", "/", NULL, &names), PD_OK);
	assert_int_equal(
	    userdb_record_serves(&fixture->generation, names, &fixture->user), PD_CONFIG);
	assert_int_equal(userdb_record_serves_group(names, &fixture->user), PD_CONFIG);
	local_names_free(names);
}

/* Local groups, read from a file in the passwd file's place. */
static void
test_ids_and_names_of_local_groups(void **state)
{
	static const char group[] = "taken:x:1900000001:\n";
	struct fixture *fixture = *state;
	char path[] = "/tmp/test_userdb_record.XXXXXX";
	struct local_names *names;
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, group, sizeof(group) - 1) == (ssize_t)sizeof(group) - 1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(local_names_open("/nonexistent", path, NULL, &names), PD_OK);
	assert_int_equal(
	    userdb_record_serves(&fixture->generation, names, &fixture->user), PD_NOT_FOUND);
	fixture->user.gid = UID + 1; /* the uid may be a group's, the gid may not */
	assert_int_equal(userdb_record_serves(&fixture->generation, names, &fixture->user), PD_OK);
	fixture->user.gid = 0;
	fixture->user.uid = UID + 1;
	assert_int_equal(userdb_record_serves(&fixture->generation, names, &fixture->user), PD_OK);
	assert_int_equal(userdb_record_serves_group(names, &fixture->user), PD_OK);
	set_text(&fixture->user.username, "taken"); /* a user so named, but no group */
	assert_int_equal(userdb_record_serves(&fixture->generation, names, &fixture->user), PD_OK);
	assert_int_equal(userdb_record_serves_group(names, &fixture->user), PD_NOT_FOUND);
	local_names_free(names);
	assert_int_equal(unlink(path), 0);
}

static void
test_the_private_group_has_the_uid(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(userdb_record_serves_group(fixture->names, &fixture->user), PD_OK);
	fixture->user.gid = UID + 1;
	assert_int_equal(userdb_record_serves_group(fixture->names, &fixture->user), PD_NOT_FOUND);
}

/* Builds the record and compares its text. */
static void
check_text(const struct fixture *fixture, bool for_root, const char *expected)
{
	struct json *json = userdb_record_user(&fixture->generation.conf, &fixture->user, for_root);
	char *text = json_text(json, false);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_free(json);
}

#define BASE                                                                               \
	"{\"record\":{\"userName\":\"alice\",\"realName\":\"alice\",\"uid\":1900000001,"   \
	"\"gid\":1900000001,\"homeDirectory\":\"/srv/alice/alice\",\"shell\":\"/bin/sh\"," \
	"\"disposition\":\"regular\",\"service\":\"io.pam-dynamo\""

static void
test_keys_are_for_root_and_hashes_for_nobody(void **state)
{
	check_text(*state, false, BASE "},\"incomplete\":true}");
	check_text(*state, true,
	    BASE ",\"privileged\":{\"sshAuthorizedKeys\":[\"ssh-ed25519 "
		 "AAAA\"]}},\"incomplete\":false}");
}

static void
test_an_account_out_of_use_has_no_keys(void **state)
{
	struct fixture *fixture = *state;

	set_text(&fixture->user.status, "disabled");
	check_text(fixture, true, BASE "},\"incomplete\":false}");
}

static void
test_the_records_own_values_win(void **state)
{
	struct fixture *fixture = *state;

	strlist_free(&fixture->user.ssh_keys);
	set_text(&fixture->user.full_name, "Alice \"A\"");
	set_text(&fixture->user.home, "/home/a");
	set_text(&fixture->user.shell, "/bin/zsh");
	fixture->user.gid = 1900000009;
	check_text(fixture, true,
	    "{\"record\":{\"userName\":\"alice\",\"realName\":\"Alice \\\"A\\\"\","
	    "\"uid\":1900000001,\"gid\":1900000009,\"homeDirectory\":\"/home/a\","
	    "\"shell\":\"/bin/zsh\",\"disposition\":\"regular\",\"service\":\"io.pam-dynamo\"},"
	    "\"incomplete\":false}");
}

#define WITH_USER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_USER(test_a_granted_active_user_is_served),
	    WITH_USER(test_status),
	    WITH_USER(test_names),
	    WITH_USER(test_ids),
	    WITH_USER(test_the_smallest_uid_that_may_log_in),
	    WITH_USER(test_hosts),
	    WITH_USER(test_local_files_that_cannot_be_read),
	    WITH_USER(test_ids_and_names_of_local_groups),
	    WITH_USER(test_the_private_group_has_the_uid),
	    WITH_USER(test_keys_are_for_root_and_hashes_for_nobody),
	    WITH_USER(test_an_account_out_of_use_has_no_keys),
	    WITH_USER(test_the_records_own_values_win),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
