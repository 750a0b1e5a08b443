/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the server that answers by a script, and its log. */
#ifndef DYNAMODB_FIXTURE_H
#define DYNAMODB_FIXTURE_H

#include "unit.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/dynamodb.h"
#include "core/secret.h"
#include "http_double.h"

#define ERROR(name) "{\"__type\":\"com.amazonaws.dynamodb.v20120810#" name "\",\"message\":\"m\"}"

static struct http_double *server;
static struct conf conf;
static char seen[8192]; /* the log */

static inline void
remember(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	if (strlen(seen) + strlen(line) + 2 < sizeof(seen))
		strcat(strcat(seen, line), "\n");
}

static const struct log log_all = {.level = LOG_LEVEL_DEBUG, .sink = remember};

struct client {
	struct dynamodb *dynamodb;
	struct dynamodb_conn *conn;
	struct store_call call;
	struct dynamodb_result result;
};

static inline struct client
opened(enum store_caller caller)
{
	struct client client = {.dynamodb = NULL};
	char endpoint[64];

	seen[0] = '\0';
	snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u", server->port);
	free(conf.endpoint);
	conf.endpoint = strdup(endpoint);
	conf.credentials = CONF_CREDENTIALS_FILE;
	assert_int_equal(dynamodb_open(&conf, caller, &log_all, &client.dynamodb), PD_OK);
	assert_int_equal(dynamodb_connect(client.dynamodb, &client.conn), PD_OK);
	return client;
}

static inline void
closed(struct client *client)
{
	dynamodb_result_free(&client->result);
	dynamodb_disconnect(client->conn);
	dynamodb_close(client->dynamodb);
}

static inline enum pd_error
call(struct client *client, enum dynamodb_operation operation, int deadline_ms)
{
	struct json *request = json_new_object();
	enum pd_error error;

	dynamodb_result_free(&client->result);
	client->call = (struct store_call){.deadline_ms = clock_monotonic_ms() + deadline_ms};
	error = dynamodb_call(client->conn, &client->call, operation, request, &client->result);
	json_free(request);
	return error;
}

static inline int
set_up(void **state)
{
	static char path[] = "/tmp/test_dynamodb.XXXXXX";
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
	conf.region = strdup("us-east-1");
	conf.credentials_file = path;
	conf.attempt_timeout_ms = 1000;
	server = http_double_start();
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

#endif
