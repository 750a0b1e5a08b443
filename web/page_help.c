/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/pages.h"

const struct field language_fields[] = {
    {.name = "lang", .max = 8},
    {.name = NULL},
};

static void
write_languages(struct html *html, const void *argument)
{
	const struct page *page = argument;

	for (const struct language *at = languages; at->code != NULL; at++) {
		struct template_values values = {0};

		template_set(&values, "code", at->code);
		template_set(&values, "name", at->name);
		template_set(&values, "current", at == page->language ? "yes" : "");
		template_write(html, template_find("language_option"), &values);
	}
}

void
help_show(struct page *page)
{
	page_set_token(page, "csrf_lang", "lang");
	template_set_slot(&page->values, "languages", write_languages, page);
	page_show(page, MESSAGE("Help and privacy"), "help");
}

void
language_post(struct page *page)
{
	const struct language *chosen = language_find(page_typed(page, "lang"));

	if (chosen != NULL)
		response_cookie(&page->response, COOKIE_LANGUAGE, chosen->code, true);
	page_redirect(page, "/help");
}
