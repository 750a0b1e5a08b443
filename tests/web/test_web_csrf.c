/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/web/web_unit.h"

#include "web/csrf.h"

#define SESSION "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"

static const struct csrf_binding binding = {"signin", "", "AAECAwQFBgcICQoLDA0ODw"};

static struct web_keys
keys_of(const char *text)
{
	char copy[512];
	struct web_keys keys;
	const char *why;

	strcpy(copy, text);
	if (!web_key_parse(copy, &keys, &why))
		fail_msg("%s", why);
	return keys;
}

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* printf 'csrf1|signin|-|AAECAwQFBgcICQoLDA0ODw' |
 * openssl dgst -sha256 -mac HMAC -macopt hexkey:0001...1f -binary | basenc --base64url */
static void
makes_the_token_of_the_document(void **state)
{
	struct web_keys keys = keys_of("a " HEX32 "\n");
	char token[CSRF_TOKEN_SIZE];

	(void)state;
	csrf_make(&keys, &binding, token);
	assert_string_equal(token, "6vYJMYeSZ1UEf-BA74zdbPoRU336jHcwF0jA89QKwS8");
}

static void
is_bound_to_all_its_parts(void **state)
{
	static const struct csrf_binding others[] = {
	    {"reset", "", "AAECAwQFBgcICQoLDA0ODw"},
	    {"signin", SESSION, "AAECAwQFBgcICQoLDA0ODw"},
	    {"signin", "", "BAECAwQFBgcICQoLDA0ODw"},
	    {"signin", "", ""},
	    {"signin|-", "", "AAECAwQFBgcICQoLDA0ODw"},
	};
	struct web_keys keys = keys_of("a " HEX32);
	char token[CSRF_TOKEN_SIZE];

	(void)state;
	csrf_make(&keys, &binding, token);
	assert_true(csrf_good(&keys, &binding, token));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(csrf_good(&keys, &others[i], token));
	for (size_t i = 0; i < CSRF_TOKEN_SIZE - 1; i++) {
		char changed[CSRF_TOKEN_SIZE];

		memcpy(changed, token, sizeof(token));
		changed[i] = changed[i] == 'x' ? 'y' : 'x';
		assert_false(csrf_good(&keys, &binding, changed));
	}
	assert_false(csrf_good(&keys, &binding, ""));
	csrf_make(&keys, &others[3], token);
	assert_false(csrf_good(&keys, &others[3], token));
}

static void
takes_the_old_key_and_makes_with_the_new(void **state)
{
	struct web_keys old = keys_of("a " HEX32);
	struct web_keys both = keys_of("# replaced\nb " OTHER "\na " HEX32 "\n");
	struct web_keys new = keys_of("b " OTHER);
	char token[CSRF_TOKEN_SIZE];

	(void)state;
	csrf_make(&old, &binding, token);
	assert_true(csrf_good(&both, &binding, token));
	assert_false(csrf_good(&new, &binding, token));
	csrf_make(&both, &binding, token);
	assert_true(csrf_good(&new, &binding, token));
}

static void
refuses_key_files(void **state)
{
	static const char *const cases[] = {"", "# none\n", "a", "a ", " " HEX32, "a " HEX32 "0",
	    "a " HEX32 "00", "a x" HEX32, HEX32, "a " HEX32 "\na " OTHER,
	    "a " HEX32 "\nb " OTHER "\nc " HEX32, "an-id-that-is-too-long " HEX32};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char copy[512];
		struct web_keys keys;
		const char *why = NULL;

		strcpy(copy, cases[i]);
		if (web_key_parse(copy, &keys, &why) || why == NULL)
			fail_msg("%s", cases[i]);
		assert_int_equal(keys.count, 0);
	}
}

static void
looks_at_origins(void **state)
{
	static const struct {
		const char *origin;
		const char *fetch_site;
		bool good;
	} cases[] = {
	    {"https://x.example", "same-origin", true},
	    {"https://x.example", NULL, true},
	    {NULL, "same-origin", true},
	    {NULL, NULL, false},
	    {"null", "same-origin", false},
	    {"", NULL, false},
	    {"https://x.example", "same-site", false},
	    {"https://x.example", "", false},
	    {"https://x.example.evil", NULL, false},
	    {"https://X.example", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(
		    csrf_origin_good(cases[i].origin, cases[i].fetch_site, "https://x.example"),
		    cases[i].good);
}

int
main(void)
{
	const struct CMUnitTest web_csrf[] = {
	    cmocka_unit_test(makes_the_token_of_the_document),
	    cmocka_unit_test(is_bound_to_all_its_parts),
	    cmocka_unit_test(takes_the_old_key_and_makes_with_the_new),
	    cmocka_unit_test(refuses_key_files),
	    cmocka_unit_test(looks_at_origins),
	};

	return secret_init() ? cmocka_run_group_tests(web_csrf, NULL, NULL) : 1;
}
