/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail_text.h"
#include "core/secret.h"

#define TOKEN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"

static const char *const languages[] = {"en", "de"};

static struct mail
make_mail(enum mail_kind kind, const char *language)
{
	return (struct mail){.kind = kind,
	    .language = language,
	    .to = "alice@example.org",
	    .sender = "accounts@example.net",
	    .site = "Example Login",
	    .url = "https://login.example.org/account/",
	    .token = TOKEN,
	    .network = "2001:db8::/64",
	    .now = 1763800000};
}

/* Each kind in each language is whole: nothing is left to fill in, and lines fit a mail. */
static void
test_every_text(void **state)
{
	(void)state;
	for (int kind = 0; kind < MAIL_KIND_COUNT; kind++) {
		for (size_t i = 0; i < COUNT_OF(languages); i++) {
			const struct mail mail = make_mail((enum mail_kind)kind, languages[i]);
			const char *body = mail_text_body(mail.kind, mail.language);
			struct buf text;
			const char *at;

			assert_true(strlen(mail_text_subject(mail.kind, mail.language)) > 0);
			assert_true(strlen(body) > 0 && body[strlen(body) - 1] == '\n');
			assert_non_null(strstr(body, "{site}"));
			assert_true(
			    (strstr(body, "{link}") != NULL) != (strstr(body, "{page}") != NULL));
			assert_int_equal(strstr(body, "{link}") != NULL,
			    strstr(mail_text_body(mail.kind, "en"), "{link}") != NULL);
			buf_init(&text, 0);
			assert_true(mail_text_write(&mail, &text));
			at = buf_string(&text);
			assert_null(strchr(at, '{'));
			assert_null(strchr(at, '\r'));
			assert_int_equal(strstr(at, TOKEN) != NULL, strstr(body, "{link}") != NULL);
			assert_non_null(strstr(at, "https://login.example.org/account/"));
			assert_null(strstr(at, "account//"));
			while (*at != '\0') {
				size_t len = strcspn(at, "\n");

				assert_true(len <= 200);
				assert_int_equal(at[len], '\n');
				at += len + 1;
			}
			buf_free(&text);
		}
	}
}

static void
test_languages(void **state)
{
	(void)state;
	assert_string_equal(
	    mail_text_subject(MAIL_RESET, "fr"), mail_text_subject(MAIL_RESET, "en"));
	assert_string_equal(
	    mail_text_subject(MAIL_RESET, NULL), mail_text_subject(MAIL_RESET, "en"));
	assert_string_not_equal(
	    mail_text_subject(MAIL_RESET, "de"), mail_text_subject(MAIL_RESET, "en"));
}

/* The header as a mail program reads it. */
static void
test_header(void **state)
{
	static const char *const lines[] = {
	    "From: =?UTF-8?B?RXhhbXBsZSBMb2dpbg==?=\n <accounts@example.net>\n"
	    "To: <alice@example.org>\nSubject: =?UTF-8?B?",
	    "\nDate: Sat, 22 Nov 2025 08:26:40 +0000\nMessage-ID: <",
	    "@example.net>\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"};
	const struct mail mail = make_mail(MAIL_RESET, "de");
	const char *at;
	struct buf text;

	(void)state;
	buf_init(&text, 0);
	assert_true(mail_text_write(&mail, &text));
	at = buf_string(&text);
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		at = strstr(at, lines[i]);
		assert_non_null(at);
		at += strlen(lines[i]);
	}
	buf_free(&text);
}

/* Python's email package says whether the words of the header are what was meant. */
static void
test_encoded_words(void **state)
{
	static char site[] = "B\xc3\xbc\x63herei \xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e "
			     "\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e "
			     "\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e";
	static const char program[] =
	    "import email, email.policy, sys\n"
	    "from email.header import decode_header, make_header\n"
	    "data = sys.stdin.buffer.read()\n"
	    "m = email.message_from_bytes(data, policy=email.policy.default)\n"
	    "site = sys.argv[1]\n"
	    "sender = str(make_header(decode_header(email.message_from_bytes(data)['from'])))\n"
	    "assert sender.split(' <')[0] == site, sender\n"
	    "assert m['from'].addresses[0].addr_spec == 'accounts@example.net', m['from']\n"
	    "assert m['subject'] == 'Set a new password for ' + site, m['subject']\n"
	    "assert all(len(line) <= 76 for line in data.split(b'\\n\\n')[0].split(b'\\n'))\n"
	    "assert not m.defects and not m['subject'].defects\n"
	    "assert site in m.get_content()\n";
	struct mail mail = make_mail(MAIL_RESET, "en");
	char command[2048];
	struct buf text;
	FILE *pipe;

	(void)state;
	mail.site = site;
	buf_init(&text, 0);
	assert_true(mail_text_write(&mail, &text));
	(void)snprintf(command, sizeof(command), "/usr/bin/python3 -c \"%s\" '%s'", program, site);
	pipe = popen(command, "w");
	assert_non_null(pipe);
	assert_int_equal(fwrite(text.data, 1, text.len, pipe), text.len);
	assert_int_equal(pclose(pipe), 0);
	buf_free(&text);
}

static void
test_w60_what_may_not_stand_there(void **state)
{
	static const char *const bad[] = {"", "a", "-oQx@example.org", "a@b,c@d",
	    "a@example.org\nBcc: b@example.org", "a@example.org\r", "a b@example.org",
	    "a@B\xc3\xbc\x63her.example", "a@Example.org", "<a@example.org>"};
	struct mail mail = make_mail(MAIL_RESET, "en");
	struct buf text;

	(void)state;
	buf_init(&text, 0);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		mail = make_mail(MAIL_RESET, "en");
		mail.to = bad[i];
		assert_false(mail_text_write(&mail, &text));
		mail = make_mail(MAIL_RESET, "en");
		mail.sender = bad[i];
		assert_false(mail_text_write(&mail, &text));
	}
	mail = make_mail(MAIL_PASSWORD_NOTICE, "en");
	mail.network = "192.0.2.1 and your words";
	assert_false(mail_text_write(&mail, &text));
	buf_free(&text);
}

static void
test_site_is_the_host(void **state)
{
	struct mail mail = make_mail(MAIL_RESET, "en");
	struct buf text;

	(void)state;
	mail.site = "";
	buf_init(&text, 0);
	assert_true(mail_text_write(&mail, &text));
	assert_non_null(strstr(buf_string(&text), "your account at login.example.org."));
	buf_free(&text);
}

static int
setup(void **state)
{
	(void)state;
	return secret_init() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_text),
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_header),
	    cmocka_unit_test(test_encoded_words),
	    cmocka_unit_test(test_w60_what_may_not_stand_there),
	    cmocka_unit_test(test_site_is_the_host),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
