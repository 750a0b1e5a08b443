/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/permission.h"

#include <string.h>

#include "core/clock.h"
#include "core/user.h"
#include "service/service.h"
#include "service/trusted.h"

enum pd_error
permission_name(
    const struct call *call, const char *name, int64_t minimum_uid, enum policy_reason *reason)
{
	enum pd_error error;
	uid_t uid = 0;

	*reason = REASON_BAD_NAME;
	if (!user_name_allowed(name, call->generation->conf.names))
		return PD_NOT_FOUND;
	error = local_names_user(call->service->local_names, name, &uid);
	if (error == PD_NOT_FOUND)
		return PD_OK;
	if (error != PD_OK) {
		*reason = error == PD_NO_MEMORY ? REASON_NO_MEMORY : REASON_CONFIG;
		return error;
	}
	*reason = REASON_LOCAL_NAME;
	if (call->generation->conf.local_names == CONF_LOCAL_REFUSE)
		return PD_NOT_FOUND;
	*reason = REASON_LOW_UID;
	return uid < minimum_uid ? PD_NOT_FOUND : PD_OK;
}

/* The name that the directory gives to uid, kept for a short time. */
static enum pd_error
find_owner(struct exchange *exchange, uid_t uid, char out[USER_NAME_SIZE])
{
	const struct call *call = exchange->call;
	struct store_call store_call = {.deadline_ms = exchange->request.deadline_ms};
	unsigned generation = call->generation->number;
	enum pd_error error;

	out[0] = '\0';
	if (uid < call->generation->conf.uid_min || uid > call->generation->conf.uid_max)
		return PD_NOT_FOUND;
	error = userdb_cache_owner(
	    call->service->cache, generation, uid, clock_monotonic_ms(), out);
	if (error != PD_UNAVAILABLE)
		return error;
	error = store_uid_owner(call->generation->store, &store_call, uid, out);
	exchange->requests += store_call.requests;
	if (error == PD_OK || error == PD_NOT_FOUND)
		userdb_cache_put_owner(call->service->cache, generation, uid,
		    error == PD_OK ? out : NULL, clock_monotonic_ms());
	return error;
}

static bool
refuse(struct exchange *exchange, enum verdict verdict, enum policy_reason reason)
{
	exchange_answer(exchange, verdict, reason);
	return false;
}

/* The local files cannot be read. */
static bool
refuse_local(struct exchange *exchange, enum pd_error error)
{
	if (error == PD_NO_MEMORY)
		return refuse(exchange, VERDICT_NO_MEMORY, REASON_NO_MEMORY);
	return refuse(exchange, VERDICT_FAULT, REASON_CONFIG);
}

/* The peer's uid has this name, locally or in the directory. The first question does not depend on
 * the name, and only the owner's record is read, by the login, which expects the uid in it: neither
 * the answer nor its time tells anything about other names. */
static bool
check_own(struct exchange *exchange)
{
	const struct call *call = exchange->call;
	struct policy_answer answer = {VERDICT_FORBIDDEN, REASON_NOT_ALLOWED};
	char owner[USER_NAME_SIZE];
	enum pd_error error;
	uid_t uid = 0;

	error = local_names_user(call->service->local_names, exchange->name, &uid);
	if (error == PD_OK && uid == call->peer.uid)
		return true;
	if (error == PD_OK)
		return refuse(exchange, answer.verdict, answer.reason);
	if (error != PD_NOT_FOUND)
		return refuse_local(exchange, error);
	error = find_owner(exchange, call->peer.uid, owner);
	if (error == PD_OK && strcmp(owner, exchange->name) == 0) {
		exchange->request.expected_uid = (int64_t)call->peer.uid;
		return true;
	}
	if (error != PD_OK && error != PD_NOT_FOUND)
		answer = login_answer_error(error, exchange->request.deadline_ms);
	return refuse(exchange, answer.verdict, answer.reason);
}

bool
permission_is_stranger(const struct call *call)
{
	const struct conf *conf = &call->generation->conf;
	uid_t uid = call->peer.uid;

	return uid != 0 && (uid < conf->uid_min || uid > conf->uid_max) &&
	    local_names_uid(call->service->local_names, uid) == PD_NOT_FOUND;
}

bool
permission_rate(struct exchange *exchange)
{
	const struct call *call = exchange->call;
	struct rate *rate;

	if (call->peer.uid == 0)
		return true;
	exchange->trusted = trusted_uid(
	    &call->generation->conf, call->service->local_names, call->peer.uid);
	exchange->held = permission_is_stranger(call);
	rate = exchange->trusted ? call->service->trusted_rate : call->service->login_rate;
	if (exchange->held || rate_take_fair(rate, call->peer.uid, clock_monotonic_ms()))
		return true;
	exchange->held = true;
	return refuse(exchange, VERDICT_UNAVAILABLE, REASON_BUSY);
}

bool
permission_check(struct exchange *exchange)
{
	const struct call *call = exchange->call;
	enum policy_reason reason;
	enum pd_error error;

	error = permission_name(call, exchange->name, exchange->request.minimum_uid, &reason);
	if (error == PD_NOT_FOUND)
		return refuse(exchange, VERDICT_UNKNOWN, reason);
	if (error != PD_OK)
		return refuse_local(exchange, error);
	return call->peer.uid == 0 || exchange->trusted || check_own(exchange);
}
