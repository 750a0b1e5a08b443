/* SPDX-License-Identifier: BSD-2-Clause */
/* Registration over the failing engine, with a mail spool and a reserved name. */
#ifndef REGISTRATION_FIXTURE_H
#define REGISTRATION_FIXTURE_H

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/invitation.h"
#include "core/mail_spool.h"
#include "core/one_time.h"
#include "core/registration.h"
#include "core/waiting.h"
#include "store_fixture.h"

#define PASSWORD "correct horse battery staple"
#define MAILS_MAX 16

struct desk {
	struct conf conf;
	struct log log;
	struct store *store;
	struct login_guard *guard;
	struct reserved_names *reserved;
	struct registration registration;
	struct pairs fields;
	char folder[64];
	char spool[96];
	char mails[MAILS_MAX][8192];
	size_t mail_count;
	struct registration_result result;
};

static inline enum pd_error
is_local(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "localname") == 0 || strcmp(name, "root") == 0 ? PD_OK : PD_NOT_FOUND;
}

static inline int
desk_setup(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	char path[128];
	FILE *file;

	assert_non_null(desk);
	assert_true(secret_init());
	engine_failing_reset();
	assert_int_equal(conf_init(&desk->conf), PD_OK);
	desk->conf.memory_kib = 8;
	desk->conf.passes = 1;
	desk->conf.registration = CONF_REGISTRATION_OPEN;
	(void)snprintf(desk->folder, sizeof(desk->folder), "/tmp/pam_dynamo_desk.XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	(void)snprintf(desk->spool, sizeof(desk->spool), "%s/mail", desk->folder);
	assert_int_equal(mkdir(desk->spool, 0700), 0);
	set(&desk->conf.mail_spool, desk->spool);
	set(&desk->conf.mail_sender, "accounts@example.org");
	set(&desk->conf.mail_site, "Example Login");
	set(&desk->conf.mail_url, "https://login.example.org/account");
	(void)snprintf(path, sizeof(path), "%s/names", desk->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("reserved\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(reserved_names_load(path, NULL, &desk->log, &desk->reserved), PD_OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(login_guard_open(&desk->guard), PD_OK);
	hash_gate_resize(&desk->guard->gate, 2);
	assert_int_equal(store_open_engine(&engine_failing, &desk->conf, STORE_CALLER_SERVICE,
			     &desk->log, &desk->store),
	    PD_OK);
	assert_true(pairs_set(&desk->fields, "given_name", "Zo\xc3\xab"));
	desk->registration = (struct registration){.conf = &desk->conf,
	    .store = desk->store,
	    .guard = desk->guard,
	    .reserved = desk->reserved,
	    .log = &desk->log,
	    .host = "web1.example.org",
	    .is_local = is_local};
	*state = desk;
	return 0;
}

/* Takes the mails out of the spool, blanks too. */
static inline void
desk_read_mails(struct desk *desk)
{
	DIR *folder = opendir(desk->spool);
	const struct dirent *entry;
	char path[400];

	assert_non_null(folder);
	desk->mail_count = 0;
	while ((entry = readdir(folder)) != NULL) {
		char *text = desk->mails[desk->mail_count];
		FILE *file;
		size_t len;

		if (entry->d_name[0] == '.')
			continue;
		assert_true(desk->mail_count < MAILS_MAX);
		(void)snprintf(path, sizeof(path), "%s/%s", desk->spool, entry->d_name);
		file = fopen(path, "r");
		assert_non_null(file);
		len = fread(text, 1, sizeof(desk->mails[0]) - 1, file);
		text[len] = '\0';
		assert_int_equal(fclose(file), 0);
		assert_int_equal(unlink(path), 0);
		desk->mail_count++;
	}
	(void)closedir(folder);
}

static inline int
desk_teardown(void **state)
{
	struct desk *desk = *state;

	desk_read_mails(desk);
	registration_result_free(&desk->result);
	store_close(desk->store);
	login_guard_close(desk->guard);
	reserved_names_free(desk->reserved);
	pairs_free(&desk->fields);
	conf_free(&desk->conf);
	assert_int_equal(rmdir(desk->spool), 0);
	assert_int_equal(rmdir(desk->folder), 0);
	free(desk);
	engine_failing_reset();
	return 0;
}

/* The only mail that went to somebody; its link's token in out, "" if it has none. */
static inline const char *
desk_one_mail(struct desk *desk, const char *to, char out[ONE_TIME_SIZE])
{
	const char *found = NULL;
	char first[300];

	desk_read_mails(desk);
	(void)snprintf(first, sizeof(first), "To %s\n", to);
	out[0] = '\0';
	for (size_t i = 0; i < desk->mail_count; i++) {
		const char *link = strstr(desk->mails[i], "?t=");

		if (strncmp(desk->mails[i], first, strlen(first)) != 0)
			continue;
		assert_null(found);
		found = desk->mails[i];
		if (link != NULL)
			(void)snprintf(out, ONE_TIME_SIZE, "%s", link + 3);
	}
	assert_non_null(found);
	return found;
}

/* A form from a network of its own, so that limits do not matter. */
static inline struct registration_result *
desk_submit_from(struct desk *desk, const char *network, const char *name, const char *email,
    const char *invitation)
{
	const struct registration_form form = {.name = name,
	    .password = PASSWORD,
	    .password_len = strlen(PASSWORD),
	    .email = email,
	    .invitation = invitation,
	    .fields = &desk->fields,
	    .network = network,
	    .deadline_ms = clock_monotonic_ms() + 10000};

	registration_result_free(&desk->result);
	registration_submit(&desk->registration, &form, &desk->result);
	return &desk->result;
}

static inline struct registration_result *
desk_submit(struct desk *desk, const char *name, const char *email, const char *invitation)
{
	static unsigned last;
	char network[32];

	last++;
	(void)snprintf(network, sizeof(network), "10.%u.%u.%u", last / 65536 % 256,
	    last / 256 % 256, last % 256);
	return desk_submit_from(desk, network, name, email, invitation);
}

static inline struct registration_claim
desk_claim(const char *token, const char *kind, const char *password)
{
	static unsigned last;
	static char network[32];

	last++;
	(void)snprintf(network, sizeof(network), "10.200.%u.%u", last / 256 % 256, last % 256);
	return (struct registration_claim){.token = token,
	    .kind = kind,
	    .password = password,
	    .password_len = password == NULL ? 0 : strlen(password),
	    .network = network,
	    .deadline_ms = clock_monotonic_ms() + 10000};
}

static inline enum registration_outcome
desk_verify(struct desk *desk, const char *token, const char *password)
{
	const struct registration_claim claim = desk_claim(token, "confirm", password);

	registration_result_free(&desk->result);
	registration_verify(&desk->registration, &claim, &desk->result);
	return desk->result.outcome;
}

static inline enum registration_outcome
desk_check(struct desk *desk, const char *token, const char *kind)
{
	const struct registration_claim claim = desk_claim(token, kind, NULL);

	registration_result_free(&desk->result);
	registration_check_token(&desk->registration, &claim, &desk->result);
	return desk->result.outcome;
}

static inline struct user
desk_get(struct desk *desk, const char *name)
{
	struct store_call call = within(5000);
	struct user user;

	assert_error(PD_OK, store_get_user(desk->store, &call, name, &user));
	return user;
}

static inline bool
desk_has(struct desk *desk, const char *name)
{
	struct store_call call = within(5000);
	struct user user;
	enum pd_error error = store_get_user(desk->store, &call, name, &user);

	user_free(&user);
	return error == PD_OK;
}

static inline void
desk_assert_status(struct desk *desk, const char *name, const char *status)
{
	struct user user = desk_get(desk, name);

	assert_string_equal(user.status, status);
	/* what makes a login is never there */
	assert_int_equal(user.uid, 0);
	assert_int_equal(user.gid, 0);
	assert_int_equal(user.hosts.len, 0);
	assert_null(user.shell);
	assert_null(user.home);
	user_free(&user);
}

/* Makes a record older, as time does. */
static inline void
desk_age(struct desk *desk, const char *name, int64_t seconds)
{
	struct store_call call = within(5000);
	struct user before = desk_get(desk, name), after;

	assert_int_equal(user_copy(&after, &before), PD_OK);
	after.updated_at -= seconds;
	after.created_at -= seconds;
	assert_error(PD_OK, store_update_user(desk->store, &call, &before, &after, false, NULL));
	user_free(&before);
	user_free(&after);
}

static inline size_t
desk_waiting(struct desk *desk)
{
	struct store_call call = within(5000);
	struct state list;
	size_t len = 0;

	if (store_get_state(desk->store, &call, WAITING_REGISTRATIONS, 0, &list) == PD_OK)
		len = list.entries.len;
	state_free(&list);
	return len;
}

#define DESK_TEST(fn) cmocka_unit_test_setup_teardown(fn, desk_setup, desk_teardown)

#endif
