/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How somebody becomes a user of the self-service page, and gets back in: registering in each mode,
 * confirming an address, another address, another password without the old one. Accounts made here
 * have no uid and no hosts: they log in nowhere until an administrator says so.
 *
 * Cheap checks come first, then limits, then the rules for passwords, then always one Argon2id,
 * then one conditional write: so neither answer nor time tells whether a name existed, where the
 * mode does not have to say so.
 */
#ifndef REGISTRATION_H
#define REGISTRATION_H

#include "core/blocklist.h"
#include "core/conf.h"
#include "core/login_guard.h"
#include "core/reserved_names.h"
#include "core/store.h"

#define REGISTRATION_CONFIRM_S (24 * 3600)       /* an unconfirmed account lives so long */
#define REGISTRATION_APPROVAL_S (30 * 24 * 3600) /* one that waits for an administrator */
#define REGISTRATION_NETWORK_MAX 5               /* forms of one network in an hour */
#define REGISTRATION_SITE_MAX 100                /* of all of them */
#define REGISTRATION_TOKEN_MAX 20                /* tokens of one network in an hour */
#define REGISTRATION_RESET_ACCOUNT_MAX 3         /* mails to one account in an hour */
#define REGISTRATION_RESET_NETWORK_MAX 10        /* asked for by one network */

/* PD_OK: this machine has a user or group of that name; PD_NOT_FOUND: it has none. */
typedef enum pd_error registration_local_fn(void *ctx, const char *name);

/* 0 refuses. */
enum registration_outcome {
	REGISTRATION_REFUSED = 0, /* the password is wrong */
	REGISTRATION_DONE,
	REGISTRATION_INVALID,     /* field, text */
	REGISTRATION_TAKEN,       /* name taken, reserved or local: one answer */
	REGISTRATION_LATER,       /* retry_s */
	REGISTRATION_FULL,        /* retry_s */
	REGISTRATION_SHUT,        /* the mode is off */
	REGISTRATION_GONE,        /* no such token any more */
	REGISTRATION_UNAVAILABLE, /* retry_s; nothing was saved */
	REGISTRATION_FAULT,       /* logged */
	REGISTRATION_OUTCOMES,
};

/* Whether a password is the user's, counted as a sign-in: REGISTRATION_DONE, _REFUSED, _LATER
 * (*retry_s), _UNAVAILABLE, _FAULT. */
typedef enum registration_outcome registration_password_fn(
    void *ctx, const struct user *user, const char *password, size_t len, int64_t *retry_s);

/* What registration works with; all is borrowed. */
struct registration {
	const struct conf *conf;
	struct store *store;
	struct login_guard *guard;
	const struct blocklist *blocklist;
	const struct reserved_names *reserved;
	const struct log *log;
	const char *host; /* a word that nobody may use as a password */
	registration_local_fn *is_local;
	registration_password_fn *knows; /* NULL: compared, and not counted */
	void *ctx;                       /* of both */
};

struct registration_result {
	enum registration_outcome outcome;
	const char *field; /* of REGISTRATION_INVALID: "username", "email", "invite", "password" */
	const char *text;  /* its id, a constant: "name", "address", "invite", "missing", or one of
			      password_rules_broken */
	int64_t retry_s;
	const char *event; /* for the audit line, a constant: "reserved", "taken", ... */
	struct user user;  /* whom it was about, as now stored; zeroed where there is nobody */
	struct store_call call;
};
void registration_result_free(struct registration_result *result);

/* A form. */
struct registration_form {
	const char *name;
	const char *password; /* secret */
	size_t password_len;
	const char *email;          /* NULL or "": none */
	const char *invitation;     /* secret; NULL or "": none */
	const struct pairs *fields; /* judged by the table of fields; may be empty */
	const char *network;        /* the client's address */
	const char *language;       /* of mails */
	int64_t deadline_ms;
};
void registration_submit(const struct registration *registration,
    const struct registration_form *form, struct registration_result *out);

/* What a token from a mail asks for. */
struct registration_claim {
	const char *token;
	const char *kind;     /* check: "confirm", "email", "reset", "invite" */
	const char *password; /* verify: the account's; reset: the new one; secret */
	size_t password_len;
	const char *network;
	const char *language;
	int64_t deadline_ms;
};
/* Says whose it is, in result.user.username alone, and uses nothing up. */
void registration_check_token(const struct registration *registration,
    const struct registration_claim *claim, struct registration_result *out);
/* Token and password together confirm an address. In result.user the record as written. */
void registration_verify(const struct registration *registration,
    const struct registration_claim *claim, struct registration_result *out);
/* Sets a new password, ends all sessions, drops an address that waits. */
void registration_reset(const struct registration *registration,
    const struct registration_claim *claim, struct registration_result *out);

/* Who asks for something without a token. */
struct registration_ask {
	const char *who; /* reset: a name or address; else the name of who is signed in */
	const char *email;
	const char *network;
	const char *language;
	int64_t deadline_ms;
};
/* A link for a new password, where an account matches and has a confirmed address. The answer, the
 * requests and the mail spool's work are the same where none does. */
void registration_reset_request(const struct registration *registration,
    const struct registration_ask *ask, struct registration_result *out);
/* Another address of `user`, who gave her password: she keeps the old one until the link that is
 * sent to the new one is used. */
void registration_email(const struct registration *registration, const struct registration_ask *ask,
    const struct user *user, struct registration_result *out);
/* The mail about an address that waits, once more. DONE also where none does. */
void registration_resend(const struct registration *registration,
    const struct registration_ask *ask, const struct user *user, struct registration_result *out);

/* The address of a user that waits to be confirmed; "": none does. */
enum pd_error registration_pending_email(const struct registration *registration,
    struct store_call *call, const char *name, char out[USER_EMAIL_MAX + 1]);

/* An address that waits to be confirmed waits no more. */
enum pd_error registration_drop_email(
    const struct registration *registration, struct store_call *call, const char *name);

/* A notice to the address of `user`, if it is confirmed, that her password was changed. */
void registration_notify(const struct registration *registration, const struct user *user,
    const char *network, const char *language);

/* The news that an administrator agreed, to the address that she gave. */
void registration_tell_approved(const struct registration *registration, const struct user *user);

/* Deletes registrations whose time has passed, `max` at most; what goes wrong waits for the next
 * time. */
void registration_sweep(
    const struct registration *registration, struct store_call *call, size_t max);

/* True if the record is a registration whose time has passed: it counts for nothing. */
bool registration_stale(const struct user *user, int64_t now);

#endif
