/* SPDX-License-Identifier: BSD-2-Clause */
#include "web/route.h"

#include <string.h>

#include "web/event.h"
#include "web/outcome.h"
#include "web/pages.h"

static const struct {
	int status;
	const char *title;
	const char *text;
} refusals[] = {
    {400, MESSAGE("The request cannot be read"),
	MESSAGE("What your browser sent is not what this page asks for. Go back and try again.")},
    {403, MESSAGE("This page needs a secure connection"),
	MESSAGE("Use the address that begins with https.")},
    {404, MESSAGE("Page not found"), MESSAGE("There is nothing at this address.")},
    {405, MESSAGE("This is not possible here"),
	MESSAGE("This address does not take this kind of request.")},
    {411, MESSAGE("The request cannot be read"),
	MESSAGE("Your browser did not say how long its request is.")},
    {413, MESSAGE("The request is too long"), MESSAGE("Enter less and try again.")},
    {415, MESSAGE("The request cannot be read"),
	MESSAGE("This page takes forms of its own alone.")},
};

static void
refuse(struct page *page, int status)
{
	const size_t count = sizeof(refusals) / sizeof(refusals[0]);
	size_t i = 0;

	while (i < count - 1 && refusals[i].status != status)
		i++;
	event_log(
	    &page->request, status == 404 ? "not_found" : "input_rejected", refusals[i].title);
	page_say(page, status, refusals[i].title, refusals[i].text);
}

static void
refuse_method(struct page *page, const char *allow)
{
	page->response.allow = allow;
	refuse(page, 405);
}

static const struct route *
find(const char *path)
{
	for (const struct route *at = routes; at->path != NULL; at++) {
		size_t len = strlen(at->path);

		if (strcmp(at->path, path) == 0)
			return (at->flags & ROUTE_REST) == 0 ? at : NULL;
		if ((at->flags & ROUTE_REST) != 0 && strncmp(at->path, path, len) == 0 &&
		    path[len] == '/' && strchr(path + len + 1, '/') == NULL)
			return at;
	}
	return NULL;
}

const char *
route_rest(const struct page *page)
{
	if ((page->route->flags & ROUTE_REST) == 0)
		return "";
	return page->request.path + strlen(page->route->path) + 1;
}

static void
read_cookies(struct page *page)
{
	unsigned char hash[SECRET_SHA256_LEN];
	unsigned char secret[WEB_SESSION_LEN];
	const char *session = page->cookies.value[COOKIE_SESSION];
	const struct language *chosen = language_find(page->cookies.value[COOKIE_LANGUAGE]);

	page->language = chosen != NULL ? chosen
					: language_negotiate(page->request.accept_language);
	if (secret_from_base64(session, secret, sizeof(secret))) {
		secret_sha256(secret, sizeof(secret), hash);
		secret_to_hex(hash, sizeof(hash), page->session_hash, sizeof(page->session_hash));
	}
	secret_wipe(secret, sizeof(secret));
	page->form_cookie_came = page->cookies.value[COOKIE_FORM][0] != '\0';
	if (!page->form_cookie_came) {
		unsigned char random[COOKIE_FORM_LEN];

		secret_random(random, sizeof(random));
		secret_to_base64(
		    random, sizeof(random), page->cookies.value[COOKIE_FORM], COOKIE_VALUE_SIZE);
		response_cookie(
		    &page->response, COOKIE_FORM, page->cookies.value[COOKIE_FORM], true);
	}
}

/* Route and method; false: the answer is made. */
static bool
choose_route(struct page *page)
{
	const struct route *route = find(page->request.path);
	bool posts = page->request.method == REQUEST_POST;

	if (route == NULL) {
		refuse(page, 404);
		return false;
	}
	page->route = route;
	if ((posts ? route->post : route->show) != NULL)
		return true;
	page->route = NULL;
	refuse_method(page, route->show == NULL ? "POST" : "GET, HEAD");
	return false;
}

/* Query and body, against the route's own tables; false: the answer is made. */
static bool
read_forms(struct page *page)
{
	static const struct field csrf = {.name = "csrf", .max = CSRF_TOKEN_SIZE};
	struct request *request = &page->request;
	const struct route *route = page->route;
	bool good = (route->query == NULL ||
			(form_parse(&page->query, request->query, request->query_len) &&
			    form_check(&page->query, route->query))) &&
	    form_parse(&page->body, request->body, request->body_len);

	page_add_fields(page, route->fields);
	if (good && route->prepare != NULL && !route->prepare(page))
		return false;
	page->fields[page->field_count] = csrf; /* of every form, and shown by none */
	good = good && form_check(&page->body, page->fields);
	page->fields[page->field_count] = (struct field){0};
	if (good)
		return true;
	page->route = NULL;
	refuse(page, 400);
	return false;
}

/* False: the answer is made. */
static bool
check_session(struct page *page)
{
	if ((page->route->flags & ROUTE_SESSION) == 0)
		return true;
	if (page->session_hash[0] == '\0') {
		page_redirect(page, "/signin");
		return false;
	}
	page_add_session(page, page_ask_begin(page, WEB_SESSION_CHECK));
	if (page_ask(page) != WEB_DONE ||
	    !frame_string(&page->call.reply, PROTOCOL_TAG_USER, page->user, sizeof(page->user))) {
		if (page->call.result == WEB_REFUSED)
			page->call.result = WEB_NO_SESSION;
		outcome_show(page, NULL);
		return false;
	}
	page->signed_in = true;
	return true;
}

static bool
is_expired(const struct page *page)
{
	struct csrf_binding binding = {page->route->form, page->session_hash,
	    page->form_cookie_came ? page->cookies.value[COOKIE_FORM] : ""};

	return !csrf_good(&page->keys, &binding, page_typed(page, "csrf"));
}

/* Of a POST; false: the answer is made. */
static bool
check_origin(struct page *page)
{
	const struct request *request = &page->request;

	if (!csrf_origin_good(request->origin, request->fetch_site, page->conf.origin)) {
		event_log(request, "csrf_rejected", "origin");
		page_say(page, 403, MESSAGE("This form has expired"),
		    MESSAGE(
			"This form was not sent from a page of this site. Open the page again."));
		return false;
	}
	if (!page->form_cookie_came) {
		event_log(request, "csrf_rejected", "cookie");
		page_say(page, 403, MESSAGE("Cookies are needed"),
		    MESSAGE("Your browser did not send the cookie that this site needs. Allow "
			    "cookies for this site and open the page again."));
		return false;
	}
	return true;
}

/* Of a POST; false: the answer is made, where possible a fresh copy of the form. */
static bool
check_token(struct page *page)
{
	if (!is_expired(page))
		return true;
	event_log(&page->request, "csrf_rejected", "token");
	if (page->route->show == NULL) {
		page_say(page, 403, MESSAGE("This form has expired"),
		    MESSAGE("Open the page again and try once more."));
		return false;
	}
	page_error(page, NULL, MESSAGE("This form has expired. Check it and send it again."));
	page->status = 403;
	page->shown_again = true;
	page->route->show(page);
	return false;
}

void
route_run(struct page *page, int refusal)
{
	bool posts = page->request.method == REQUEST_POST;

	page->status = 200;
	page->response.secure = strncmp(page->conf.origin, "https:", 6) == 0;
	page->response.head_only = page->request.method == REQUEST_HEAD;
	cookie_read(page->request.cookie, &page->cookies);
	read_cookies(page);
	language_use(page->language, page->conf.locale_dir);
	if (refusal == 405) {
		refuse_method(page, "GET, HEAD, POST");
		return;
	}
	if (refusal != 0) {
		refuse(page, refusal);
		return;
	}
	if (!choose_route(page) || (posts && !check_origin(page)) || !read_forms(page) ||
	    !check_session(page) || (posts && !check_token(page)))
		return;
	(posts ? page->route->post : page->route->show)(page);
}
