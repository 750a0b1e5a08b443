/* SPDX-License-Identifier: BSD-2-Clause */
/* What the handlers of registration and recovery have in common. */
#ifndef WEB_REGISTRATION_H
#define WEB_REGISTRATION_H

#include "core/one_time.h"
#include "core/registration.h"
#include "service/web.h"

#define WEB_REGISTRATION_MS 10000 /* from the request on; a login has less */

/* The fields of one request that are texts. */
struct web_texts {
	char token[ONE_TIME_SIZE + 16]; /* secret */
	char email[USER_EMAIL_MAX + 1];
	char kind[16];
	char language[16];
};

/* False: the frame is not the page's, and the answer is set. A token or address that is too long is
 * none that we made or take, so it means nothing: "-". */
bool web_read_texts(struct exchange *exchange, struct web_texts *out);

/* What core/registration.h works with, for this request. */
struct registration web_desk(struct exchange *exchange);
int64_t web_registration_deadline_ms(const struct exchange *exchange);

/* The outcome as an answer. What login_finish needs of an earlier step stays. */
void web_answer_registration(struct exchange *exchange, const struct registration_result *result);

#endif
