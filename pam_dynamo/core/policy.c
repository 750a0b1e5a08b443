/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/policy.h"

#include <fnmatch.h>
#include <string.h>

#define DAY_S 86400

static const char *const reason_words[REASON_COUNT_] = {
    [REASON_NONE] = "none",
    [REASON_GOOD] = "good",
    [REASON_RESET] = "reset-by-root",
    [REASON_WRONG_PASSWORD] = "wrong-password",
    [REASON_EMPTY_PASSWORD] = "empty-password",
    [REASON_OVERLONG_PASSWORD] = "overlong-password",
    [REASON_JUNK_PASSWORD] = "junk-password",
    [REASON_LOCKED] = "locked",
    [REASON_SOURCE_LOCKED] = "source-locked",
    [REASON_CAPPED] = "capped",
    [REASON_THROTTLED] = "throttled",
    [REASON_IN_FLIGHT] = "in-flight",
    [REASON_UNKNOWN_USER] = "unknown-user",
    [REASON_BAD_NAME] = "bad-name",
    [REASON_LOCAL_NAME] = "local-name",
    [REASON_LOW_UID] = "low-uid",
    [REASON_NO_PASSWORD] = "no-password",
    [REASON_PENDING] = "pending",
    [REASON_DISABLED] = "disabled",
    [REASON_CLOSED] = "closed",
    [REASON_ACCOUNT_EXPIRED] = "account-expired",
    [REASON_SERVICE] = "service-not-allowed",
    [REASON_HOST] = "host-not-allowed",
    [REASON_NO_UID] = "no-uid",
    [REASON_PASSWORD_EXPIRED] = "password-expired",
    [REASON_MUST_CHANGE] = "must-change",
    [REASON_CORRUPT] = "corrupt-record",
    [REASON_HASH_MALFORMED] = "hash-malformed",
    [REASON_HASH_TOO_EXPENSIVE] = "hash-too-expensive",
    [REASON_UNAVAILABLE] = "unavailable",
    [REASON_CONFIG] = "configuration",
    [REASON_DEADLINE] = "deadline",
    [REASON_BUSY] = "busy",
    [REASON_NO_MEMORY] = "no-memory",
    [REASON_WEAK_PASSWORD] = "weak-password",
    [REASON_FORM] = "invalid-form",
    [REASON_CHANGED_MEANWHILE] = "changed-meanwhile",
    [REASON_NO_SESSION] = "no-session",
    [REASON_NOT_ALLOWED] = "not-allowed",
    [REASON_BUG] = "bug",
};

const char *
policy_reason_word(enum policy_reason reason)
{
	size_t row = (size_t)reason;

	if (row >= REASON_COUNT_ || reason_words[row] == NULL)
		return "bug";
	return reason_words[row];
}

static bool
host_matches(const char *pattern, const struct policy_context *context)
{
	if (strcmp(pattern, "*") == 0)
		return true;
	if (pattern[0] == '@')
		return context->host_groups != NULL &&
		    strlist_has(context->host_groups, pattern + 1);
	return (context->host_short != NULL &&
		   fnmatch(pattern, context->host_short, FNM_CASEFOLD) == 0) ||
	    (context->host_full != NULL && fnmatch(pattern, context->host_full, FNM_CASEFOLD) == 0);
}

bool
policy_host_allowed(const struct strlist *hosts, const struct policy_context *context)
{
	for (size_t i = 0; i < hosts->len; i++)
		if (host_matches(hosts->items[i], context))
			return true;
	return false;
}

static bool
service_matches(const char *pattern, const char *service)
{
	if (strcmp(pattern, "*") == 0)
		return true;
	return service != NULL && service[0] != '\0' &&
	    fnmatch(pattern, service, FNM_CASEFOLD) == 0;
}

bool
policy_service_allowed(const struct strlist *services, const char *service)
{
	if (services->len == 0)
		return true;
	for (size_t i = 0; i < services->len; i++)
		if (service_matches(services->items[i], service))
			return true;
	return false;
}

static struct policy_answer
status_answer(enum user_status status)
{
	switch (status) {
	case USER_STATUS_ACTIVE:
		return (struct policy_answer){VERDICT_SUCCESS, REASON_GOOD};
	case USER_STATUS_PENDING_EMAIL:
	case USER_STATUS_PENDING_APPROVAL:
		return (struct policy_answer){VERDICT_EXPIRED, REASON_PENDING};
	case USER_STATUS_DISABLED:
		return (struct policy_answer){VERDICT_EXPIRED, REASON_DISABLED};
	case USER_STATUS_CLOSED:
		return (struct policy_answer){VERDICT_EXPIRED, REASON_CLOSED};
	case USER_STATUS_INVALID:
		break;
	}
	return (struct policy_answer){VERDICT_FAULT, REASON_CORRUPT};
}

/* When the password must be changed; INT64_MAX: never. A password is at least as old as its record:
 * without a date of its own it has that one's, and without either it is too old. */
static int64_t
password_ends_at(const struct user *user, const struct policy_context *context)
{
	int64_t changed_at = user->password_changed_at != 0 ? user->password_changed_at
							    : user->created_at;

	if (context->max_age_days <= 0)
		return INT64_MAX;
	return changed_at == 0 ? 0 : changed_at + context->max_age_days * DAY_S;
}

/* A record without a password is for key logins: there is nothing to age or to change. */
static struct policy_answer
password_age(const struct user *user, const struct policy_context *context)
{
	if (user->password == NULL)
		return (struct policy_answer){VERDICT_SUCCESS, REASON_GOOD};
	if (user->password_must_change)
		return (struct policy_answer){VERDICT_CHANGE, REASON_MUST_CHANGE};
	if (password_ends_at(user, context) <= context->now)
		return (struct policy_answer){VERDICT_CHANGE, REASON_PASSWORD_EXPIRED};
	return (struct policy_answer){VERDICT_SUCCESS, REASON_GOOD};
}

struct policy_answer
policy_account(
    const struct user *user, const struct state *fail, const struct policy_context *context)
{
	struct policy_answer status = status_answer(user_status_parse(user->status));

	if (user->uid != 0 && user->uid < context->minimum_uid)
		return (struct policy_answer){VERDICT_UNKNOWN, REASON_LOW_UID};
	if (fail != NULL && state_locked(fail, context->now))
		return (struct policy_answer){VERDICT_FORBIDDEN, REASON_LOCKED};
	if (status.verdict != VERDICT_SUCCESS)
		return status;
	if (user->account_expires_at != 0 && user->account_expires_at <= context->now)
		return (struct policy_answer){VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED};
	if (!policy_service_allowed(&user->services, context->service))
		return (struct policy_answer){VERDICT_FORBIDDEN, REASON_SERVICE};
	if (!policy_host_allowed(&user->hosts, context))
		return (struct policy_answer){VERDICT_FORBIDDEN, REASON_HOST};
	if (user->uid == 0 && !context->local_allowed)
		return (struct policy_answer){VERDICT_UNKNOWN, REASON_NO_UID};
	return password_age(user, context);
}

struct policy_answer
policy_web(const struct user *user, enum user_status wanted, int64_t now)
{
	enum user_status status = user_status_parse(user->status);

	if (status != wanted)
		return status == USER_STATUS_ACTIVE
		    ? (struct policy_answer){VERDICT_FORBIDDEN, REASON_NOT_ALLOWED}
		    : status_answer(status);
	if (user->account_expires_at != 0 && user->account_expires_at <= now)
		return (struct policy_answer){VERDICT_EXPIRED, REASON_ACCOUNT_EXPIRED};
	return (struct policy_answer){VERDICT_SUCCESS, REASON_GOOD};
}

int64_t
policy_days_left(const struct user *user, const struct policy_context *context)
{
	int64_t ends_at = password_ends_at(user, context);
	int64_t days;

	if (user->password == NULL || ends_at == INT64_MAX || ends_at <= context->now)
		return -1;
	days = ends_at / DAY_S - context->now / DAY_S;
	return days <= context->warn_age_days && context->warn_age_days > 0 ? days : -1;
}

struct policy_answer
policy_authenticate(struct policy_answer account, bool password_matched)
{
	if (!password_matched)
		return (struct policy_answer){VERDICT_DENY, REASON_WRONG_PASSWORD};
	if (account.reason == REASON_LOCKED)
		return (struct policy_answer){VERDICT_DENY, REASON_LOCKED};
	if (account.verdict == VERDICT_CHANGE)
		account.verdict = VERDICT_SUCCESS;
	return account;
}
