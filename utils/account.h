/* SPDX-License-Identifier: BSD-2-Clause */
/* An account as the command sees it: the record with its failures and last login. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "core/state.h"
#include "core/user.h"
#include "utils/session.h"

struct account {
	struct user user;
	struct state fail;    /* version 0: no failures */
	struct state last;    /* version 0: never seen */
	struct strlist notes; /* account_note_owners */
	bool noted;
};

/* Reads all three and says what is wrong; free with account_free, zeroed on failure. */
enum exit_code account_get(struct session *session, const char *name, struct account *out);
void account_free(struct account *account);

/* Looks whether the items that keep uid and address unique are there and the user's own: who adds
 * records by hand may forget them. Notes what is missing or somebody else's. */
enum exit_code account_note_owners(struct session *session, struct account *account);

/* Prints it, as JSON with --json. */
enum exit_code account_print(const struct session *session, const struct account *account);

/* With --json reads and prints the account as it now is; else prints nothing. */
enum exit_code account_report(struct session *session, const char *name);

/* "alice is <what>: uid 1, may log in at web1 web2.", or that she is a web account. */
void account_say_access(const struct session *session, const struct user *user, const char *what);

/* The limits of failures in the configuration. */
struct state_limit account_limit(const struct conf *conf);

#endif
