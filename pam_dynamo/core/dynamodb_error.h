/* SPDX-License-Identifier: BSD-2-Clause */
/* Error replies: a table of names with what they mean and what an administrator can do. */
#ifndef DYNAMODB_ERROR_H
#define DYNAMODB_ERROR_H

#include "core/dynamodb.h"
#include "core/retry.h"

enum dynamodb_remedy {
	DYNAMODB_REMEDY_NONE = 0,
	DYNAMODB_REMEDY_CLOCK, /* sign again by the server's clock */
	DYNAMODB_REMEDY_KEYS,  /* fetch the credentials anew */
};

struct dynamodb_error {
	const char *name;
	enum pd_error error;
	enum retry_kind kind;
	enum dynamodb_remedy remedy;
	bool unsettled;     /* a write may have been done */
	bool show;          /* the server's message helps and holds no data of items */
	const char *advice; /* what to do; NULL: nothing */
};

/* The row for an error's name, or one by HTTP status where the name is unknown. Never NULL. */
const struct dynamodb_error *dynamodb_error_find(const char *name, long status);

/* Reads an error reply: name, message, body. Never fails: what cannot be read stays empty. */
void dynamodb_error_parse(const char *text, size_t len, struct dynamodb_result *result);

/* For the test that walks the table. */
extern const struct dynamodb_error dynamodb_errors[];
extern const size_t dynamodb_error_count;

#endif
