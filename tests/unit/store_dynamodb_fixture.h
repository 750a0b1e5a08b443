/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection of the DynamoDB engine to a server that answers by a script, and all that is told.
 */
#ifndef STORE_DYNAMODB_FIXTURE_H
#define STORE_DYNAMODB_FIXTURE_H

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/secret.h"
#include "core/store_engine.h"
#include "http_double.h"

#define ERROR(name, message) "{\"__type\":\"x#" name "\",\"message\":\"" message "\"}"
#define USER                                                                    \
	"{\"username\":{\"S\":\"alice\"},\"schema\":{\"N\":\"1\"},\"version\":" \
	"{\"N\":\"1\"},\"status\":{\"S\":\"active\"}}"
#define BOTH(users, states)                                                           \
	"{\"Responses\":{\"pam_dynamo_users\":" users ",\"pam_dynamo_state\":" states \
	"},\"UnprocessedKeys\":{}}"
#define EXPIRY                                                                           \
	{                                                                                \
		.status = 200,                                                           \
		.body = "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLED\"}}" \
	}

static const struct store_engine *const engine = &store_dynamodb;
static struct http_double *server;
static struct conf conf;
static void *shared, *conn;
static char told[8192]; /* log, progress and findings */

static inline void
tell(const char *line)
{
	if (strlen(told) + strlen(line) + 2 < sizeof(told))
		strcat(strcat(told, line), "\n");
}

static inline void
on_log(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	tell(line);
}

static const struct log log_all = {.level = LOG_LEVEL_DEBUG, .sink = on_log};

static inline int
set_up(void **state)
{
	static char path[] = "/tmp/test_store_dynamodb.XXXXXX";
	static const char keys[] = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = k\n";
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

static inline int
tear_down(void **state)
{
	(void)state;
	http_double_stop(server);
	unlink(conf.credentials_file);
	conf.credentials_file = NULL;
	conf_free(&conf);
	return 0;
}

static inline int
each_set_up(void **state)
{
	(void)state;
	told[0] = '\0';
	assert_int_equal(engine->open(&conf, STORE_CALLER_SERVICE, &log_all, &shared), PD_OK);
	assert_int_equal(engine->connect(shared, &conn), PD_OK);
	return 0;
}

static inline int
each_tear_down(void **state)
{
	(void)state;
	engine->disconnect(conn);
	engine->close(shared);
	return 0;
}

static inline struct store_call
within(int ms)
{
	return (struct store_call){.deadline_ms = clock_monotonic_ms() + ms};
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

#endif
