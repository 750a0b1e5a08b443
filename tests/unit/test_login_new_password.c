/* SPDX-License-Identifier: BSD-2-Clause */
/* What a change says of the new password, and that web page, command and PAM say the same. */
#include "login_fixture.h"

#include <unistd.h>

#include "core/blocklist.h"
#include "core/secret.h"

static void
change(struct fixture *fixture, const char *old, const char *new, const char *why)
{
	struct login_request request = fixture_request("alice", old);
	struct login_result result;

	request.new_password = new;
	request.new_password_len = strlen(new);
	login_change(fixture->login, &request, &result);
	fixture_expect_result(new, &result, why == NULL ? VERDICT_SUCCESS : VERDICT_REFUSED,
	    why == NULL ? REASON_GOOD : REASON_WEAK_PASSWORD);
	if (why != NULL && strstr(result.message, why) == NULL)
		fail_msg("%s: %s", new, result.message);
	if (strstr(result.message, new) != NULL)
		fail_msg("%s is in its own sentence", new);
	login_result_free(&result);
}

static void
add_names(struct user *user)
{
	fixture_set_text(&user->full_name, "Alice Liddell-Hargreaves");
	fixture_set_text(&user->email, "dodgson.muse@example.org");
}

static void
each_rule_says_what_it_wants(void **state)
{
	static const struct {
		const char *new;
		const char *why;
	} rows[] = {
	    {"fourteen chars", "Enter a password of 15 characters or more."},
	    {"tabs\tbetween words here", "control character"},
	    {"alice1234567890123", "belongs to you"},
	    {"Liddell-Hargreaves", "follows a pattern"}, /* two words of it */
	    {"AliceLiddellHargreaves", "belongs to you"},
	    {"hargreaves1234567", "belongs to you"},
	    {"dodgson.muse@example.org", "belongs to you"},
	    {"web1.example.org", "belongs to you"},
	    {"web1web1web1web1", "belongs to you"},
	    {"sshdsshdsshdsshd", "belongs to you"},
	    {"qwertyuiopasdfgh", "follows a pattern"},
	    {"passwordpassword", "follows a pattern"},
	    {"\xff\xfe not a text at all", "not valid text"},
	};
	struct fixture *fixture = *state;

	fixture_edit(fixture, "alice", add_names);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		change(fixture, FIXTURE_PASSWORD, rows[i].new, rows[i].why);
	change(fixture, FIXTURE_PASSWORD, "alice keeps a white rabbit", NULL);
}

static void
the_list_is_asked(void **state)
{
	struct fixture *fixture = *state;
	char path[] = "/tmp/pam_dynamo_list.XXXXXX";
	int fd = mkstemp(path);
	struct blocklist *list = NULL;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "Velvet Teapot Ceremony\n", 23), 23);
	assert_int_equal(close(fd), 0);
	free(fixture->conf.blocklist);
	fixture->conf.blocklist = strdup(path);
	assert_int_equal(blocklist_load(&fixture->conf, NULL, NULL, 0, &list), PD_OK);
	login_close(fixture->login);
	assert_int_equal(login_open(&fixture->conf, fixture->store, fixture->guard, list,
			     &fixture->log, &fixture->login),
	    PD_OK);
	change(fixture, FIXTURE_PASSWORD, "velvet teapot ceremony", "commonly used passwords");
	change(fixture, FIXTURE_PASSWORD, "velvet teapot ceremony!", NULL);
	login_close(fixture->login);
	assert_int_equal(login_open(&fixture->conf, fixture->store, fixture->guard, NULL,
			     &fixture->log, &fixture->login),
	    PD_OK);
	blocklist_free(list);
	assert_int_equal(unlink(path), 0);
}

static void
the_old_one_is_not_new_in_another_form(void **state)
{
	static const char *const composed = "\xc3\x84pfel und Birnen und M\xc3\xbcsli";
	static const char *const decomposed = "A\xcc\x88pfel und Birnen und Mu\xcc\x88sli";
	struct fixture *fixture = *state;

	change(fixture, FIXTURE_PASSWORD, FIXTURE_PASSWORD, "The new password is the old one.");
	change(fixture, FIXTURE_PASSWORD, composed, NULL);
	change(fixture, composed, decomposed, "The new password is the old one.");
	change(fixture, decomposed, composed, "The new password is the old one.");
	fixture_authenticate(fixture, "alice", composed, VERDICT_SUCCESS, REASON_GOOD);
	fixture_authenticate(fixture, "alice", decomposed, VERDICT_SUCCESS, REASON_GOOD);
	change(fixture, decomposed, "apfel und birnen und musli", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FIXTURE_CASE(each_rule_says_what_it_wants),
	    FIXTURE_CASE(the_list_is_asked),
	    FIXTURE_CASE(the_old_one_is_not_new_in_another_form),
	};

	if (!secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
