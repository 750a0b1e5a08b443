/* SPDX-License-Identifier: BSD-2-Clause */
/* What every request of a registration does: answers, limits, hashes, mails. */
#include <stdio.h>
#include <string.h>

#include "core/mail_spool.h"
#include "core/password_rules.h"
#include "core/registration_private.h"
#include "core/secret.h"
#include "core/source.h"

#define BUCKET_SIZE 300
#define MAIL_PAUSE_S 600 /* one message to an address in so many seconds */
#define RETRY_S 30       /* after an outage */

void
registration_result_free(struct registration_result *result)
{
	user_free(&result->user);
}

bool
registration_say(struct registration_result *out, enum registration_outcome outcome)
{
	out->outcome = outcome;
	return false;
}

bool
registration_invalid(struct registration_result *out, const char *field, const char *text)
{
	out->field = field;
	out->text = text;
	return registration_say(out, REGISTRATION_INVALID);
}

bool
registration_error(struct registration_result *out, enum pd_error error)
{
	if (error == PD_UNAVAILABLE || error == PD_UNCERTAIN) {
		out->retry_s = RETRY_S;
		return registration_say(out, REGISTRATION_UNAVAILABLE);
	}
	return registration_say(out, REGISTRATION_FAULT);
}

void
registration_begin(struct registration_result *out, int64_t deadline_ms)
{
	memset(out, 0, sizeof(*out));
	out->call.deadline_ms = deadline_ms;
}

bool
registration_rate(const struct registration *registration, struct registration_result *out,
    const char *bucket, int64_t max, int64_t window_s, enum registration_outcome full)
{
	const struct state_limit limit = {.window_s = window_s, .max = max};
	int64_t retry_s = 0;
	enum pd_error error = store_take_rate(registration->store, &out->call, bucket, &limit,
	    store_now(registration->store), &retry_s);

	if (error == PD_OK)
		return true;
	if (error != PD_CONFLICT)
		return registration_error(out, error);
	out->retry_s = retry_s;
	out->event = "limit";
	return registration_say(out, full);
}

bool
registration_rate_network(const struct registration *registration, struct registration_result *out,
    const char *what, const char *network, int64_t max)
{
	char source[SOURCE_SIZE], bucket[BUCKET_SIZE];

	if (!source_network(network, source))
		(void)snprintf(source, sizeof(source), "unknown");
	(void)snprintf(bucket, sizeof(bucket), "%s#%s", what, source);
	return registration_rate(registration, out, bucket, max, 3600, REGISTRATION_LATER);
}

bool
registration_judge_password(const struct registration *registration,
    struct registration_result *out, const struct user *user, const char *password, size_t len)
{
	struct password_words words;
	struct password_rules rules;
	const char *broken;

	password_words_fill(&words, user, registration->host, registration->conf->mail_site);
	rules = password_rules_of(registration->conf, registration->blocklist, &words);
	broken = password_rules_broken(&rules, password, len);
	if (broken == NULL)
		return true;
	out->event = "policy";
	return registration_invalid(out, "password", broken);
}

bool
registration_hash(const struct registration *registration, struct registration_result *out,
    const char *password, size_t len, char hash[PASSWORD_HASH_SIZE])
{
	const struct password_cost cost = {
	    (uint32_t)registration->conf->memory_kib, (uint32_t)registration->conf->passes};
	enum pd_error error;

	if (!hash_gate_enter(&registration->guard->gate, out->call.deadline_ms))
		return registration_error(out, PD_UNAVAILABLE);
	error = password_make(&cost, password, len, hash);
	hash_gate_leave(&registration->guard->gate);
	return error == PD_OK || registration_error(out, error);
}

bool
registration_compare(const struct registration *registration, struct registration_result *out,
    const struct user *user, const char *password, size_t len, bool *match)
{
	const struct conf *conf = registration->conf;
	const struct password_bound bound = {
	    (uint32_t)conf->max_memory_kib, (uint32_t)conf->max_passes, (uint32_t)conf->max_rounds};
	enum password_match answer = PASSWORD_MALFORMED;

	*match = false;
	if (!hash_gate_enter(&registration->guard->gate, out->call.deadline_ms))
		return registration_error(out, PD_UNAVAILABLE);
	if (user->password != NULL)
		answer = password_verify(user->password, &bound, password, len);
	hash_gate_leave(&registration->guard->gate);
	*match = answer == PASSWORD_MATCH;
	return answer == PASSWORD_MATCH || answer == PASSWORD_MISMATCH ||
	    registration_error(out, PD_CORRUPT);
}

/* Whether this address may get a mail now. An outage lets it through: the limit is a courtesy. */
static bool
may_send(const struct registration *registration, struct store_call *call, const char *key)
{
	static const struct state_limit limit = {.window_s = MAIL_PAUSE_S, .max = 1};
	char hex[DIGEST_SHA256_HEX_SIZE], bucket[BUCKET_SIZE];

	if (!digest_sha256_hex(key, strlen(key), hex))
		return false;
	(void)snprintf(bucket, sizeof(bucket), "mail#%s", hex);
	return store_take_rate(registration->store, call, bucket, &limit,
		   store_now(registration->store), NULL) != PD_CONFLICT;
}

void
registration_send(const struct registration *registration, struct store_call *call,
    const struct registration_mail *mail)
{
	const struct conf *conf = registration->conf;
	char to[EMAIL_SIZE] = "", key[EMAIL_SIZE] = "", network[SOURCE_SIZE];
	struct mail message = {.kind = mail->kind,
	    .language = mail->language,
	    .to = to,
	    .sender = conf->mail_sender,
	    .site = conf->mail_site,
	    .url = conf->mail_url,
	    .token = mail->token,
	    .network = network,
	    .now = store_now(registration->store)};
	struct buf text;
	bool blank;

	if (conf->mail_spool[0] == '\0')
		return;
	(void)source_network(mail->network, network);
	blank = mail->to == NULL || !email_ascii(mail->to, to) || !email_key(mail->to, key);
	if (!mail->always && !may_send(registration, call, key))
		blank = true;
	if (blank) /* as much work for nobody */
		(void)snprintf(to, sizeof(to), "nobody@localhost");
	buf_init(&text, MAIL_SPOOL_SIZE_MAX / 2);
	if (!mail_text_write(&message, &text))
		log_line(registration->log, LOG_LEVEL_ERROR, "a mail could not be written");
	else
		(void)mail_spool_put(conf->mail_spool, blank ? "" : to, buf_string(&text), text.len,
		    registration->log);
	buf_free(&text);
}

void
registration_notify(const struct registration *registration, const struct user *user,
    const char *network, const char *language)
{
	struct store_call call = {.deadline_ms = 0};
	const struct registration_mail mail = {.kind = MAIL_PASSWORD_NOTICE,
	    .to = user->email,
	    .network = network,
	    .language = language,
	    .always = true};

	if (user->email != NULL && user->email_verified)
		registration_send(registration, &call, &mail);
}

void
registration_tell_approved(const struct registration *registration, const struct user *user)
{
	struct store_call call = {.deadline_ms = 0};
	const struct registration_mail mail = {
	    .kind = MAIL_APPROVED, .to = user->email, .always = true};

	if (user->email != NULL)
		registration_send(registration, &call, &mail);
}
