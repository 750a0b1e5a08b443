/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing: conditional single items, and transactions where more than one item changes. */
#include <string.h>

#include "core/clock.h"
#include "core/secret.h"
#include "core/store_dynamodb_private.h"

#define PARTS_MAX (4 + STORE_SWAPS_MAX)
#define CONFLICT_ROUNDS 5 /* tries of a transaction that collides with another */

/* One item's write: the same object serves the plain call and a transaction. */
struct part {
	enum dynamodb_operation operation; /* Put, Update or Delete */
	const char *name;                  /* "Put", ... in a transaction */
	struct json *body;
	enum store_taken taken; /* what it means when its condition does not hold */
};

struct plan {
	struct part parts[PARTS_MAX];
	size_t count;
	bool failed; /* no memory */
};

static void
plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		json_free(plan->parts[i].body);
}

static struct part *
add_part(struct plan *plan, enum dynamodb_operation operation, const char *name, const char *table,
    enum store_taken taken)
{
	struct part *part = &plan->parts[plan->count++];

	part->operation = operation;
	part->name = name;
	part->taken = taken;
	part->body = json_new_object();
	if (!store_dynamodb_put_string(part->body, "TableName", table))
		plan->failed = true;
	return part;
}

/* With json_each: false as soon as there is a member. */
static bool
any_member(void *ctx, const char *name, const struct json *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return false;
}

bool
store_dynamodb_put_expression(
    struct json *request, const char *update, const struct item_expression *condition)
{
	bool ok = !condition->failed;

	if (update != NULL)
		ok = ok && store_dynamodb_put_string(request, "UpdateExpression", update);
	ok = ok &&
	    store_dynamodb_put_string(
		request, "ConditionExpression", buf_string(&condition->text)) &&
	    json_put(request, "ExpressionAttributeNames", json_copy(condition->names));
	/* An empty object of values is refused. */
	if (ok && !json_each(condition->values, any_member, NULL))
		ok = json_put(request, "ExpressionAttributeValues", json_copy(condition->values));
	return ok;
}

/* Ends the use of the condition. */
static void
finish_part(
    struct plan *plan, struct part *part, const char *update, struct item_expression *condition)
{
	plan->failed |= !store_dynamodb_put_expression(part->body, update, condition);
	item_expression_free(condition);
}

static void
put_record(struct plan *plan, struct part *part, const struct record_type *type, const void *record)
{
	if (!json_put(part->body, "Item", item_write(type, record)))
		plan->failed = true;
}

static void
put_key(struct plan *plan, struct part *part, const char *name, const char *value)
{
	if (!json_put(part->body, "Key", store_dynamodb_key(name, value)))
		plan->failed = true;
}

static void
version_condition(struct item_expression *expression, int64_t version)
{
	item_expression_add(expression, "#=:", "version", item_new_number(version));
}

/* An update on a version; the key and the text of both expressions share one set of placeholders.
 */
static void
update_part(struct plan *plan, struct part *part, const struct record_type *type,
    const void *before, const void *after, int64_t version)
{
	struct item_expression expression;
	struct buf update;

	item_expression_init(&expression);
	buf_init(&update, 0);
	item_expression_update(&expression, type, before, after);
	buf_add(&update, expression.text.data, expression.text.len);
	buf_reset(&expression.text);
	version_condition(&expression, version);
	plan->failed |= update.failed;
	finish_part(plan, part, buf_string(&update), &expression);
	buf_free(&update);
}

static void
plan_record(struct plan *plan, const char *table, const struct store_user_write *write)
{
	struct item_expression condition;
	struct part *part;

	if (write->before != NULL && write->after != NULL) {
		part = add_part(plan, DYNAMODB_UPDATE_ITEM, "Update", table, STORE_TAKEN_VERSION);
		put_key(plan, part, STORE_DYNAMODB_USER_KEY, write->after->username);
		update_part(
		    plan, part, &user_type, write->before, write->after, write->before->version);
		return;
	}
	item_expression_init(&condition);
	if (write->before == NULL) {
		part = add_part(plan, DYNAMODB_PUT_ITEM, "Put", table, STORE_TAKEN_NAME);
		put_record(plan, part, &user_type, write->after);
		item_expression_add(
		    &condition, "attribute_not_exists(#)", STORE_DYNAMODB_USER_KEY, NULL);
	} else {
		part = add_part(plan, DYNAMODB_DELETE_ITEM, "Delete", table, STORE_TAKEN_VERSION);
		put_key(plan, part, STORE_DYNAMODB_USER_KEY, write->before->username);
		version_condition(&condition, write->before->version);
	}
	finish_part(plan, part, NULL, &condition);
}

/* Creates an auxiliary item; one of the same owner may stand. */
static void
plan_aux_add(struct plan *plan, const char *table, const char *key, const char *owner,
    enum store_taken taken)
{
	struct item_expression condition;
	struct part *part;
	struct json *item;

	if (key == NULL)
		return;
	part = add_part(plan, DYNAMODB_PUT_ITEM, "Put", table, taken);
	item = store_dynamodb_key(STORE_DYNAMODB_USER_KEY, key);
	if (item != NULL && !json_put(item, STORE_DYNAMODB_OWNER, item_new_string(owner)))
		plan->failed = true;
	if (!json_put(part->body, "Item", item))
		plan->failed = true;
	item_expression_init(&condition);
	item_expression_add(&condition, "attribute_not_exists(#)", STORE_DYNAMODB_USER_KEY, NULL);
	item_expression_add(&condition, " OR #=:", STORE_DYNAMODB_OWNER, item_new_string(owner));
	finish_part(plan, part, NULL, &condition);
}

/* Deletes an auxiliary item of this owner; one that is gone already is fine. */
static void
plan_aux_remove(struct plan *plan, const char *table, const char *key, const char *owner)
{
	struct item_expression condition;
	struct part *part;

	if (key == NULL)
		return;
	part = add_part(plan, DYNAMODB_DELETE_ITEM, "Delete", table, STORE_TAKEN_EMAIL);
	put_key(plan, part, STORE_DYNAMODB_USER_KEY, key);
	item_expression_init(&condition);
	item_expression_add(&condition, "attribute_not_exists(#)", STORE_DYNAMODB_USER_KEY, NULL);
	item_expression_add(&condition, " OR #=:", STORE_DYNAMODB_OWNER, item_new_string(owner));
	finish_part(plan, part, NULL, &condition);
}

static enum pd_error
send_single(struct store_dynamodb_conn *conn, struct store_call *call, const struct part *part,
    enum store_taken *taken)
{
	struct dynamodb_result result;
	enum pd_error error;

	error = store_dynamodb_send(conn, call, part->operation, json_copy(part->body), &result);
	if (error == PD_CONFLICT && taken != NULL)
		*taken = part->taken;
	dynamodb_result_free(&result);
	return error;
}

static struct json *
transaction(const struct plan *plan, const char *token)
{
	struct json *request = json_new_object(), *items = json_new_array(), *one;
	bool ok = request != NULL && items != NULL;

	for (size_t i = 0; ok && i < plan->count; i++) {
		one = json_new_object();
		ok = json_put(one, plan->parts[i].name, json_copy(plan->parts[i].body));
		if (ok)
			ok = json_append(items, one);
		else
			json_free(one);
	}
	if (!ok) {
		json_free(items);
		items = NULL;
	}
	if (!json_put(request, "TransactItems", items) ||
	    !store_dynamodb_put_string(request, "ClientRequestToken", token)) {
		json_free(request);
		return NULL;
	}
	return request;
}

/* Why a transaction was cancelled: the first condition that did not hold. PD_UNAVAILABLE: it
 * collided with another or was throttled, and may be tried again. */
static enum pd_error
read_reasons(const struct plan *plan, const struct json *body, enum store_taken *taken)
{
	const struct json *reasons = json_get(body, "CancellationReasons");
	enum pd_error error = PD_UNAVAILABLE;

	for (size_t i = 0; i < json_length(reasons) && i < plan->count; i++) {
		const char *code = json_string(json_get(json_at(reasons, i), "Code"), NULL);

		if (code == NULL)
			continue;
		if (strcmp(code, "ConditionalCheckFailed") == 0) {
			*taken = plan->parts[i].taken;
			return PD_CONFLICT;
		}
		if (strcmp(code, "ValidationError") == 0)
			error = PD_CONFIG;
	}
	return error;
}

static enum pd_error
send_transaction(struct store_dynamodb_conn *conn, struct store_call *call, const struct plan *plan,
    enum store_taken *taken)
{
	struct dynamodb_result result;
	char token[SECRET_ID_SIZE];
	enum pd_error error = PD_UNAVAILABLE;
	bool cancelled = true;

	for (unsigned round = 0; cancelled && round < CONFLICT_ROUNDS; round++) {
		if (round > 0 && !store_dynamodb_pause(call, round))
			break;
		secret_random_id(token);
		error = store_dynamodb_send(
		    conn, call, DYNAMODB_TRANSACT_WRITE_ITEMS, transaction(plan, token), &result);
		if (error == PD_CONFLICT)
			error = read_reasons(plan, result.body, taken);
		cancelled = error == PD_UNAVAILABLE && result.body != NULL &&
		    strcmp(result.name, "TransactionCanceledException") == 0;
		if (strcmp(result.name, "UnknownOperationException") == 0)
			log_line(conn->shared->log, LOG_LEVEL_ERROR,
			    "dynamodb: %s has no transactions, which changes of an e-mail address "
			    "or uid need: nothing was written",
			    dynamodb_url(conn->shared->dynamodb));
		dynamodb_result_free(&result);
	}
	return error;
}

static enum pd_error
send_plan(struct store_dynamodb_conn *conn, struct store_call *call, const struct plan *plan,
    enum store_taken *taken)
{
	if (plan->failed)
		return PD_NO_MEMORY;
	if (plan->count == 1)
		return send_single(conn, call, &plan->parts[0], taken);
	return send_transaction(conn, call, plan, taken);
}

/* An item that does not exist, or exists no more: past its expiry it means nothing. */
static void
plan_state_put(struct plan *plan, const char *table, const struct state *after, int64_t now)
{
	struct part *part = add_part(plan, DYNAMODB_PUT_ITEM, "Put", table, STORE_TAKEN_STATE);
	struct item_expression condition;

	put_record(plan, part, &state_type, after);
	item_expression_init(&condition);
	item_expression_add(&condition, "attribute_not_exists(#)", STORE_DYNAMODB_STATE_KEY, NULL);
	item_expression_add(&condition, " OR #<=:", STORE_DYNAMODB_TTL, item_new_number(now));
	finish_part(plan, part, NULL, &condition);
}

static void
plan_swap(struct plan *plan, const char *table, const struct store_swap *swap, int64_t now)
{
	const struct state *before = swap->before;
	const struct state *after = swap->after;
	struct item_expression condition;
	struct part *part;

	if (before->version == 0) {
		plan_state_put(plan, table, after, now);
	} else if (after != NULL) {
		part = add_part(plan, DYNAMODB_UPDATE_ITEM, "Update", table, STORE_TAKEN_STATE);
		put_key(plan, part, STORE_DYNAMODB_STATE_KEY, after->id);
		update_part(plan, part, &state_type, before, after, before->version);
	} else {
		part = add_part(plan, DYNAMODB_DELETE_ITEM, "Delete", table, STORE_TAKEN_STATE);
		put_key(plan, part, STORE_DYNAMODB_STATE_KEY, before->id);
		item_expression_init(&condition);
		version_condition(&condition, before->version);
		finish_part(plan, part, NULL, &condition);
	}
}

enum pd_error
store_dynamodb_write_user(void *ctx, struct store_call *call, const struct store_user_write *write,
    enum store_taken *taken)
{
	struct store_dynamodb_conn *conn = ctx;
	const char *table = conn->shared->conf->users_table;
	const struct user *one = write->after != NULL ? write->after : write->before;
	struct plan plan = {0};
	enum pd_error error;

	if (store_dynamodb_map(conn) != NULL)
		return store_dynamodb_write_mapped(conn, call, write, taken);
	plan_record(&plan, table, write);
	plan_aux_add(&plan, table, write->email_add, one->username, STORE_TAKEN_EMAIL);
	plan_aux_remove(&plan, table, write->email_remove, one->username);
	plan_aux_add(&plan, table, write->uid_add, one->username, STORE_TAKEN_UID);
	for (size_t i = 0; i < write->swap_count; i++)
		plan_swap(&plan, conn->shared->conf->state_table, &write->swaps[i], write->now);
	error = send_plan(conn, call, &plan, taken);
	plan_free(&plan);
	return error;
}

enum pd_error
store_dynamodb_swap_state(void *ctx, struct store_call *call, const struct state *before,
    const struct state *after, int64_t now)
{
	struct store_dynamodb_conn *conn = ctx;
	const struct store_swap swap = {before, after};
	struct plan plan = {0};
	enum pd_error error;

	if (before->version == 0 && after == NULL)
		return PD_BUG;
	plan_swap(&plan, conn->shared->conf->state_table, &swap, now);
	error = send_plan(conn, call, &plan, NULL);
	plan_free(&plan);
	return error;
}
