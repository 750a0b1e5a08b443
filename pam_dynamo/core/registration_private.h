/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of registration.c and by nothing else. */
#ifndef REGISTRATION_PRIVATE_H
#define REGISTRATION_PRIVATE_H

#include "core/email.h"
#include "core/mail_text.h"
#include "core/one_time.h"
#include "core/password.h"
#include "core/registration.h"

/* Ends with an answer; the return value is false, so that `return registration_say(...)` stops. */
bool registration_say(struct registration_result *out, enum registration_outcome outcome);
bool registration_invalid(struct registration_result *out, const char *field, const char *text);
bool registration_error(struct registration_result *out, enum pd_error error);

/* Begins: zeroes *out and gives its call the deadline. */
void registration_begin(struct registration_result *out, int64_t deadline_ms);

/* One event of a bucket in `window_s`. False: `full` was said, or that there is no answer. */
bool registration_rate(const struct registration *registration, struct registration_result *out,
    const char *bucket, int64_t max, int64_t window_s, enum registration_outcome full);
/* The same of "<what>#<network>". */
bool registration_rate_network(const struct registration *registration,
    struct registration_result *out, const char *what, const char *network, int64_t max);

/* The rules for new passwords. */
bool registration_judge_password(const struct registration *registration,
    struct registration_result *out, const struct user *user, const char *password, size_t len);

/* One hash, made or compared, inside the gate. */
bool registration_hash(const struct registration *registration, struct registration_result *out,
    const char *password, size_t len, char hash[PASSWORD_HASH_SIZE]);
bool registration_compare(const struct registration *registration, struct registration_result *out,
    const struct user *user, const char *password, size_t len, bool *match);

/* Puts a mail into the spool: to "" (or where no mail is configured) a blank or nothing. At most
 * one in ten minutes to an address, except where it carries a token that somebody signed in asked
 * for. Failures are logged and not told. */
struct registration_mail {
	enum mail_kind kind;
	const char *to; /* as typed, may be NULL */
	const char *token;
	const char *network;
	const char *language;
	bool always; /* not bounded */
};
void registration_send(const struct registration *registration, struct store_call *call,
    const struct registration_mail *mail);

#endif
