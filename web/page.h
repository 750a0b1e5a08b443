/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request on its way to its answer: all that a page's functions read and write. Pages are
 * `show` and `post` functions (route.h); show writes the form, with what was typed if this is a
 * POST that failed, post acts and redirects, or adds errors and shows again.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "web/cookie.h"
#include "web/csrf.h"
#include "web/form.h"
#include "web/info.h"
#include "web/language.h"
#include "web/request.h"
#include "web/response.h"
#include "web/service_call.h"
#include "web/template.h"
#include "web/web_conf.h"

#define PAGE_WAIT_MS 16000 /* for the service, in all */
#define PAGE_ERRORS_MAX 24
#define PAGE_TOKENS_MAX 4
#define PAGE_FIELDS_MAX (WEB_FIELDS_MAX + 12)
#define PAGE_USER_SIZE 256

struct page_error {
	const char *field; /* NULL: of no field */
	const char *message;
};

/* What WEB_PROFILE_GET answered, as texts. */
#define PAGE_PROFILE_SIZE 32768
struct profile {
	char email[256];
	char pending[256]; /* an address that waits to be confirmed */
	char state[32];
	char hosts[4400];   /* more than the service sends */
	char last_time[32]; /* ISO 8601, UTC */
	char last_network[WEB_NETWORK_SIZE];
	char failures[16];
	char sessions[16]; /* others */
	char version[16];
	bool verified;
	const char *values[WEB_FIELDS_MAX]; /* of page->info's fields; in text */
	char text[PAGE_PROFILE_SIZE];
};

struct page {
	struct web_conf conf;
	struct web_keys keys;
	const struct route *route;
	const struct language *language;
	struct request request;
	struct cookies cookies;
	bool form_cookie_came;     /* with the request, and was not made for the answer */
	char session_hash[65];     /* hex SHA-256 of the session's secret; "": no cookie */
	bool signed_in;            /* the service knows the session */
	char user[PAGE_USER_SIZE]; /* whose, if signed in */
	struct form query;
	struct form body;
	/* of this page's form, up to a name that is NULL; one place more for the token's */
	struct field fields[PAGE_FIELDS_MAX + 2];
	size_t field_count;
	struct info info;
	bool info_guessed;   /* the service did not say: from the form itself */
	int64_t deadline_ms; /* of all questions together, on client_clock_ms */
	int status;          /* of the page that is shown: 200, or of what went wrong */
	bool shown_again;    /* after the service said no */
	size_t error_count;
	struct page_error errors[PAGE_ERRORS_MAX];
	char minimum[16]; /* {minimum} in messages: characters of a new password */
	char number[16];  /* {number}: the bound that was broken */
	char wait[48];    /* {wait}: "3 minutes" */
	size_t token_count;
	char tokens[PAGE_TOKENS_MAX][CSRF_TOKEN_SIZE];
	struct service_call call;
	struct template_values values;
	struct template_values initial; /* of fields, when the form is first shown */
	struct profile profile;
	struct response response;
};

/* Form and its fields. */
void page_add_field(struct page *page, const struct field *field);
void page_add_fields(struct page *page, const struct field *fields); /* up to a NULL name */
const char *page_typed(const struct page *page, const char *name);   /* of the body; "" */
/* Errors for required fields that are empty; true if there is none. */
bool page_complete(struct page *page);
void page_error(struct page *page, const char *field, const char *message);

/* Values for the template of the page; borrowed until the page is shown. */
void page_set(struct page *page, const char *name, const char *text);
/* What a field holds when the form is first shown. */
void page_set_initial(struct page *page, const char *name, const char *text);
/* The token of a form as the value `name`. */
void page_set_token(struct page *page, const char *name, const char *form_id);
void page_set_number(char out[16], uint32_t number);

/* Writes the whole page: frame, errors, template, with page->status. */
void page_show(struct page *page, const char *title, const char *template);
/* A page that only says something: title and text are sentences. */
void page_say(struct page *page, int status, const char *title, const char *text);
/* 303 to base_url and this path of ours. */
void page_redirect(struct page *page, const char *path);

/* Service: begins a question with what every one carries; secret fields by the caller. */
struct frame_writer *page_ask_begin(struct page *page, enum web_operation operation);
enum web_result page_ask(struct page *page);
void page_add_session(struct page *page, struct frame_writer *writer);
/* WEB_INFO into page->info, or, of a POST, info_guess: the question that follows tells whether the
 * service is there. False: the answer that says so is made. */
bool page_load_info(struct page *page);
/* The same for WEB_PROFILE_GET into page->profile, and page_load_info. */
bool page_load_profile(struct page *page);
/* Sets the session cookie of a reply and a new form cookie; false: the reply has no good one. */
bool page_take_session(struct page *page);
void page_forget_session(struct page *page);

#endif
