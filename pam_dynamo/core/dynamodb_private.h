/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the DynamoDB client share. */
#ifndef DYNAMODB_PRIVATE_H
#define DYNAMODB_PRIVATE_H

#include <pthread.h>

#include "core/aws_credentials.h"
#include "core/aws_endpoint.h"
#include "core/dynamodb.h"
#include "core/dynamodb_clock.h"
#include "core/http.h"
#include "core/resolve.h"
#include "core/retry.h"

struct dynamodb {
	const struct conf *conf;
	const struct log *log;
	char region[AWS_REGION_SIZE];
	struct aws_endpoint endpoint;
	struct resolver *resolver;
	struct aws_credentials_cache *credentials;
	struct retry_quota *quota;
	struct breaker *breaker;
	struct dynamodb_clock clock;
	/* The service's prober: a thread that lives while an outage does, so that no login has to
	 * wait for the attempt that finds the server back. */
	bool probes;
	bool probing;
	bool closing;
	bool joinable;
	pthread_mutex_t lock; /* of the four above, the clock and the thread */
	pthread_cond_t wake;
	pthread_t prober;
};

struct dynamodb_conn {
	struct dynamodb *shared;
	struct http *http;
	bool expects_errors;
};

/* breaker_ask and breaker_note, with the prober behind them. */
enum breaker_answer dynamodb_breaker_ask(struct dynamodb *dynamodb);
void dynamodb_breaker_note(struct dynamodb *dynamodb, enum breaker_finding finding, bool given_up);

/* Ends the prober and waits for it. */
void dynamodb_probe_stop(struct dynamodb *dynamodb);

#endif
