/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a call leaves in memory that it gives back, and what it answers when it gets none. The
 * allocator is glibc's behind a watch on this thread; a sanitizer brings its own, which cannot be
 * watched, so there each call runs once, undisturbed.
 */
#include "unit.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/dynamodb.h"
#include "core/secret.h"
#include "http_double.h"
#include "tests/lib/sanitized.h"

#define SECRET_KEY "kSecretKeyOfTheTest+/"
#define TOKEN "tSessionTokenOfTheTest=="
#define HASH "$argon2id$v=19$hHashOfTheTest"

static _Thread_local volatile bool watching;
static _Thread_local volatile long left =
    -1; /* allocations until the one that fails; negative: none */
static _Thread_local volatile bool refused;
/* Blocks that held a mark when they were given back. */
static _Thread_local volatile unsigned found;

#if !SANITIZED
static const char *const marks[] = {"SecretKeyOfTheTest", "SessionTokenOfTheTest", "HashOfTheTest"};

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
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
	return refuse() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return refuse() ? NULL : __libc_calloc(count, size);
}

void
free(void *data)
{
	for (size_t i = 0; watching && data != NULL && i < COUNT_OF(marks); i++)
		if (memmem(data, malloc_usable_size(data), marks[i], strlen(marks[i])) != NULL)
			found++;
	__libc_free(data);
}

/* Always moves, so that no copy hides in a block that happened to have room. */
void *
realloc(void *old, size_t size)
{
	void *data = refuse() ? NULL : __libc_malloc(size);
	size_t len;

	if (data == NULL || old == NULL)
		return data;
	len = malloc_usable_size(old);
	memcpy(data, old, len < size ? len : size);
	free(old);
	return data;
}
#endif

static struct http_double *server;
static struct conf conf;
static struct dynamodb *dynamodb;
static struct dynamodb_conn *conn;

static int
set_up(void **state)
{
	static char path[] = "/tmp/test_dynamodb_memory.XXXXXX";
	static const char keys[] =
	    "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = " SECRET_KEY
	    "\naws_session_token = " TOKEN "\n";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, keys, sizeof(keys) - 1), sizeof(keys) - 1);
	close(fd);
	assert_true(secret_init());
	assert_int_equal(conf_init(&conf), PD_OK);
	free(conf.region);
	free(conf.credentials_file);
	free(conf.endpoint);
	conf.region = strdup("us-east-1");
	conf.credentials_file = path;
	conf.credentials = CONF_CREDENTIALS_FILE;
	conf.endpoint = malloc(64);
	server = http_double_start();
	snprintf(conf.endpoint, 64, "http://127.0.0.1:%u", server->port);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	http_double_stop(server);
	unlink(conf.credentials_file);
	conf.credentials_file = NULL;
	conf_free(&conf);
	return 0;
}

static void
opened(void)
{
	assert_int_equal(dynamodb_open(&conf, STORE_CALLER_SERVICE, NULL, &dynamodb), PD_OK);
	assert_int_equal(dynamodb_connect(dynamodb, &conn), PD_OK);
}

static void
closed(void)
{
	dynamodb_disconnect(conn);
	dynamodb_close(dynamodb);
}

static enum pd_error
call(enum dynamodb_operation operation, const struct json *request)
{
	struct store_call one = {.deadline_ms = clock_monotonic_ms() + 3000};
	struct dynamodb_result result;
	enum pd_error error = dynamodb_call(conn, &one, operation, request, &result);

	dynamodb_result_free(&result);
	return error;
}

/* The watch itself: an unwiped copy is found. */
static void
an_unwiped_copy_is_found(void **state)
{
	char *volatile copy = strdup(HASH);

	(void)state;
	watching = true;
	free(copy);
	watching = false;
#if !SANITIZED
	assert_int_equal(found, 1);
#endif
}

/* Keys, tokens and items that went over the connection are in no block that was given back. */
static void
nothing_is_left_behind(void **state)
{
	struct json *request = json_new_object();

	(void)state;
	assert_true(json_put(request, "password", json_new_string(HASH)));
	HTTP_DOUBLE_SCRIPT(
	    server, {.status = 200, .body = "{\"Item\":{\"password\":{\"S\":\"" HASH "\"}}}"});
	found = 0;
	watching = true;
	opened();
	for (int i = 0; i < 3; i++)
		assert_int_equal(call(DYNAMODB_PUT_ITEM, request), PD_OK);
	assert_true(http_double_was_asked(server, TOKEN));
	json_free(request);
	closed();
	watching = false;
	assert_int_equal(found, 0);
}

/* Each allocation of a write fails once. Once the server has been asked, "no memory" would hide
 * that the write may have been done. */
static void
a_write_without_memory(void **state)
{
	struct json *request = json_new_object();
	enum pd_error error = PD_BUG;

	(void)state;
	refused = true;
	for (long n = 0; n < 5000 && refused; n++) {
		opened();
		HTTP_DOUBLE_SCRIPT(
		    server, {.status = 200, .body = "{}"}); /* json-c crashes on names */
		left = n;
		refused = false;
		watching = true;
		error = call(DYNAMODB_PUT_ITEM, request);
		watching = false;
		left = -1;
		if (error == PD_NO_MEMORY || error == PD_CONFIG)
			assert_int_equal(http_double_requests(server), 0);
		else if (error == PD_OK || error == PD_UNCERTAIN)
			assert_true(http_double_requests(server) > 0);
		else
			assert_int_equal(error, PD_UNAVAILABLE);
		closed();
	}
	assert_false(refused);
	assert_int_equal(error, PD_OK);
	json_free(request);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_unwiped_copy_is_found),
	    cmocka_unit_test(nothing_is_left_behind),
	    cmocka_unit_test(a_write_without_memory),
	};

	return cmocka_run_group_tests_name("dynamodb_memory", tests, set_up, tear_down);
}
