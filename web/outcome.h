/* SPDX-License-Identifier: BSD-2-Clause */
/* What a result of the service becomes: one table for all pages, in which a page may replace rows.
 */
#ifndef WEB_OUTCOME_H
#define WEB_OUTCOME_H

#include "web/page.h"

struct outcome {
	enum web_result result;
	int status;
	const char *field; /* of the form; NULL: of none */
	const char *message;
};

/* After page_ask did not answer WEB_DONE: makes the answer. With a form (the route shows one and
 * this is a POST), the form again with what was typed and the message, else a page that says it.
 * own: the page's rows, up to a message that is NULL; may be NULL. */
void outcome_show(struct page *page, const struct outcome *own);

/* The sentence for a text id of WEB_INVALID, at a field; never NULL. */
const char *outcome_invalid_text(const char *id, const char *field);

#endif
