/* SPDX-License-Identifier: BSD-2-Clause */
/* What all pages share: head, navigation, the summary of errors, fields of forms, foot. */
#include <string.h>

#include "web/page.h"
#include "web/route.h"

static void
write_named(struct html *html, const char *name, const struct template_values *values)
{
	const struct template *template = template_find(name);

	if (template == NULL)
		html->failed = true;
	else
		template_write(html, template, values);
}

/* A message may hold {number} and {wait}; what it gives goes through the escaping writer. */
static void
write_message(struct html *html, const void *argument)
{
	const struct template_value *pair = argument;

	template_message(html, pair->text, pair->argument);
}

static const char *
label_of(const struct field *field)
{
	return field->label == NULL ? "" : language_text(field->label);
}

/* A message that a field has no words of its own for does not say which field it is about. */
static const char *
label_in_summary(const struct page *page, const struct page_error *error)
{
	const struct field *field = error->field == NULL ? NULL
							 : field_find(page->fields, error->field);

	return field == NULL || field->missing != NULL ? "" : label_of(field);
}

static void
write_errors(struct html *html, const void *argument)
{
	const struct page *page = argument;

	for (size_t i = 0; i < page->error_count; i++) {
		struct template_value message = {
		    .text = page->errors[i].message, .argument = &page->values};
		struct template_values values = {0};

		template_set(&values, "field", page->errors[i].field);
		template_set(&values, "label", label_in_summary(page, &page->errors[i]));
		template_set_slot(&values, "message", write_message, &message);
		write_named(html, "error_item", &values);
	}
}

static const char *
error_of(const struct page *page, const struct field *field)
{
	for (size_t i = 0; i < page->error_count; i++) {
		if (page->errors[i].field != NULL &&
		    strcmp(page->errors[i].field, field->name) == 0)
			return page->errors[i].message;
	}
	return NULL;
}

static const char *
yes_if(unsigned flags, unsigned flag)
{
	return (flags & flag) != 0 ? "yes" : "";
}

/* What was typed, or what the page says when the form is first shown. A password is
 * never written. */
static const char *
value_of(const struct page *page, const struct field *field)
{
	if ((field->flags & FIELD_PASSWORD) != 0)
		return "";
	if (page->request.method == REQUEST_POST && (field->flags & FIELD_READONLY) == 0)
		return page_typed(page, field->name);
	return template_get(&page->initial, field->name);
}

static void
set_texts(struct template_values *values, const struct page *page, const struct field *field)
{
	template_set(values, "name", field->name);
	template_set(values, "label", label_of(field));
	template_set(values, "value", value_of(page, field));
	template_set(values, "type",
	    (field->flags & FIELD_PASSWORD) != 0 ? "password"
		: field->type != NULL            ? field->type
						 : "text");
	template_set(values, "autocomplete", field->autocomplete);
	template_set(values, "inputmode", field->inputmode);
	template_set(values, "pattern", field->pattern);
}

static void
set_flags(struct template_values *values, const struct field *field)
{
	template_set(values, "required", yes_if(field->flags, FIELD_REQUIRED));
	template_set(values, "plain", yes_if(field->flags, FIELD_PLAIN));
	template_set(values, "secret", yes_if(field->flags, FIELD_PASSWORD));
	template_set(values, "newpassword", yes_if(field->flags, FIELD_NEW_PASSWORD));
	template_set(values, "readonly", yes_if(field->flags, FIELD_READONLY));
	template_set(values, "optional",
	    (field->flags & (FIELD_REQUIRED | FIELD_READONLY)) == 0 ? "yes" : "");
}

static const char *
template_of(const struct field *field)
{
	if ((field->flags & FIELD_HIDDEN) != 0)
		return "field_hidden";
	if ((field->flags & FIELD_HONEYPOT) != 0)
		return "field_honeypot";
	if ((field->flags & FIELD_CHECKBOX) != 0)
		return "field_checkbox";
	if ((field->flags & FIELD_LINES) != 0)
		return "field_lines";
	return "field";
}

static void
write_field(struct html *html, const struct page *page, const struct field *field)
{
	struct template_value hint = {.text = field->hint, .argument = &page->values};
	struct template_value error = {.text = error_of(page, field), .argument = &page->values};
	struct template_values values = {0};
	char min[16];
	char max[16];

	page_set_number(min, field->min);
	page_set_number(max, field->max);
	set_texts(&values, page, field);
	set_flags(&values, field);
	template_set(&values, "min", field->min == 0 ? "" : min);
	template_set(&values, "max", field->max == 0 ? "" : max);
	template_set(
	    &values, "terms_url", strcmp(field->name, "terms") == 0 ? page->conf.terms_url : "");
	if (hint.text != NULL)
		template_set_slot(&values, "hint", write_message, &hint);
	if (error.text != NULL)
		template_set_slot(&values, "error", write_message, &error);
	write_named(html, template_of(field), &values);
}

static void
write_fields(struct html *html, const void *argument)
{
	const struct page *page = argument;

	for (size_t i = 0; i < page->field_count; i++)
		write_field(html, page, &page->fields[i]);
}

struct content {
	const char *template;
	const struct template_values *values;
};

static void
write_content(struct html *html, const void *argument)
{
	const struct content *content = argument;

	write_named(html, content->template, content->values);
}

static void
set_common(struct page *page, const char *title)
{
	page_set(page, "lang", page->language->code);
	page_set(page, "brand", page->conf.brand);
	page_set(page, "base", page->conf.base_path);
	page_set(page, "static", page->conf.static_path);
	page_set(page, "contact", page->conf.contact);
	page_set(page, "terms_url", page->conf.terms_url);
	page_set(page, "title", language_text(title));
	page_set(page, "signed_in", page->signed_in ? "yes" : "");
	page_set(page, "number", page->number);
	page_set(page, "wait", page->wait);
	page_set(page, "failed", page->status >= 400 ? "yes" : "");
}

void
page_show(struct page *page, const char *title, const char *template)
{
	struct content content = {template, &page->values};
	struct response *response = &page->response;

	set_common(page, title);
	if (page->initial.failed)
		response->body.failed = true;
	if (page->route != NULL && page->route->form != NULL)
		page_set_token(page, "csrf", page->route->form);
	if (page->route != NULL && template_get(&page->values, "action")[0] == '\0')
		page_set(page, "action", page->route->path);
	template_set_slot(&page->values, "fields", write_fields, page);
	template_set_slot(&page->values, "content", write_content, &content);
	if (page->error_count > 0)
		template_set_slot(&page->values, "errors", write_errors, page);
	response->status = page->status;
	write_named(&response->body, "frame", &page->values);
}

void
page_say(struct page *page, int status, const char *title, const char *text)
{
	struct template_value message = {.text = text, .argument = &page->values};

	page->status = status;
	page->error_count = 0;
	template_set_slot(&page->values, "message", write_message, &message);
	page_show(page, title, "error");
}
