/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "web/pages.h"

/* One text per mode, the same whatever became of the registration. */
static const struct {
	const char *mode;
	const char *text;
} texts[] = {
    {"open",
	MESSAGE("Your account is ready. You can sign in here. Logging in to servers needs an "
		"administrator's approval.")},
    {"invite",
	MESSAGE("Your account is ready. You can sign in here. Logging in to servers needs an "
		"administrator's approval.")},
    {"approval",
	MESSAGE("Your request was received. An administrator will look at it. You can sign in "
		"here once it is approved.")},
    {"email",
	MESSAGE("If the details can be used, we have sent a message to the address you gave. Open "
		"the link in it within 24 hours. No message? Look in the spam folder, or register "
		"again.")},
    {"email+approval",
	MESSAGE("If the details can be used, we have sent a message to the address you gave. Open "
		"the link in it within 24 hours; then an administrator will look at your request. "
		"No message? Look in the spam folder, or register again.")},
};

void
submitted_show(struct page *page)
{
	if (!page_load_info(page))
		return;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].mode, page->info.mode) == 0) {
			page_set(page, "done", language_text(texts[i].text));
			page_show(page, MESSAGE("Thank you"), "submitted");
			return;
		}
	}
	page_say(page, 403, MESSAGE("Register"), MESSAGE("Registration is closed."));
}
