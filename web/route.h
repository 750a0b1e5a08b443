/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of the page, and the order in which a request is judged. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/page.h"

enum route_flag {
	ROUTE_SESSION = 1, /* 303 to the sign-in page without one */
	ROUTE_REST = 2,    /* path/ANYTHING: page_invite */
};

struct route {
	const char *path;
	unsigned flags;
	const char *form;           /* id that the token is bound to; of routes with post */
	const struct field *query;  /* NULL: nothing of it is read */
	const struct field *fields; /* of the form */
	/* Adds fields that are not known before; false: the answer is made. May be NULL. */
	bool (*prepare)(struct page *page);
	void (*show)(struct page *page); /* GET, HEAD; NULL: 405 */
	void (*post)(struct page *page); /* NULL: 405 */
};

extern const struct route routes[]; /* up to a path that is NULL */

/* What comes behind the path of a ROUTE_REST route; "" elsewhere. */
const char *route_rest(const struct page *page);

/* Makes page->response for a request that request_read took (refusal 0) or refused. */
void route_run(struct page *page, int refusal);

#endif
