/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every engine of the store must do, and the documentation of store.h by example. One suite
 * runs on all of them:
 *
 *	test_store memory | failing | sqlite DIR | dynamodb URL[,no-transactions] [GROUP...]
 *
 * Each case uses names of its own, so that cases share one store and need no order.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/store_engine.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The store under test. */
struct contract {
	struct store *store;
	struct conf conf;
	bool transactions; /* false: a server without TransactWriteItems */
};

extern struct contract contract;

struct contract_group {
	const char *name;
	const struct CMUnitTest *tests;
	size_t count;
	bool transactions;    /* needs them */
	bool no_transactions; /* for servers without them alone */
};

extern const struct contract_group contract_users, contract_unique, contract_untransacted,
    contract_list, contract_state, contract_failures, contract_tokens, contract_rates,
    contract_general, contract_companions, contract_sessions;

/* A call with ten seconds. */
struct store_call contract_call(void);

/* A name, address or id that no other case has. */
void contract_name(char out[USER_NAME_SIZE]);
void contract_email(char out[64]);
void contract_id(char out[64], const char *prefix);
int64_t contract_uid(void);

/* Fails the case unless the error is the expected one. */
#define assert_error(expected, call) \
	assert_string_equal(pd_error_text(expected), pd_error_text(call))

/* The smallest record, and one with every field present; free with user_free. */
void contract_small_user(struct user *out, const char *name);
void contract_full_user(struct user *out, const char *name);
void contract_set(char **text, const char *value);

/* Creates a small user; ends the case if that fails. */
void contract_create(struct user *out, const char *name);
/* Reads the record anew. */
void contract_get(struct user *out, const char *name);

/* A user with this address and uid; the name is made up. */
enum pd_error contract_create_with(
    struct user *out, const char *email, int64_t uid, enum store_taken *taken);
/* Writes this address and uid into the record. */
enum pd_error contract_change(
    struct user *user, const char *email, int64_t uid, enum store_taken *taken);

/* Fail the case unless it is so; name "" where nobody is expected. */
void contract_email_owner(enum pd_error expected, const char *email, const char *name);
void contract_uid_owner(enum pd_error expected, int64_t uid, const char *name);
void contract_no_user(const char *name);

/* Runs fn in `count` threads at once, each with its number; fn must not use cmocka. */
#define CONTRACT_THREADS_MAX 8
void contract_threads(size_t count, void (*fn)(size_t thread, void *ctx), void *ctx);

#endif
