/* SPDX-License-Identifier: BSD-2-Clause */
/* The service's parts over the store in memory, without sockets or threads: a call's reply is kept
 * in a buffer. */
#ifndef SERVICE_FIXTURE_H
#define SERVICE_FIXTURE_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/password.h"
#include "core/secret.h"
#include "service/service.h"
#include "tests/engines/engine_memory.h"

struct service_fixture {
	struct audit audit;
	struct service service;
	struct generation generation;
	struct buf reply;
};

static inline bool
fixture_write(void *ctx, const void *data, size_t len, int64_t until_ms)
{
	(void)until_ms;
	buf_add(ctx, data, len);
	return true;
}

/* A log that goes nowhere. */
static inline void
fixture_drop_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

/* The service's parts over a store that is open. */
static inline bool
fixture_start(struct service_fixture *fixture)
{
	struct generation *generation = &fixture->generation;
	struct login_guard *guard = NULL;

	return login_guard_open(&guard) == PD_OK &&
	    login_open(&generation->conf, generation->store, guard, NULL, &generation->log,
		&generation->login) == PD_OK &&
	    service_init(&fixture->service, &fixture->audit, &generation->log, guard, generation) ==
	    PD_OK;
}

static inline bool
fixture_open(struct service_fixture *fixture, const char *conf)
{
	struct generation *generation = &fixture->generation;

	memset(fixture, 0, sizeof(*fixture));
	buf_init(&fixture->reply, 0);
	fixture->audit.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	atomic_init(&generation->references, 2); /* never freed: it is part of the fixture */
	generation->log = (struct log){.level = LOG_LEVEL_DEBUG, .sink = fixture_drop_line};
	strcpy(generation->host, "testhost.example");
	strcpy(generation->host_short, "testhost");
	return secret_init() &&
	    conf_parse("test", conf, strlen(conf), NULL, NULL, 0, &generation->conf) == PD_OK &&
	    store_open_engine(&engine_memory, &generation->conf, STORE_CALLER_SERVICE,
		&generation->log, &generation->store) == PD_OK &&
	    fixture_start(fixture);
}

static inline void
fixture_close(struct service_fixture *fixture)
{
	service_free(&fixture->service);
	login_close(fixture->generation.login);
	store_close(fixture->generation.store);
	conf_free(&fixture->generation.conf);
	buf_free(&fixture->reply);
	close(fixture->audit.fd);
}

static inline struct call
fixture_call(struct service_fixture *fixture, uid_t uid, const void *data, size_t len)
{
	int64_t now_us = clock_monotonic_us();

	buf_reset(&fixture->reply);
	return (struct call){.service = &fixture->service,
	    .generation = &fixture->generation,
	    .peer = {.uid = uid, .gid = uid, .pid = 100},
	    .data = data,
	    .len = len,
	    .received_us = now_us,
	    .deadline_ms = now_us / 1000 + fixture->generation.conf.deadline_ms,
	    .write = fixture_write,
	    .write_ctx = &fixture->reply};
}

/* An active user that may log in anywhere. */
static inline bool
fixture_add(struct service_fixture *fixture, const char *name, int64_t uid, const char *password)
{
	const struct password_cost cost = {.memory_kib = 8192, .passes = 1};
	struct store_call call = {.deadline_ms = clock_monotonic_ms() + 5000};
	struct user user = {.schema = USER_SCHEMA, .epoch = 1, .uid = uid};
	char hash[PASSWORD_HASH_SIZE];
	enum store_taken taken;
	bool ok;

	ok = password_make(&cost, password, strlen(password), hash) == PD_OK;
	user.username = strdup(name);
	user.status = strdup("active");
	user.password = strdup(hash);
	user.home = strdup("/home/x");
	user.shell = strdup("/bin/sh");
	ok = ok && strlist_add(&user.hosts, "*") &&
	    store_create_user(fixture->generation.store, &call, &user, false, &taken) == PD_OK;
	user_free(&user);
	return ok;
}

#endif
