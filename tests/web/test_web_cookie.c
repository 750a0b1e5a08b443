/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/web/web_unit.h"

#include "web/cookie.h"

#define SESSION "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define FORM "AAECAwQFBgcICQoLDA0ODw"
#define S "__Host-pd_session="
#define F "__Host-pd_form="
#define L "__Host-pd_lang="

static void
reads_ours(void **state)
{
	static const struct {
		const char *header;
		const char *session;
		const char *form;
		const char *language;
	} cases[] = {
	    {NULL, "", "", ""},
	    {"", "", "", ""},
	    {S SESSION, SESSION, "", ""},
	    {F FORM "; " S SESSION "; " L "de", SESSION, FORM, "de"},
	    {" " F FORM ";" S SESSION " ;;; ", SESSION, FORM, ""},
	    {"a=b; __Host-pd_form; " S SESSION, SESSION, "", ""},
	    {"x" S SESSION, "", "", ""},
	    {"__host-pd_session=" SESSION, "", "", ""},
	    {S SESSION "; " S SESSION, "", "", ""},
	    {S SESSION "; " S "; " F FORM, "", FORM, ""},
	    {S SESSION "; " S SESSION "; " S SESSION, "", "", ""},
	    {S SESSION "A", "", "", ""},
	    {S "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh", "", "", ""},
	    {S "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+", "", "", ""},
	    {S "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", "", "", ""}, /* stray bits */
	    {F "\xff\xff\xff\xff"
	       "AwQFBgcICQoLDA0ODw",
		"", "", ""}, /* libsodium 1.0.18 takes it */
	    {S "\"" SESSION "\"", "", "", ""},
	    {L "xx", "", "", ""},
	    {L "de\"", "", "", ""},
	    {S, "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cookies cookies;

		cookie_read(cases[i].header, &cookies);
		assert_string_equal(cookies.value[COOKIE_SESSION], cases[i].session);
		assert_string_equal(cookies.value[COOKIE_FORM], cases[i].form);
		assert_string_equal(cookies.value[COOKIE_LANGUAGE], cases[i].language);
	}
}

static void
writes_them(void **state)
{
	static const struct {
		enum cookie cookie;
		const char *value;
		bool strict;
		const char *line;
	} cases[] = {
	    {COOKIE_SESSION, SESSION, true,
		"Set-Cookie: " S SESSION "; Path=/; Secure; HttpOnly; SameSite=Strict"},
	    {COOKIE_SESSION, SESSION, false,
		"Set-Cookie: " S SESSION "; Path=/; Secure; HttpOnly; SameSite=Lax"},
	    {COOKIE_SESSION, NULL, true,
		"Set-Cookie: " S "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"},
	    {COOKIE_LANGUAGE, "de", true,
		"Set-Cookie: " L "de; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=31536000"},
	    {COOKIE_LANGUAGE, "de\r\nX: y", true,
		"Set-Cookie: " L "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char line[COOKIE_LINE_SIZE];

		cookie_line(cases[i].cookie, cases[i].value, cases[i].strict, line);
		assert_string_equal(line, cases[i].line);
	}
}

int
main(void)
{
	const struct CMUnitTest web_cookie[] = {
	    cmocka_unit_test(reads_ours),
	    cmocka_unit_test(writes_them),
	};

	return cmocka_run_group_tests(web_cookie, NULL, NULL);
}
