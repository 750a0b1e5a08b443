/* SPDX-License-Identifier: BSD-2-Clause */
/* page_load_profile: what the service says about the signed-in user. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/outcome.h"
#include "web/page.h"

/* "1763800000 192.0.2.7" as two texts. */
static void
read_last(const char *text, struct profile *out)
{
	char *end = NULL;
	long long seconds = strtoll(text, &end, 10);
	time_t when = (time_t)seconds;
	struct tm tm;

	if (end == text || seconds <= 0 || gmtime_r(&when, &tm) == NULL)
		return;
	(void)strftime(out->last_time, sizeof(out->last_time), "%Y-%m-%d %H:%M:%S", &tm);
	(void)snprintf(
	    out->last_network, sizeof(out->last_network), "%s", *end == ' ' ? end + 1 : "");
}

static void
read_number(const struct frame *reply, enum web_tag tag, char out[16])
{
	uint32_t number = 0;

	(void)frame_u32(reply, (uint16_t)tag, &number);
	page_set_number(out, number);
}

static void
read_values(struct page *page, struct profile *out)
{
	size_t used = 0;

	for (size_t i = 0; i < page->info.field_count; i++) {
		char *value = out->text + used;

		out->values[i] = "";
		if (used < sizeof(out->text) &&
		    service_call_find_pair(&page->call.reply, page->info.fields[i].name, value,
			sizeof(out->text) - used)) {
			out->values[i] = value;
			used += strlen(value) + 1;
		}
	}
}

bool
page_load_profile(struct page *page)
{
	struct profile *out = &page->profile;
	const struct frame *reply = &page->call.reply;
	const struct frame_field *verified;
	char last[96];

	if (!page_load_info(page))
		return false;
	page_add_session(page, page_ask_begin(page, WEB_PROFILE_GET));
	if (page_ask(page) != WEB_DONE) {
		outcome_show(page, NULL);
		return false;
	}
	(void)frame_string(reply, WEB_TAG_EMAIL, out->email, sizeof(out->email));
	(void)frame_string(reply, WEB_TAG_PENDING, out->pending, sizeof(out->pending));
	(void)frame_string(reply, WEB_TAG_STATE, out->state, sizeof(out->state));
	(void)frame_string(reply, WEB_TAG_HOSTS, out->hosts, sizeof(out->hosts));
	if (frame_string(reply, WEB_TAG_LAST, last, sizeof(last)))
		read_last(last, out);
	read_number(reply, WEB_TAG_FAILURES, out->failures);
	read_number(reply, WEB_TAG_SESSIONS, out->sessions);
	read_number(reply, WEB_TAG_VERSION, out->version);
	verified = frame_find(reply, WEB_TAG_VERIFIED);
	out->verified = verified != NULL && verified->len == 1 && verified->value[0] == 1;
	read_values(page, out);
	return true;
}
