/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/reserved_names.h"

#define SHIPPED "conf/reserved-names"

static const struct log quiet;
static char folder[64];
static char list_path[96];
static char site_path[96];

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/pam_dynamo_names.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(list_path, sizeof(list_path), "%s/list", folder);
	(void)snprintf(site_path, sizeof(site_path), "%s/site.d", folder);
	return mkdir(site_path, 0755);
}

static void
write_file(const char *name, const char *text)
{
	char path[192];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static int
teardown(void **state)
{
	static const char *const files[] = {"list", "site.d/one", "site.d/two~", "site.d/.three"};
	char path[192];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(site_path);
	return rmdir(folder);
}

static struct reserved_names *
load(void)
{
	struct reserved_names *names = NULL;

	assert_int_equal(reserved_names_load(list_path, site_path, &quiet, &names), PD_OK);
	return names;
}

static void
test_shipped(void **state)
{
	static const char *const taken[] = {"root", "daemon", "www-data", "nobody", "nogroup",
	    "sudo", "wheel", "adm", "admin", "docker", "lxd", "libvirt-qemu", "kvm", "disk",
	    "shadow", "staff", "ssh", "sshd", "systemd-network", "_apt", "_chrony", "postgres",
	    "mysql", "redis", "git", "nginx", "prometheus", "abuse", "hostmaster", "noc",
	    "postmaster", "security", "support", "webmaster", "info", "sales", "administrator",
	    "guest", "anonymous", "test", "user", "users", "login", "self", "me", "null",
	    "undefined", "pam-dynamo", "pam-dynamo-web"};
	static const char *const good[] = {"alice", "bob2", "sudoku", "rooted", "wwwdata", "ann"};
	struct reserved_names *names = NULL;

	(void)state;
	assert_int_equal(reserved_names_load(SHIPPED, NULL, &quiet, &names), PD_OK);
	for (size_t i = 0; i < COUNT_OF(taken); i++)
		if (!reserved_names_has(names, taken[i]))
			fail_msg("%s is not reserved", taken[i]);
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (reserved_names_has(names, good[i]))
			fail_msg("%s is reserved", good[i]);
	reserved_names_free(names);
}

/* Every user and group of this machine's base system is among the shipped names. */
static void
test_shipped_base_passwd(void **state)
{
	static const char *const files[] = {
	    "/usr/share/base-passwd/passwd.master", "/usr/share/base-passwd/group.master"};
	struct reserved_names *names = NULL;
	char line[512];

	(void)state;
	assert_int_equal(reserved_names_load(SHIPPED, NULL, &quiet, &names), PD_OK);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		FILE *file = fopen(files[i], "re");

		while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
			line[strcspn(line, ":\n")] = '\0';
			if (!reserved_names_has(names, line))
				fail_msg("%s of %s is not reserved", line, files[i]);
		}
		if (file != NULL)
			(void)fclose(file);
	}
	reserved_names_free(names);
}

static void
test_lines(void **state)
{
	struct reserved_names *names;

	(void)state;
	write_file("list", "# comment\n\n  zed \t\nalpha # why\r\nteam-*\n*bot");
	write_file("site.d/one", "chef\n");
	write_file("site.d/two~", "not a list at all!\n");
	write_file("site.d/.three", "not a list at all!\n");
	names = load();
	assert_int_equal(reserved_names_count(names), 5);
	assert_true(reserved_names_has(names, "zed"));
	assert_true(reserved_names_has(names, "alpha"));
	assert_true(reserved_names_has(names, "team-1"));
	assert_true(reserved_names_has(names, "robot"));
	assert_true(reserved_names_has(names, "chef"));
	assert_false(reserved_names_has(names, "team"));
	assert_false(reserved_names_has(names, "comment"));
	assert_false(reserved_names_has(names, "robots"));
	reserved_names_free(names);
}

static void
test_refused(void **state)
{
	static const char *const texts[] = {
	    "Alice\n", "a b\n", "b\xc3\xbc\x63h\n", "a?\n", "[ab]\n"};
	struct reserved_names *names = NULL;

	(void)state;
	assert_int_equal(reserved_names_load(list_path, site_path, &quiet, &names), PD_CONFIG);
	assert_null(names);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		write_file("list", texts[i]);
		assert_int_equal(
		    reserved_names_load(list_path, site_path, &quiet, &names), PD_CONFIG);
	}
	write_file("list", "zed\n");
	write_file("site.d/one", "UPPER\n");
	assert_int_equal(reserved_names_load(list_path, site_path, &quiet, &names), PD_CONFIG);
	write_file("site.d/one", "upper\n");
	reserved_names_free(load());
	assert_int_equal(chmod(list_path, 0666), 0);
	assert_int_equal(reserved_names_load(list_path, site_path, &quiet, &names), PD_CONFIG);
}

static void
test_no_site(void **state)
{
	struct reserved_names *names = NULL;

	(void)state;
	write_file("list", "zed\n");
	assert_int_equal(reserved_names_load(list_path, "/nonexistent", &quiet, &names), PD_OK);
	assert_int_equal(reserved_names_count(names), 1);
	reserved_names_free(names);
	reserved_names_free(NULL);
}

static void
test_grammar(void **state)
{
	static const char *const good[] = {
	    "abc", "a-b", "a_1", "z99", "a--b", "abcdefghijklmnopqrstuvwxyz01234"};
	static const char *const bad[] = {"", "ab", "1abc", "_abc", "-abc", "Abc", "abC", "abc-",
	    "abc_", "a.b", "a b", "abc\n", "a$b", "b\xc3\xbc\x63h",
	    "abcdefghijklmnopqrstuvwxyz012345"};

	(void)state;
	assert_false(reserved_names_grammar(NULL));
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!reserved_names_grammar(good[i]))
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (reserved_names_grammar(bad[i]))
			fail_msg("'%s' is taken", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shipped),
	    cmocka_unit_test(test_shipped_base_passwd),
	    cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_site, setup, teardown),
	    cmocka_unit_test(test_grammar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
