/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The body of an answer, in memory. Two writers: html_literal for what this program's authors wrote
 * (templates, by template.c alone), html_text for everything else, escaped; tests/lint/templates.sh
 * holds that nobody else calls html_literal. Failure is sticky: the answer is then another one.
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <stdbool.h>
#include <stddef.h>

#define HTML_SIZE_MAX (256U * 1024) /* bytes; no page comes near */

struct html {
	char *data;
	size_t len;
	size_t size;
	bool failed;
};

void html_free(struct html *html); /* wipes: forms carry what was typed */
void html_literal(struct html *html, const char *text);
void html_text(struct html *html, const char *text); /* & < > " ' escaped; NULL writes nothing */
/* The same for the first len bytes. */
void html_text_part(struct html *html, const char *text, size_t len);

#endif
