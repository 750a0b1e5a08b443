/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/outcome.h"
#include "web/pages.h"

/* Nobody is told that she is signed out while the service still knows the session. */
void
signout_post(struct page *page)
{
	page_add_session(page, page_ask_begin(page, WEB_SESSION_END));
	if (page_ask(page) != WEB_DONE) {
		outcome_show(page, NULL);
		return;
	}
	page_forget_session(page);
	page_redirect(page, "/signin?ok=signedout");
}
