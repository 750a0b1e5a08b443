/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mails that the service writes: one table of constant texts in the languages that there are.
 * Nothing that somebody typed into a form stands in any of them, so that a form sends nobody's
 * words to a stranger: only the site's name, the page's URL, a link, a time and a network.
 */
#ifndef MAIL_TEXT_H
#define MAIL_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

enum mail_kind {
	MAIL_CONFIRM,         /* link: confirms a registration */
	MAIL_ACCOUNT_EXISTS,  /* somebody registered with an address that has an account */
	MAIL_NAME_TAKEN,      /* the address is free, the user name is not */
	MAIL_EMAIL_CONFIRM,   /* link: confirms another address */
	MAIL_EMAIL_NOTICE,    /* to the old address */
	MAIL_RESET,           /* link: sets a new password */
	MAIL_PASSWORD_NOTICE, /* it was changed */
	MAIL_APPROVED,
	MAIL_KIND_COUNT,
};

struct mail {
	enum mail_kind kind;
	const char *language; /* "en", "de"; others, and NULL, are English */
	const char *to;       /* as email_ascii writes it */
	const char *sender;
	const char *site; /* "": the host of url */
	const char *url;
	const char *token;   /* NULL: there is no link; secret */
	const char *network; /* of who asked; NULL: none is named */
	int64_t now;
};

/* The whole message of RFC 5322, with LF at line ends as sendmail takes it. False: an address or
 * network that may not stand there, or no memory. */
bool mail_text_write(const struct mail *mail, struct buf *out);

/* The texts, for the test that walks them. */
const char *mail_text_subject(enum mail_kind kind, const char *language);
const char *mail_text_body(enum mail_kind kind, const char *language);

#endif
