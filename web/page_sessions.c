/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/outcome.h"
#include "web/pages.h"

void
sessions_post(struct page *page)
{
	page_add_session(page, page_ask_begin(page, WEB_END_OTHERS));
	if (page_ask(page) == WEB_DONE && page_take_session(page))
		page_redirect(page, "/profile?ok=sessions");
	else
		outcome_show(page, NULL);
}
