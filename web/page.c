/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/page.h"

#include <stdio.h>
#include <string.h>

#include "web/event.h"
#include "web/outcome.h"
#include "web/route.h"

#include "ipc/client.h"

void
page_add_field(struct page *page, const struct field *field)
{
	if (page->field_count < PAGE_FIELDS_MAX)
		page->fields[page->field_count++] = *field;
}

void
page_add_fields(struct page *page, const struct field *fields)
{
	for (; fields != NULL && fields->name != NULL; fields++)
		page_add_field(page, fields);
}

const char *
page_typed(const struct page *page, const char *name)
{
	return form_get(&page->body, name);
}

void
page_error(struct page *page, const char *field, const char *message)
{
	if (page->error_count < PAGE_ERRORS_MAX)
		page->errors[page->error_count++] = (struct page_error){field, message};
	page->status = 422;
}

bool
page_complete(struct page *page)
{
	for (size_t i = 0; i < page->field_count; i++) {
		const struct field *field = &page->fields[i];

		if ((field->flags & FIELD_REQUIRED) == 0 ||
		    page_typed(page, field->name)[0] != '\0')
			continue;
		page_error(page, field->name,
		    field->missing != NULL ? field->missing : MESSAGE("Fill in this field"));
	}
	return page->error_count == 0;
}

void
page_set(struct page *page, const char *name, const char *text)
{
	template_set(&page->values, name, text);
}

void
page_set_initial(struct page *page, const char *name, const char *text)
{
	template_set(&page->initial, name, text);
}

void
page_set_token(struct page *page, const char *name, const char *form_id)
{
	struct csrf_binding binding = {
	    form_id, page->session_hash, page->cookies.value[COOKIE_FORM]};

	if (page->token_count == PAGE_TOKENS_MAX) {
		page->values.failed = true;
		return;
	}
	csrf_make(&page->keys, &binding, page->tokens[page->token_count]);
	page_set(page, name, page->tokens[page->token_count++]);
}

void
page_set_number(char out[16], uint32_t number)
{
	(void)snprintf(out, 16, "%u", (unsigned)number);
}

void
page_redirect(struct page *page, const char *path)
{
	struct response *response = &page->response;
	int len = snprintf(
	    response->location, sizeof(response->location), "%s%s", page->conf.base_url, path);

	response->status = 303;
	if (len < 0 || (size_t)len >= sizeof(response->location))
		response->body.failed = true;
}

struct frame_writer *
page_ask_begin(struct page *page, enum web_operation operation)
{
	struct frame_writer *writer = &page->call.writer;

	service_call_begin(&page->call, operation);
	frame_add_string(writer, WEB_TAG_NETWORK, page->request.network);
	frame_add_string(writer, WEB_TAG_REQUEST, page->request.id);
	frame_add_string(writer, WEB_TAG_LANGUAGE, page->language->code);
	return writer;
}

enum web_result
page_ask(struct page *page)
{
	int64_t left_ms = page->deadline_ms - client_clock_ms();

	if (left_ms < 0)
		left_ms = 0;
	return service_call_ask(
	    &page->call, page->conf.socket, left_ms < WEB_WAIT_MS ? (int)left_ms : WEB_WAIT_MS);
}

void
page_add_session(struct page *page, struct frame_writer *writer)
{
	unsigned char secret[WEB_SESSION_LEN];

	if (secret_from_base64(page->cookies.value[COOKIE_SESSION], secret, sizeof(secret)))
		frame_add(writer, WEB_TAG_SESSION, secret, sizeof(secret));
	secret_wipe(secret, sizeof(secret));
}

bool
page_load_info(struct page *page)
{
	if (page->info.loaded)
		return true;
	(void)page_ask_begin(page, WEB_INFO);
	if (page_ask(page) == WEB_DONE && info_read(&page->call.reply, &page->info))
		return true;
	if (page->request.method == REQUEST_POST && !page->info.loaded) {
		info_guess(&page->body, &page->info);
		page->info_guessed = true;
		return true;
	}
	outcome_show(page, NULL);
	return false;
}

static void
new_form_cookie(struct page *page)
{
	unsigned char random[COOKIE_FORM_LEN];
	char *value = page->cookies.value[COOKIE_FORM];

	secret_random(random, sizeof(random));
	secret_to_base64(random, sizeof(random), value, COOKIE_VALUE_SIZE);
	response_cookie(&page->response, COOKIE_FORM, value, true);
}

bool
page_take_session(struct page *page)
{
	const struct frame_field *session = frame_find(&page->call.reply, WEB_TAG_SESSION);
	char *value = page->cookies.value[COOKIE_SESSION];

	if (session == NULL || session->len != WEB_SESSION_LEN)
		return false;
	secret_to_base64(session->value, session->len, value, COOKIE_VALUE_SIZE);
	response_cookie(&page->response, COOKIE_SESSION, value, !page->conf.lax);
	new_form_cookie(page);
	return true;
}

void
page_forget_session(struct page *page)
{
	response_cookie(&page->response, COOKIE_SESSION, NULL, !page->conf.lax);
	secret_wipe(page->cookies.value[COOKIE_SESSION], COOKIE_VALUE_SIZE);
	page->session_hash[0] = '\0';
	page->signed_in = false;
}
