/* SPDX-License-Identifier: BSD-2-Clause */
/* One field of a form: what the parser accepts, what the page shows, what the browser is told. */
#ifndef WEB_FIELD_H
#define WEB_FIELD_H

#include <stddef.h>

enum field_flag {
	FIELD_REQUIRED = 1,
	FIELD_PASSWORD = 2, /* never written back */
	FIELD_PLAIN = 4,    /* no capitals, corrections or spelling; left to right */
	FIELD_LINES = 8,    /* CR and LF are allowed: <textarea> */
	FIELD_CHECKBOX = 16,
	FIELD_HIDDEN = 32,
	FIELD_HONEYPOT = 64, /* people do not see it */
	FIELD_READONLY = 128,
	FIELD_DATA = 256,         /* the label is the site's own, not a sentence of ours */
	FIELD_NEW_PASSWORD = 512, /* managers are told the rules */
};

struct field {
	const char *name;
	const char *label;
	const char *hint;
	const char *missing; /* what to say when a required one is empty */
	const char *type;    /* of <input>; NULL: "text" */
	const char *autocomplete;
	const char *inputmode;
	const char *pattern;
	unsigned min; /* code points, told to the browser; 0: none */
	unsigned max; /* the same; a value of more than four times as many bytes is refused */
	unsigned flags;
};

/* Up to a name that is NULL. */
const struct field *field_find(const struct field *fields, const char *name);

#endif
