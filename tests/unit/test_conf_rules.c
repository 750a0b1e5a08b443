/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules on single values, and between keys. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "conf_unit.h"

struct rule_row {
	const char *section;
	const char *key;
	const char *value;
	bool good;
};

static void
values_are_judged_by_their_rule(void **state)
{
	static const struct rule_row rows[] = {
	    {"service", "socket", "", false},
	    {"service", "socket", "run/x", false},
	    {"service", "userdb_socket", "", true},
	    {"store", "path", "", false},
	    {"store", "path", "users.db", false},
	    {"dynamodb", "container_token_file", "", true},
	    {"dynamodb", "container_token_file", "x", false},
	    {"dynamodb", "region", "EU", false},
	    {"dynamodb", "region", "eu_central", false},
	    {"dynamodb", "region", "a23456789012345678901234567890123", false},
	    {"dynamodb", "region", "a2345678901234567890123456789012", true},
	    {"dynamodb", "region", "x.evil.example/", false},
	    {"dynamodb", "users_table", "ab", false},
	    {"dynamodb", "users_table", "a b c", false},
	    {"dynamodb", "users_table", "A.b_c-1", true},
	    {"dynamodb", "endpoint", "https://dynamodb.example", true},
	    {"dynamodb", "endpoint", "https://dynamodb.example:8000/", true},
	    {"dynamodb", "endpoint", "https://dynamodb.example/x", false},
	    {"dynamodb", "endpoint", "https://user@host", false},
	    {"dynamodb", "endpoint", "https://host:0", false},
	    {"dynamodb", "endpoint", "https://host:65536", false},
	    {"dynamodb", "endpoint", "https://host:", false},
	    {"dynamodb", "endpoint", "https://", false},
	    {"dynamodb", "endpoint", "https://[::1", false},
	    {"dynamodb", "endpoint", "https://[:::]", false},
	    {"dynamodb", "endpoint", "ftp://host", false},
	    {"dynamodb", "endpoint", "HTTPS://host", false},
	    {"dynamodb", "endpoint", "host:8000", false},
	    {"dynamodb", "endpoint", "http://127.0.0.1:8000", true},
	    {"dynamodb", "endpoint", "http://127.255.1.2", true},
	    {"dynamodb", "endpoint", "http://localhost:8000/", true},
	    {"dynamodb", "endpoint", "http://[::1]:8000", true},
	    {"dynamodb", "endpoint", "http://128.0.0.1:8000", false},
	    {"dynamodb", "endpoint", "http://127.0.0.1.example", false},
	    {"dynamodb", "endpoint", "http://127.0.0.1@host", false},
	    {"dynamodb", "endpoint", "http://127.1", false},
	    {"dynamodb", "endpoint", "http://0177.0.0.1", false},
	    {"dynamodb", "endpoint", "http://localhost.example", false},
	    {"dynamodb", "endpoint", "http://[::ffff:8.8.8.8]", false},
	    {"dynamodb", "endpoint", "http://dynamodb.example", false},
	    {"dynamodb", "imds_endpoint", "", false},
	    {"dynamodb", "imds_endpoint", "http://127.0.0.1:1338", true},
	    {"dynamodb", "container_endpoint", "http://169.254.170.2/v2/x?y=z", true},
	    {"dynamodb", "container_endpoint", "http://h/a b", false},
	    {"dynamodb", "container_endpoint", "http://h/a\"b", false},
	    {"dynamodb", "container_endpoint", "169.254.170.2/v2", false},
	    {"dynamodb", "profile", "", false},
	    {"dynamodb", "profile", "a]b", false},
	    {"host", "name", "web_1", false},
	    {"host", "name", "web-1.example", true},
	    {"host", "groups", "a@b", false},
	    {"mail", "sender", "no-reply@example.org", true},
	    {"mail", "sender", "-oQx@example.org", false},
	    {"mail", "sender", "a@b@example.org", false},
	    {"mail", "sender", "Site <a@example.org>", false},
	    {"mail", "sender", "example.org", false},
	    {"mail", "sender", "@example.org", false},
	    {"users", "home", "/home/%u", true},
	    {"users", "home", "/home/%n", false},
	    {"users", "home", "/home/%", false},
	    {"users", "home", "/home/%%u", false},
	    {"users", "home", "home", false},
	    {"users", "home", "/a:b", false},
	    {"users", "shell", "", false},
	    {"users", "shell", "/bin/a:b", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[256];
		char where[128];

		(void)snprintf(text, sizeof(text), "[%s]\n%s = %s\n", rows[i].section, rows[i].key,
		    rows[i].value);
		(void)snprintf(
		    where, sizeof(where), "FILE:2: [%s] %s: ", rows[i].section, rows[i].key);
		if (rows[i].good) {
			struct conf conf = parse(text);

			conf_free(&conf);
		} else {
			assert_refused(text, where);
		}
	}
}

static void
socket_paths_fit_into_sun_path(void **state)
{
	struct conf conf;
	char text[256] = "[service]\nsocket = /";

	(void)state;
	memset(text + strlen(text), 's', 106);
	conf = parse(text);
	assert_int_equal(strlen(conf.socket), 107);
	conf_free(&conf);
	text[strlen(text)] = 's';
	assert_refused(text, "FILE:2: [service] socket: too long for a socket;");
}

static void
rules_between_keys_are_kept(void **state)
{
	(void)state;
	assert_refused("[store]\nengine = dynamodb\n", "FILE: [dynamodb] region: missing;");
	assert_refused("[store]\nengine = dynamodb\n[dynamodb]\nregion =\n",
	    "FILE:4: [dynamodb] region: missing;");
	assert_refused("[dynamodb]\nusers_table = one\nstate_table = one\n",
	    "FILE:3: [dynamodb] state_table: equal to users_table;");
	assert_refused("[service]\nsocket = /a\nuserdb_socket = /a\n",
	    "FILE:3: [service] userdb_socket: equal to socket;");
	assert_refused(
	    "[users]\nuid_min = 5000\nuid_max = 4999\n", "FILE:2: [users] uid_min: above uid_max;");
	assert_refused("[users]\nuid_min = 60000\nuid_max = 70000\n",
	    "FILE:2: [users] uid_min: the range holds 65534");
	assert_refused("[users]\nuid_min = 65535\n", "FILE:2: [users] uid_min: the range holds");
	assert_refused("[users]\nuid_min = 1000\nuid_max = 65534\n",
	    "FILE:2: [users] uid_min: the range holds");
	assert_refused("[password]\nmemory_kib = 262145\n",
	    "FILE:2: [password] memory_kib: above max_memory_kib;");
	assert_refused("[password]\npasses = 17\n", "FILE:2: [password] passes: above max_passes;");
	assert_refused(
	    "[registration]\nmode = email\n", "FILE:2: [registration] mode: needs mail;");
	assert_refused(
	    "[registration]\nmode = email+approval\n", "FILE:2: [registration] mode: needs mail;");
	assert_refused("[registration]\nmode = open\n[users]\nnames = email\n",
	    "FILE:2: [registration] mode: not off;");
	assert_refused("[mail]\nspool = /s\nurl = https://a.example\n", "FILE: [mail] sender: ");
	assert_refused("[mail]\nspool = /s\nsender = a@example.org\n", "FILE: [mail] url: ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_judged_by_their_rule),
	    cmocka_unit_test(socket_paths_fit_into_sun_path),
	    cmocka_unit_test(rules_between_keys_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
