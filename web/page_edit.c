/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/outcome.h"
#include "web/pages.h"
#include "web/text.h"

const struct field edit_fields[] = {
    {.name = "version", .max = 10, .flags = FIELD_HIDDEN},
    {.name = NULL},
};

bool
edit_prepare(struct page *page)
{
	if (!page_load_info(page))
		return false;
	for (size_t i = 0; i < page->info.field_count; i++) {
		if ((page->info.uses[i] & INFO_EDIT) != 0)
			page_add_field(page, &page->info.fields[i]);
	}
	return true;
}

/* A form that comes back keeps the version that its values were made from, but after a lost race
 * the one that won: the user was told, and saving again is meant. */
void
edit_show(struct page *page)
{
	bool lost = page->status == 409;

	if (page->request.method != REQUEST_POST || lost) {
		if (!page_load_profile(page))
			return;
		page_set_initial(page, "version", page->profile.version);
		for (size_t i = 0; i < page->info.field_count; i++)
			page_set_initial(page, page->info.fields[i].name, page->profile.values[i]);
	}
	if (lost)
		page->fields[0].flags |= FIELD_READONLY;
	page_show(page, MESSAGE("Edit your profile"), "edit");
}

static void
add_pairs(struct page *page, struct frame_writer *writer)
{
	unsigned char pairs[REQUEST_BODY_MAX];
	size_t len = 0;

	for (size_t i = 0; i < page->info.field_count; i++) {
		const char *name = page->info.fields[i].name;

		if ((page->info.uses[i] & INFO_EDIT) != 0)
			service_call_pair(pairs, sizeof(pairs), &len, name, page_typed(page, name));
	}
	frame_add(writer, WEB_TAG_PAIRS, pairs, len);
	secret_wipe(pairs, sizeof(pairs));
}

void
edit_post(struct page *page)
{
	struct frame_writer *writer;
	uint64_t version = 0;

	if (!text_number(page_typed(page, "version"), UINT32_MAX, &version))
		page_error(
		    page, NULL, MESSAGE("This form has expired. Check it and send it again."));
	if (!page_complete(page)) {
		edit_show(page);
		return;
	}
	writer = page_ask_begin(page, WEB_PROFILE_SET);
	page_add_session(page, writer);
	frame_add_u32(writer, WEB_TAG_VERSION, (uint32_t)version);
	add_pairs(page, writer);
	if (page_ask(page) == WEB_DONE)
		page_redirect(page, "/profile?ok=profile");
	else
		outcome_show(page, NULL);
}
