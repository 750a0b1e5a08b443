/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept, and for how long; where keys come from is tested with each source. */
#include "aws_fixture.h"

/* Kept, refreshed ahead of expiry, served while a refresh fails, refused once they are over. */
static void
refreshing(void **state)
{
	struct aws_credentials_cache *cache;
	int64_t now = clock_now_s();
	char id[64];

	(void)state;
	use_container();
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = reply_keys("ONE", 3600)},
	    {.status = 500, .body = ""}, {.status = 200, .body = reply_keys("TWO", 7200)},
	    {.status = 500, .body = ""});
	cache = opened(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE);
	assert_int_equal(get(cache, now, id), PD_OK);
	assert_int_equal(get(cache, now + 3600 - AWS_CREDENTIALS_AHEAD_S - 120, id), PD_OK);
	assert_string_equal(id, "ONE");
	assert_int_equal(server->requests, 1);
	assert_int_equal(get(cache, now + 3600 - AWS_CREDENTIALS_AHEAD_S + 1, id), PD_OK);
	assert_string_equal(id, "ONE"); /* the refresh failed */
	assert_int_equal(server->requests, 2);
	assert_int_equal(get(cache, now + 3600 - AWS_CREDENTIALS_AHEAD_S + 2, id), PD_OK);
	assert_int_equal(server->requests, 2); /* not again at once */
	assert_int_equal(get(cache, now + 3600 - 200, id), PD_OK);
	assert_string_equal(id, "TWO");
	assert_int_equal(get(cache, now + 7201, id), PD_UNAVAILABLE);
	assert_int_equal(server->requests, 4);
	assert_int_equal(get(cache, now + 7201, id), PD_UNAVAILABLE); /* known: not asked again */
	assert_int_equal(server->requests, 4);
	aws_credentials_close(cache);
}

static void
refused_keys(void **state)
{
	struct aws_credentials_cache *cache;
	int64_t now = clock_now_s(), ms = clock_monotonic_ms();
	char id[64];

	(void)state;
	put_file("credentials", KEYS("OLD"), 0600);
	cache = opened(CONF_CREDENTIALS_FILE, STORE_CALLER_SERVICE);
	assert_int_equal(get(cache, now, id), PD_OK);
	put_file("credentials", KEYS("NEW"), 0600);
	assert_int_equal(get(cache, now, id), PD_OK);
	assert_string_equal(id, "OLD");
	assert_true(aws_credentials_refused(cache, "OLD", ms));
	assert_true(
	    aws_credentials_refused(cache, "OLD", ms)); /* another thread, before the fetch */
	assert_int_equal(get(cache, now, id), PD_OK);
	assert_string_equal(id, "NEW");
	assert_true(
	    aws_credentials_refused(cache, "OLD", ms)); /* a latecomer: new ones are there */
	assert_false(aws_credentials_refused(cache, "NEW", ms));
	assert_true(aws_credentials_refused(cache, "NEW", ms + AWS_CREDENTIALS_RETRY_S * 1000));
	aws_credentials_close(cache);
}

/* By a clock that is a day ahead every key has expired; the server is who can tell. */
static void
fresh_keys_are_tried(void **state)
{
	struct aws_credentials_cache *cache;
	int64_t now = clock_now_s(), day = 86400;
	char id[64];

	(void)state;
	use_container();
	HTTP_DOUBLE_SCRIPT(server, {.status = 200, .body = reply_keys("ONE", 3600)},
	    {.status = 200, .body = reply_keys("TWO", 3600)});
	cache = opened(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE);
	assert_int_equal(get(cache, now + day, id), PD_OK);
	assert_int_equal(get(cache, now + day + 1, id), PD_OK);
	assert_int_equal(http_double_requests(server), 1);
	/* The clock was learned: the keys are good for what they say, and no longer. */
	assert_int_equal(get(cache, now + 3000, id), PD_OK);
	assert_int_equal(http_double_requests(server), 1);
	assert_string_equal(id, "ONE");
	aws_credentials_close(cache);
}

/* Who has little time left fails for himself. */
static void
a_call_in_a_hurry(void **state)
{
	struct aws_credentials_cache *cache;
	struct aws_credentials keys;
	char id[64];

	(void)state;
	use_container();
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 200, .body = reply_keys("ONE", 3600), .delay_ms = 120});
	cache = opened(CONF_CREDENTIALS_CONTAINER, STORE_CALLER_SERVICE);
	assert_int_equal(
	    aws_credentials_get(cache, clock_now_s(), clock_monotonic_ms() + 60, &keys),
	    PD_UNAVAILABLE);
	assert_int_equal(get(cache, clock_now_s(), id), PD_OK);
	assert_string_equal(id, "ONE");
	aws_credentials_close(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(refreshing),
	    CASE(refused_keys),
	    CASE(fresh_keys_are_tried),
	    CASE(a_call_in_a_hurry),
	};

	return cmocka_run_group_tests_name("aws_credentials", tests, set_up, tear_down);
}
