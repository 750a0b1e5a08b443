/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening, and the phases that need no more than a few lines: authenticate and account. */
#include "core/login.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/login_private.h"
#include "core/secret.h"

/* Which verdicts come with a sentence for the user. A denial never does: it would say why. */
static const char *const messages[REASON_COUNT_] = {
    [REASON_LOCKED] = "Too many wrong passwords: the account is locked for a while.",
    [REASON_PENDING] = "The account is not active yet.",
    [REASON_DISABLED] = "The account is disabled.",
    [REASON_CLOSED] = "The account is closed.",
    [REASON_ACCOUNT_EXPIRED] = "The account has expired.",
    [REASON_SERVICE] = "The account may not use this service.",
    [REASON_HOST] = "The account may not log in to this host.",
    [REASON_PASSWORD_EXPIRED] = "The password has expired and must be changed.",
    [REASON_MUST_CHANGE] = "The password must be changed.",
    [REASON_CHANGED_MEANWHILE] = "The account was changed meanwhile, please try again.",
};

static const struct policy_answer error_answers[PD_ERROR_COUNT] = {
    [PD_OK] = {VERDICT_FAULT, REASON_BUG},
    [PD_NOT_FOUND] = {VERDICT_UNKNOWN, REASON_UNKNOWN_USER},
    [PD_CONFLICT] = {VERDICT_TRY_AGAIN, REASON_CHANGED_MEANWHILE},
    [PD_INVALID] = {VERDICT_FAULT, REASON_BUG},
    [PD_CONFIG] = {VERDICT_UNAVAILABLE, REASON_CONFIG},
    [PD_UNAVAILABLE] = {VERDICT_UNAVAILABLE, REASON_UNAVAILABLE},
    [PD_UNCERTAIN] = {VERDICT_UNAVAILABLE, REASON_UNAVAILABLE},
    [PD_CORRUPT] = {VERDICT_FAULT, REASON_CORRUPT},
    [PD_NO_MEMORY] = {VERDICT_NO_MEMORY, REASON_NO_MEMORY},
    [PD_BUG] = {VERDICT_FAULT, REASON_BUG},
};

/* The names that this host answers to; no resolver is asked. */
static enum pd_error
name_host(struct login *login)
{
	const char *configured = login->conf->host_name;
	char own[LOGIN_HOST_SIZE] = {0};
	int len;

	if (configured == NULL || configured[0] == '\0') {
		if (gethostname(own, sizeof(own) - 1) != 0)
			return PD_CONFIG;
		configured = own;
	}
	len = snprintf(login->host_full, sizeof(login->host_full), "%s", configured);
	if (len < 0 || (size_t)len >= sizeof(login->host_full))
		return PD_CONFIG;
	memcpy(login->host_short, login->host_full, sizeof(login->host_short));
	login->host_short[strcspn(login->host_short, ".")] = '\0';
	return PD_OK;
}

enum pd_error
login_open(const struct conf *conf, struct store *store, struct login_guard *guard,
    const struct blocklist *blocklist, const struct log *log, struct login **out)
{
	struct login *login = calloc(1, sizeof(*login));
	enum pd_error error;

	*out = NULL;
	if (login == NULL)
		return PD_NO_MEMORY;
	login->conf = conf;
	login->store = store;
	login->guard = guard;
	login->blocklist = blocklist;
	login->log = log;
	login->noted_mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	error = name_host(login);
	if (error != PD_OK) {
		free(login);
		return error;
	}
	hash_gate_resize(&guard->gate, (size_t)conf->hashes);
	*out = login;
	return PD_OK;
}

void
login_close(struct login *login)
{
	if (login == NULL)
		return;
	pthread_mutex_destroy(&login->noted_mutex);
	free(login);
}

void
login_result_free(struct login_result *result)
{
	user_free(&result->user);
	state_free(&result->fail);
	*result = (struct login_result){0};
}

struct password_cost
login_cost(const struct login *login)
{
	return (struct password_cost){
	    .memory_kib = (uint32_t)login->conf->memory_kib,
	    .passes = (uint32_t)login->conf->passes,
	};
}

struct policy_answer
login_answer_error(enum pd_error error, int64_t deadline_ms)
{
	struct policy_answer answer = error_answers[PD_BUG];

	if ((size_t)error < PD_ERROR_COUNT)
		answer = error_answers[error];
	if (answer.reason == REASON_UNAVAILABLE && clock_left_ms(deadline_ms) == 0)
		answer.reason = REASON_DEADLINE;
	return answer;
}

struct policy_answer
login_error_answer(const struct login_step *step, enum pd_error error)
{
	return login_answer_error(error, step->request->deadline_ms);
}

static void
fill_step(struct login_step *step, struct login *login, const struct login_request *request,
    struct login_result *out)
{
	const struct conf *conf = login->conf;
	bool addresses = conf->names == CONF_NAMES_EMAIL; /* these users have no uid */

	*out = (struct login_result){0};
	*step = (struct login_step){
	    .login = login,
	    .request = request,
	    .out = out,
	    .begun_us = clock_monotonic_us(),
	    .call = {.deadline_ms = request->deadline_ms},
	    .context =
		{
		    .host_short = login->host_short,
		    .host_full = login->host_full,
		    .host_groups = &conf->host_groups,
		    .service = request->service,
		    .minimum_uid = addresses       ? 0
			: request->minimum_uid > 0 ? request->minimum_uid
						   : conf->minimum_uid,
		    .max_age_days = conf->max_age_days,
		    .warn_age_days = conf->warn_age_days,
		    .local_allowed = addresses || conf->local_names == CONF_LOCAL_ALLOW,
		},
	    .limit = {.window_s = conf->failure_window_s,
		.max = conf->max_failures,
		.lockout_s = conf->lockout_s},
	    .source_limit = {.window_s = conf->failure_window_s,
		.max = conf->source_max_failures,
		.lockout_s = conf->lockout_s},
	};
}

struct policy_answer
login_begin(struct login_step *step, struct login *login, const struct login_request *request,
    struct login_result *out)
{
	fill_step(step, login, request, out);
	if (request->name == NULL || !user_name_allowed(request->name, login->conf->names))
		return (struct policy_answer){VERDICT_UNKNOWN, REASON_BAD_NAME};
	if (clock_left_ms(request->deadline_ms) == 0)
		return (struct policy_answer){VERDICT_UNAVAILABLE, REASON_DEADLINE};
	return (struct policy_answer){VERDICT_DENY, REASON_NONE};
}

static const struct policy_answer forbidden = {VERDICT_FORBIDDEN, REASON_NOT_ALLOWED};

static bool
is_expected(const struct login_request *request, const struct user *user)
{
	return request->expected_uid == 0 || user->uid == request->expected_uid;
}

enum pd_error
login_fetch(struct login_step *step)
{
	struct login_result *out = step->out;
	enum pd_error error = store_get_login_from(step->login->store, &step->call,
	    step->request->name, step->network[0] == '\0' ? NULL : step->network, &out->user,
	    &out->fail, &step->source, login_has_cap(step->login) ? &step->cap : NULL);

	out->online = error == PD_OK || error == PD_NOT_FOUND || error == PD_CORRUPT;
	step->context.now = store_now(step->login->store);
	if (error == PD_NOT_FOUND && step->request->expected_uid != 0)
		error = PD_OK; /* gone: forbidden below, as what has moved on */
	if (error != PD_OK)
		return error;
	if (is_expected(step->request, &out->user)) {
		step->account = policy_account(&out->user, &out->fail, &step->context);
	} else {
		step->account = forbidden;
		user_free(&out->user);
	}
	return PD_OK;
}

void
login_say(struct login_result *out, const char *sentence)
{
	(void)snprintf(out->message, sizeof(out->message), "%s", sentence);
}

void
login_end(struct login_step *step, struct policy_answer answer)
{
	struct login_result *out = step->out;

	out->verdict = answer.verdict;
	out->reason = answer.reason;
	if (answer.verdict != VERDICT_DENY && answer.verdict != VERDICT_SUCCESS &&
	    out->message[0] == '\0' && messages[answer.reason] != NULL)
		login_say(out, messages[answer.reason]);
	out->requests = step->call.requests;
	memcpy(out->request_id, step->call.request_id, sizeof(out->request_id));
}

void
login_deny_on_grid(const struct login_step *step, enum verdict verdict)
{
	int64_t now_us = clock_monotonic_us();
	int64_t rest_us = LOGIN_DENIAL_GRID_US - (now_us - step->begun_us) % LOGIN_DENIAL_GRID_US +
	    secret_random_below(LOGIN_DENIAL_JITTER_US);

	if ((verdict == VERDICT_DENY || verdict == VERDICT_UNKNOWN) &&
	    rest_us / 1000 < clock_left_ms(step->request->deadline_ms))
		clock_sleep_until_us(now_us + rest_us);
}

void
login_authenticate(
    struct login *login, const struct login_request *request, struct login_result *out)
{
	struct login_step step;
	struct policy_answer answer = login_begin(&step, login, request, out);
	struct password_cost cost = login_cost(login);

	if (answer.reason == REASON_NONE)
		answer = login_guess(&step);
	login_end(&step, answer);
	login_deny_on_grid(&step, out->verdict);
	out->clear_cap = out->verdict == VERDICT_SUCCESS && step.cap.count > 0;
	state_free(&step.cap);
	if (out->verdict != VERDICT_SUCCESS)
		return;
	out->clear_failures = out->fail.count > 0;
	out->rehash = conf_users_writable(login->conf) &&
	    password_needs_rehash(out->user.password, &cost);
}

static void
warn_of_age(struct login_step *step, const struct user *user)
{
	int64_t days = policy_days_left(user, &step->context);
	char sentence[LOGIN_MESSAGE_SIZE];

	if (days < 0)
		return;
	if (days > 1)
		(void)snprintf(
		    sentence, sizeof(sentence), "Your password expires in %" PRId64 " days.", days);
	else
		(void)snprintf(sentence, sizeof(sentence), "Your password expires %s.",
		    days == 1 ? "tomorrow" : "today");
	login_say(step->out, sentence);
}

/* `user` is the record that was judged. */
static void
end_account(struct login_step *step, const struct user *user, struct policy_answer answer)
{
	if (answer.verdict == VERDICT_SUCCESS)
		warn_of_age(step, user);
	login_end(step, answer);
	step->out->last_login = step->login->conf->last_login &&
	    (answer.verdict == VERDICT_SUCCESS || answer.verdict == VERDICT_CHANGE);
}

void
login_account(struct login *login, const struct login_request *request, struct login_result *out)
{
	struct login_step step;
	struct policy_answer answer = login_begin(&step, login, request, out);
	enum pd_error error;

	if (answer.reason == REASON_NONE) {
		error = login_fetch(&step);
		answer = error == PD_OK ? step.account : login_error_answer(&step, error);
		state_free(&step.source);
		state_free(&step.cap);
	}
	end_account(&step, &out->user, answer);
}

void
login_account_again(struct login *login, const struct login_request *request,
    const struct login_result *from, struct login_result *out)
{
	struct login_step step;
	struct policy_answer answer = login_begin(&step, login, request, out);

	if (answer.reason == REASON_NONE) {
		out->online = from->online;
		step.context.now = store_now(login->store);
		if (from->user.username == NULL || strcmp(from->user.username, request->name) != 0)
			answer = (struct policy_answer){VERDICT_FAULT, REASON_BUG};
		else if (!is_expected(request, &from->user))
			answer = forbidden;
		else
			answer = policy_account(&from->user, &from->fail, &step.context);
	}
	end_account(&step, &from->user, answer);
}
