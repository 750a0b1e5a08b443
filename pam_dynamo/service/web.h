/* SPDX-License-Identifier: BSD-2-Clause */
/* What the self-service page asks (ipc/web.h): the request's fields, the answer, and what handlers
 * have in common. Its operations stand in operations.c's table. */
#ifndef SERVICE_WEB_H
#define SERVICE_WEB_H

#include "core/web_session.h"
#include "ipc/web.h"
#include "service/exchange.h"

#define WEB_AGENT_SIZE 33
#define WEB_SERVICE "web" /* what a host would call the PAM service */
#define WEB_RETRY_S 30    /* after an outage */

struct audit_event;
struct operation;

struct web {
	char agent[WEB_AGENT_SIZE];
	char request_id[WEB_REQUEST_ID_SIZE]; /* the page's own */
	const unsigned char *secret; /* WEB_SESSION_LEN bytes in the call's data; NULL: none */
	enum web_result result;
	uint32_t retry_s;
	const char *event; /* of WEB.md's list, for the audit line; NULL: nothing is written */
	struct frame_writer writer;
	unsigned char *data; /* of the reply; wiped: it may hold a session's secret */
};

/* Is this one of the page's operations? */
bool web_is_operation(uint8_t operation);

/* The peer is the page: its uid is the one of [web] user in the local passwd file, which is neither
 * root nor nobody. */
bool web_is_page(const struct call *call);

/* Answers, writes the audit line, and leaves what can wait to the caller. */
void web_answer(struct exchange *exchange, const struct operation *operation);

/* The audit line of one event, whatever else was written; values as the exchange has them. */
void web_audit(const struct exchange *exchange, const char *phase, const char *event);

/* --- for handlers --- */

/* Sets result, verdict and reason alike. */
void web_set(struct exchange *exchange, enum web_result result, enum policy_reason reason);
void web_set_error(struct exchange *exchange, enum pd_error error);
/* A field of the form that breaks a rule; `bound` 0: none. */
void web_set_invalid(struct exchange *exchange, const char *field, const char *text, int64_t bound);
/* False, and answered, where the users table is another program's and only read: once somebody has
 * shown who asks. */
bool web_may_write(struct exchange *exchange);

/* What a login function said: its verdict as a result. */
enum web_result web_result_of(enum verdict verdict);

void web_add(struct exchange *exchange, uint16_t tag, const void *value, size_t len);
void web_add_string(struct exchange *exchange, uint16_t tag, const char *text);
void web_add_u32(struct exchange *exchange, uint16_t tag, int64_t number);

/* WEB_TAG_PAIRS of the request; false: malformed, and the answer is set. Free with pairs_free. */
bool web_pairs(struct exchange *exchange, struct pairs *out);
void web_add_pairs(struct exchange *exchange, const struct pairs *pairs);

/* A call within the exchange's deadline; web_spend adds what it cost. */
struct store_call web_call(const struct exchange *exchange);
void web_spend(struct exchange *exchange, const struct store_call *call);

/* The session of the request: false: none that is good, and the answer is set. The exchange's name
 * is its user's afterwards. Free with web_session_free. */
bool web_session(struct exchange *exchange, struct web_session *out);

/* The same with the current password given: before it is verified, each try is counted. */
bool web_session_before_password(struct exchange *exchange, struct web_session *out);
/* After a wrong one: the last try ends the session, and the answer says so. */
void web_session_after_wrong(struct exchange *exchange, struct web_session *session);

/* Both at once, for what needs no more of the password than that it is right: false: the answer is
 * set. login_finish is due either way, and exchange->result.user is the record after a success. */
bool web_confirm(struct exchange *exchange, struct web_session *out);

/* A new session of user in the answer. */
bool web_begin_session(struct exchange *exchange, const struct user *user);

/* After a write of the record: nobody shows or reuses what was read before. */
void web_forget(const struct exchange *exchange, const char *name);

/* Handlers of operations.c's table. */
void web_info(struct exchange *exchange);
void web_sign_in(struct exchange *exchange);
void web_session_is(struct exchange *exchange);
void web_sign_out(struct exchange *exchange);
void web_sign_out_others(struct exchange *exchange);
void web_profile_get(struct exchange *exchange);
void web_profile_set(struct exchange *exchange);
void web_password(struct exchange *exchange);
void web_close(struct exchange *exchange);
void web_register(struct exchange *exchange);
void web_token_check(struct exchange *exchange);
void web_verify(struct exchange *exchange);
void web_email(struct exchange *exchange);
void web_resend(struct exchange *exchange);
void web_reset_request(struct exchange *exchange);
void web_reset(struct exchange *exchange);

/* WEB_TAG_PENDING: the address of a user that waits to be confirmed, if there is one. */
enum pd_error web_add_pending(struct exchange *exchange, struct store_call *call, const char *name);

/* After a new password, or the end of the account: an address that waits to be confirmed waits no
 * more. `tell`: the owner of the account's address gets a notice. */
void web_password_was_changed(struct exchange *exchange, const struct user *user, bool tell);

#endif
