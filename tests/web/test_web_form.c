/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/web/web_unit.h"

#include "web/form.h"

static const struct field fields[] = {
    {.name = "name", .max = 4},
    {.name = "lines", .max = 8, .flags = FIELD_LINES},
    {.name = NULL},
};

/* On the heap and exact, so that a sanitizer sees one byte too far. */
static bool
parse(struct form *out, const char *text, char **data)
{
	size_t len = strlen(text);

	*data = malloc(len + 1);
	assert_non_null(*data);
	memcpy(*data, text, len);
	return form_parse(out, *data, len);
}

static void
reads_pairs(void **state)
{
	static const struct {
		const char *body;
		size_t count;
		const char *value;
	} cases[] = {
	    {"", 0, ""},
	    {"&&", 0, ""},
	    {"name=a", 1, "a"},
	    {"name", 1, ""},
	    {"name=", 1, ""},
	    {"=x&name=a", 2, "a"},
	    {"x=1&name=a=b&y=2", 3, "a=b"},
	    {"name=a+b%20c", 1, "a b c"},
	    {"name=%26%3d%2B", 1, "&=+"},
	    {"%6eame=a", 1, "a"},
	    {"name=%c3%A4", 1, "\xc3\xa4"},
	    {"name=\xc3\xa4", 1, "\xc3\xa4"},
	    {"name=a%0d%0ab", 1, "a\r\nb"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct form form;
		char *data;

		assert_true(parse(&form, cases[i].body, &data));
		assert_int_equal(form.count, cases[i].count);
		assert_string_equal(form_get(&form, "name"), cases[i].value);
		free(data);
	}
}

static void
refuses_what_is_no_text(void **state)
{
	static const char *const cases[] = {"name=%", "name=%4", "name=%zz", "name=%4g", "name=%g4",
	    "%", "a%=1", "name=%00", "%00=a", "name=%01", "name=%09", "name=%1b", "name=%7f",
	    "name=%c2%80", "name=%c2%9f", "name=%80", "name=%c3", "name=%c0%80", "name=%e0%80%80",
	    "name=%ed%a0%80", "name=%f4%90%80%80", "name=%f8%88%80%80%80", "name=%ff", "x=1&y=%"};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct form form;
		char *data;

		if (parse(&form, cases[i], &data))
			fail_msg("%s", cases[i]);
		assert_int_equal(form.count, 0);
		free(data);
	}
}

static void
counts_pairs(void **state)
{
	char body[4 * (FORM_PAIRS_MAX + 1) + 1] = "";
	struct form form;
	char *data;

	(void)state;
	for (int i = 0; i < FORM_PAIRS_MAX; i++)
		strcat(body, "a=b&");
	assert_true(parse(&form, body, &data));
	assert_int_equal(form.count, FORM_PAIRS_MAX);
	free(data);
	strcat(body, "a=b");
	assert_false(parse(&form, body, &data));
	free(data);
}

static void
checks_known_names_alone(void **state)
{
	static const struct {
		const char *body;
		bool good;
	} cases[] = {
	    {"name=a&lines=b", true},
	    {"name=a&name=a", false},
	    {"name=&x=1&name=", false},
	    {"x=1&x=2", true},
	    {"name=0123456789abcdef", true},
	    {"name=0123456789abcdef0", false},
	    {"x=0123456789abcdef0", true},
	    {"name=%0a", false},
	    {"lines=a%0d%0ab", true},
	    {"Name=a&name=b", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct form form;
		char *data;

		assert_true(parse(&form, cases[i].body, &data));
		if (form_check(&form, fields) != cases[i].good)
			fail_msg("%s", cases[i].body);
		assert_true(form_check(&form, NULL));
		free(data);
	}
}

int
main(void)
{
	const struct CMUnitTest web_form[] = {
	    cmocka_unit_test(reads_pairs),
	    cmocka_unit_test(refuses_what_is_no_text),
	    cmocka_unit_test(counts_pairs),
	    cmocka_unit_test(checks_known_names_alone),
	};

	return cmocka_run_group_tests(web_form, NULL, NULL);
}
