/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a POST comes from a page of ours: two checks that do not depend on each other. */
#ifndef WEB_CSRF_H
#define WEB_CSRF_H

#include <stdbool.h>

#include "web/secret.h"
#include "web/web_key.h"

#define CSRF_TOKEN_SIZE SECRET_BASE64_SIZE(SECRET_SHA256_LEN)

/* What a token is bound to. */
struct csrf_binding {
	const char *form;        /* the form's id, a word of ours */
	const char *session;     /* hex SHA-256 of the session's secret; "": none */
	const char *form_cookie; /* value of the form cookie, not "" */
};

void csrf_make(
    const struct web_keys *keys, const struct csrf_binding *binding, char out[CSRF_TOKEN_SIZE]);
/* False also without a form cookie. */
bool csrf_good(const struct web_keys *keys, const struct csrf_binding *binding, const char *token);

/* Headers of the request, NULL: absent. own: the origin of base_url. At least one has to speak for
 * us and none against (Fetch Metadata; the Fetch standard's Origin). */
bool csrf_origin_good(const char *origin, const char *fetch_site, const char *own);

#endif
