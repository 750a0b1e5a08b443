/* SPDX-License-Identifier: BSD-2-Clause */
/* Credentials for one unit test: a folder for files, a server that answers by a script, no variable
 * of the environment, and the lines that are logged. */
#ifndef AWS_FIXTURE_H
#define AWS_FIXTURE_H

#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/aws_credentials.h"
#include "core/aws_metadata.h"
#include "core/clock.h"
#include "core/secret.h"
#include "http_double.h"

#define KEYS(id) "aws_access_key_id = " id "\naws_secret_access_key = s+/\n"

static struct conf conf;
static struct http_double *server;
static char folder[] = "/tmp/test_aws.XXXXXX";
static char told[8192]; /* the log */

static inline void
tell(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	if (strlen(told) + strlen(line) + 2 < sizeof(told))
		strcat(strcat(told, line), "\n");
}

static const struct log log_all = {.level = LOG_LEVEL_DEBUG, .sink = tell};

static inline const char *
in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline void
put_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static inline void
set(char **field, const char *text)
{
	free(*field);
	*field = strdup(text);
}

static inline int
set_up(void **state)
{
	(void)state;
	assert_true(secret_init());
	assert_non_null(mkdtemp(folder));
	server = http_double_start();
	return 0;
}

static inline int
tear_down(void **state)
{
	static const char *const files[] = {"credentials", "config", "home/.aws/credentials",
	    "home/.aws/config", "home/.aws", "home", "token", "link"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++)
		(void)remove(in_folder(files[i]));
	rmdir(folder);
	http_double_stop(server);
	return 0;
}

static const char *const variables[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HOME",
    "AWS_EC2_METADATA_DISABLED", "AWS_REGION", "AWS_DEFAULT_REGION"};

static inline int
each_set_up(void **state)
{
	char url[64];

	(void)state;
	told[0] = '\0';
	for (size_t i = 0; i < COUNT_OF(variables); i++)
		unsetenv(variables[i]);
	assert_int_equal(conf_init(&conf), PD_OK);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", server->port);
	set(&conf.imds_endpoint, url);
	set(&conf.credentials_file, in_folder("credentials"));
	set(&conf.profile_file, in_folder("config"));
	remove(in_folder("credentials"));
	remove(in_folder("config"));
	return 0;
}

static inline int
each_tear_down(void **state)
{
	(void)state;
	conf_free(&conf);
	return 0;
}

/* What a source may use, with no session of the metadata service. */
static inline struct aws_source_context
context_of(enum store_caller caller)
{
	static struct aws_metadata_session session;

	memset(&session, 0, sizeof(session));
	return (struct aws_source_context){
	    .conf = &conf, .caller = caller, .log = &log_all, .session = &session};
}

static inline struct aws_credentials_cache *
opened(enum conf_credentials choice, enum store_caller caller)
{
	struct aws_source_context context = {.conf = &conf, .caller = caller, .log = &log_all};
	struct aws_credentials_cache *cache = NULL;

	conf.credentials = choice;
	assert_int_equal(aws_credentials_open(&context, &cache), PD_OK);
	return cache;
}

/* One get, and whose keys came: "" for none. */
static inline enum pd_error
get(struct aws_credentials_cache *cache, int64_t now, char id[64])
{
	struct aws_credentials keys;
	enum pd_error error = aws_credentials_get(cache, now, clock_monotonic_ms() + 3000, &keys);

	snprintf(id, 64, "%s", error == PD_OK ? keys.access_key : "");
	aws_credentials_free(&keys);
	return error;
}

static inline void
expect(enum conf_credentials choice, enum store_caller caller, enum pd_error wanted, const char *id,
    const char *source)
{
	struct aws_credentials_cache *cache = opened(choice, caller);
	char got[64];

	assert_int_equal(get(cache, clock_now_s(), got), wanted);
	assert_string_equal(got, id);
	if (source != NULL)
		assert_string_equal(aws_credentials_source(cache), source);
	aws_credentials_close(cache);
}

static inline const char *
reply_keys(const char *id, int64_t life_s)
{
	static char text[4][512];
	static unsigned turn;
	char *out = text[turn++ % 4];
	time_t end = (time_t)(clock_now_s() + life_s);
	char stamp[32];
	struct tm tm;

	gmtime_r(&end, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(out, sizeof(text[0]),
	    "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
	    "\"Expiration\":\"%s\",\"Code\":\"Success\"}",
	    id, stamp);
	return out;
}

static inline void
use_container(void)
{
	char url[96];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/v2/keys?x=1", server->port);
	set(&conf.container_endpoint, url);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

#endif
