/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/web/web_unit.h"

#include <signal.h>
#include <unistd.h>

#include "web/response.h"
#include "web/template.h"

static const struct piece pieces[] = {
    {PIECE_LITERAL, "<p>"},
    {PIECE_VALUE, "name"},
    {PIECE_LITERAL, "</p>"},
    {PIECE_IF, "more"},
    {PIECE_MESSAGE, "Ask {name} & {nobody}"},
    {PIECE_UNLESS, "less"},
    {PIECE_LITERAL, "!"},
    {PIECE_CLOSE, "less"},
    {PIECE_CLOSE, "more"},
    {PIECE_SLOT, "slot"},
    {PIECE_END, NULL},
};
static const struct template template = {"test", pieces};

static void
slot(struct html *html, const void *argument)
{
	html_text(html, argument);
}

static void
assert_html(struct html *html, const char *expected)
{
	assert_false(html->failed);
	assert_int_equal(html->len, strlen(expected));
	if (html->len > 0)
		assert_memory_equal(html->data, expected, html->len);
	html_free(html);
}

static void
escapes(void **state)
{
	struct html html = {0};

	(void)state;
	html_text(&html, "a&b<c>d\"e'f\xc3\xa4");
	html_text(&html, "");
	html_text(&html, NULL);
	html_text_part(&html, "<<<", 2);
	assert_html(&html, "a&amp;b&lt;c&gt;d&quot;e&#39;f\xc3\xa4&lt;&lt;");
}

static void
grows_and_stops(void **state)
{
	struct html html = {0};
	char text[1025];

	(void)state;
	memset(text, '<', 1024);
	text[1024] = '\0';
	for (int i = 0; i < 60; i++)
		html_text(&html, text);
	assert_false(html.failed);
	assert_int_equal(html.len, 60 * 4 * 1024);
	for (int i = 0; i < 5; i++)
		html_text(&html, text);
	assert_true(html.failed);
	html_free(&html);
	assert_null(html.data);
}

static void
fills_templates(void **state)
{
	struct template_values values = {0};
	struct html html = {0};

	(void)state;
	template_write(&html, &template, &values);
	assert_html(&html, "<p></p>");
	template_set(&values, "name", "<b>{name}</b>");
	template_set(&values, "more", "");
	template_set_slot(&values, "slot", slot, "\"");
	template_write(&html, &template, &values);
	assert_html(&html, "<p>&lt;b&gt;{name}&lt;/b&gt;</p>&quot;");
	template_set(&values, "more", "yes");
	template_write(&html, &template, &values);
	assert_html(
	    &html, "<p>&lt;b&gt;{name}&lt;/b&gt;</p>Ask &lt;b&gt;{name}&lt;/b&gt; &amp; !&quot;");
	template_set(&values, "less", "yes");
	template_write(&html, &template, &values);
	assert_html(
	    &html, "<p>&lt;b&gt;{name}&lt;/b&gt;</p>Ask &lt;b&gt;{name}&lt;/b&gt; &amp; &quot;");
}

static void
has_no_place_for_more_values(void **state)
{
	struct template_values values = {0};
	struct html html = {0};

	(void)state;
	for (int i = 0; i <= TEMPLATE_VALUES_MAX; i++)
		template_set(&values, "name", "x");
	template_write(&html, &template, &values);
	assert_true(html.failed);
	html_free(&html);
}

/* Every section of every template is closed, and nothing but names stands in its marks. */
static void
walks_the_templates(void **state)
{
	size_t count = 0;

	(void)state;
	for (const struct template *at = templates; at->name != NULL; at++, count++) {
		int depth = 0;

		assert_ptr_equal(template_find(at->name), at);
		for (const struct piece *piece = at->pieces; piece->kind != PIECE_END; piece++) {
			depth += piece->kind == PIECE_IF || piece->kind == PIECE_UNLESS;
			depth -= piece->kind == PIECE_CLOSE;
			assert_true(depth >= 0);
			assert_non_null(piece->text);
			if (piece->kind == PIECE_LITERAL)
				assert_null(strstr(piece->text, "{{"));
		}
		assert_int_equal(depth, 0);
	}
	assert_true(count > 15);
	assert_null(template_find("none"));
}

static void
answers_whole_or_plainly(void **state)
{
	struct response response = {.status = 200, .body = {.failed = true}};
	char text[8192];
	int fds[2];
	ssize_t len;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	html_text(&response.body, "half");
	assert_true(response_write(&response, fds[1]));
	len = read(fds[0], text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	assert_memory_equal(text, "Status: 500 ", 12);
	assert_non_null(strstr(text, "Content-Type: text/plain"));
	assert_null(strstr(text, "half"));
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_false(response_write(&response, fds[1]));
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest web_html[] = {
	    cmocka_unit_test(escapes),
	    cmocka_unit_test(grows_and_stops),
	    cmocka_unit_test(fills_templates),
	    cmocka_unit_test(has_no_place_for_more_values),
	    cmocka_unit_test(walks_the_templates),
	    cmocka_unit_test(answers_whole_or_plainly),
	};

	return cmocka_run_group_tests(web_html, NULL, NULL);
}
