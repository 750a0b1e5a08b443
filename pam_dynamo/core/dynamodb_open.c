/* SPDX-License-Identifier: BSD-2-Clause */
/* Setting the client up and taking it down. */
#include <stdlib.h>
#include <string.h>

#include "core/aws_environment.h"
#include "core/clock.h"
#include "core/dynamodb_private.h"
#include "core/monotonic_cond.h"

static enum pd_error
set_endpoint(struct dynamodb *dynamodb, enum store_caller caller)
{
	const struct conf *conf = dynamodb->conf;
	struct aws_endpoint_options options = {
	    .service = "dynamodb",
	    .region = conf->region,
	    .configured = conf->endpoint,
	    .fips = conf->fips,
	    .dual_stack = conf->dual_stack,
	};
	const char *why;
	enum pd_error error;

	if (options.region == NULL || options.region[0] == '\0')
		options.region = aws_environment_get(caller, AWS_VARIABLE_REGION);
	if (options.region == NULL)
		options.region = aws_environment_get(caller, AWS_VARIABLE_DEFAULT_REGION);
	error = aws_endpoint_make(&options, &dynamodb->endpoint, &why);
	if (error != PD_OK) {
		log_line(dynamodb->log, LOG_LEVEL_ERROR, "dynamodb: %s", why);
		return error;
	}
	memcpy(dynamodb->region, options.region, strlen(options.region) + 1);
	return PD_OK;
}

enum pd_error
dynamodb_open(
    const struct conf *conf, enum store_caller caller, const struct log *log, struct dynamodb **out)
{
	struct aws_source_context context = {.conf = conf, .caller = caller, .log = log};
	struct dynamodb *dynamodb = calloc(1, sizeof(*dynamodb));
	enum pd_error error = PD_NO_MEMORY;

	*out = NULL;
	if (dynamodb == NULL)
		return PD_NO_MEMORY;
	dynamodb->conf = conf;
	dynamodb->log = log;
	dynamodb->probes = caller == STORE_CALLER_SERVICE;
	if (!monotonic_cond_init(&dynamodb->lock, &dynamodb->wake)) {
		free(dynamodb);
		return PD_NO_MEMORY;
	}
	if (!http_global_init())
		goto out;
	error = set_endpoint(dynamodb, caller);
	if (error == PD_OK)
		error = resolver_open(NULL, &dynamodb->resolver);
	context.resolver = dynamodb->resolver;
	if (error == PD_OK)
		error = aws_credentials_open(&context, &dynamodb->credentials);
	if (error != PD_OK)
		goto out;
	dynamodb->quota = retry_quota_new();
	dynamodb->breaker = breaker_new();
	if (dynamodb->quota == NULL || dynamodb->breaker == NULL)
		error = PD_NO_MEMORY;
out:
	if (error != PD_OK)
		dynamodb_close(dynamodb);
	else
		*out = dynamodb;
	return error;
}

void
dynamodb_renew(struct dynamodb *dynamodb)
{
	aws_credentials_renew(dynamodb->credentials);
}

void
dynamodb_close(struct dynamodb *dynamodb)
{
	if (dynamodb == NULL)
		return;
	dynamodb_probe_stop(dynamodb);
	aws_credentials_close(dynamodb->credentials);
	retry_quota_free(dynamodb->quota);
	breaker_free(dynamodb->breaker);
	resolver_close(dynamodb->resolver);
	pthread_cond_destroy(&dynamodb->wake);
	pthread_mutex_destroy(&dynamodb->lock);
	free(dynamodb);
}

enum pd_error
dynamodb_connect(struct dynamodb *dynamodb, struct dynamodb_conn **out)
{
	struct http_options options = {
	    .ca_path = dynamodb->conf->ca_path,
	    .plain = HTTP_PLAIN_LOOPBACK,
	    .resolver = dynamodb->resolver,
	};
	struct dynamodb_conn *conn = calloc(1, sizeof(*conn));
	enum pd_error error;

	*out = NULL;
	if (conn == NULL)
		return PD_NO_MEMORY;
	conn->shared = dynamodb;
	error = http_open(&options, &conn->http);
	if (error == PD_OK)
		*out = conn;
	else
		free(conn);
	return error;
}

void
dynamodb_disconnect(struct dynamodb_conn *conn)
{
	if (conn == NULL)
		return;
	http_close(conn->http);
	free(conn);
}

void
dynamodb_expect_errors(struct dynamodb_conn *conn, bool expected)
{
	conn->expects_errors = expected;
}

int64_t
dynamodb_clock_offset_s(struct dynamodb *dynamodb)
{
	int64_t offset;

	pthread_mutex_lock(&dynamodb->lock);
	offset = dynamodb_clock_offset(&dynamodb->clock, clock_now_s(), clock_monotonic_ms());
	pthread_mutex_unlock(&dynamodb->lock);
	return offset;
}

const char *
dynamodb_url(const struct dynamodb *dynamodb)
{
	return dynamodb->endpoint.url;
}

const char *
dynamodb_credentials_source(const struct dynamodb *dynamodb)
{
	return aws_credentials_source(dynamodb->credentials);
}
