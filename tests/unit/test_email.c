/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/email.h"
#include "core/user.h"

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16

static void
test_key(void **state)
{
	static const struct {
		const char *email;
		const char *ascii; /* NULL: no address */
		const char *key;
	} rows[] = {
	    {"Alice@Example.ORG", "Alice@example.org", "alice@example.org"},
	    {"a+b.c@x-y.example", "a+b.c@x-y.example", "a+b.c@x-y.example"},
	    {"O'Brien@example.org", "O'Brien@example.org", "o'brien@example.org"},
	    {"A@B\xc3\xbc\x63her.example", "A@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
	    /* the same, decomposed */
	    {"a@bu\xcc\x88\x63her.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
	    {"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
	    /* IDNA2008: not the same as ss */
	    {"a@stra\xc3\x9f\x65.example", "a@xn--strae-oqa.example", "a@xn--strae-oqa.example"},
	    {"a@localhost", "a@localhost", "a@localhost"},
	    {"a@[192.0.2.1]", NULL, NULL},
	    {"b\xc3\xbc@example.org", NULL, NULL},
	    {"a@b@example.org", NULL, NULL},
	    {"a,b@example.org", NULL, NULL},
	    {"a@example.org,c@example.org", NULL, NULL},
	    {"\"a b\"@example.org", NULL, NULL},
	    {"a b@example.org", NULL, NULL},
	    {"a@example.org\r\nBcc: c@example.org", NULL, NULL},
	    {"a@example.org\n", NULL, NULL},
	    {"a@exa mple.org", NULL, NULL},
	    {"a@-example.org", NULL, NULL},
	    {"a@example..org", NULL, NULL},
	    {"a@.example", NULL, NULL},
	    {".a@example.org", NULL, NULL},
	    {"a.@example.org", NULL, NULL},
	    {"a..b@example.org", NULL, NULL},
	    {"a@", NULL, NULL},
	    {"@example.org", NULL, NULL},
	    {"a", NULL, NULL},
	    {"", NULL, NULL},
	    {"a@\xff\xfe.example", NULL, NULL},
	    {"a@\xe2\x98\x83\x2f.example", NULL, NULL},
	    {X64 "@example.org", X64 "@example.org", X64 "@example.org"},
	    {X64 "x@example.org", NULL, NULL},
	    {"a@" X64 ".example", NULL, NULL},
	};
	char out[EMAIL_SIZE], normal[USER_EMAIL_MAX + 1];

	(void)state;
	assert_false(email_ascii(NULL, out));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool good = email_ascii(rows[i].email, out);

		if (good != (rows[i].ascii != NULL))
			fail_msg("'%s': '%s'", rows[i].email, out);
		assert_string_equal(out, good ? rows[i].ascii : "");
		assert_int_equal(email_key(rows[i].email, out), good);
		assert_string_equal(out, good ? rows[i].key : "");
		/* what the record's own key is made of */
		assert_int_equal(user_email_normalise(rows[i].email, normal), good);
		assert_string_equal(normal, out);
	}
}

static void
test_lengths(void **state)
{
	char email[300] = "a@", out[EMAIL_SIZE];

	(void)state;
	while (strlen(email) < EMAIL_MAX)
		strcat(email, strlen(email) % 50 == 49 ? "." : "b");
	assert_true(email_ascii(email, out));
	assert_int_equal(strlen(out), EMAIL_MAX);
	strcat(email, "b");
	assert_false(email_ascii(email, out));
}

static void
test_registrable(void **state)
{
	struct strlist none = {0}, domains = {0};

	(void)state;
	assert_true(email_registrable("a@example.org", false, &none));
	assert_false(email_registrable("-oQx@example.org", false, &none));
	assert_false(email_registrable("a@localhost", false, &none));
	assert_true(email_registrable("a@localhost", true, &none));
	assert_false(email_registrable("a,b@example.org", false, &none));
	assert_true(strlist_add(&domains, "xn--bcher-kva.example"));
	assert_true(email_registrable("a@B\xc3\xbc\x63her.example", false, &domains));
	assert_false(email_registrable("a@example.org", false, &domains));
	assert_false(email_registrable("a@x.xn--bcher-kva.example", false, &domains));
	strlist_free(&domains);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_key),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_registrable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
