/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/aws_metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/aws_endpoint.h"
#include "core/aws_environment.h"
#include "core/clock.h"
#include "core/http.h"
#include "core/json.h"
#include "core/secret.h"

#define TOKEN_MAX AWS_METADATA_TOKEN_SIZE
#define SESSION_TTL_S 21600 /* the longest there is */
#define SESSION_AHEAD_S 60
#define ROLE_PATH "latest/meta-data/iam/security-credentials/"

bool
aws_metadata_time(const char *text, int64_t *out)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t t;

	if (end == NULL)
		return false;
	if (*end == '.') {
		end++;
		end += strspn(end, "0123456789");
	}
	if (strcmp(end, "Z") != 0 && strcmp(end, "+00:00") != 0)
		return false;
	t = timegm(&tm);
	if (t <= 0)
		return false;
	*out = (int64_t)t;
	return true;
}

static enum pd_error
take_member(const struct json *reply, const char *name, char **out)
{
	const char *text = json_string(json_get(reply, name), NULL);

	if (text == NULL)
		return PD_CORRUPT;
	*out = strdup(text);
	return *out == NULL ? PD_NO_MEMORY : PD_OK;
}

enum pd_error
aws_metadata_parse(const char *text, size_t len, struct aws_credentials *out)
{
	struct json *reply = NULL;
	const struct json *code;
	const char *expiration;
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	error = json_parse(text, len, &reply);
	if (error != PD_OK)
		return error;
	code = json_get(reply, "Code");
	expiration = json_string(json_get(reply, "Expiration"), NULL);
	error = take_member(reply, "AccessKeyId", &out->access_key);
	if (error == PD_OK)
		error = take_member(reply, "SecretAccessKey", &out->secret_key);
	if (error == PD_OK && json_get(reply, "Token") != NULL)
		error = take_member(reply, "Token", &out->session_token);
	if (error == PD_OK &&
	    ((expiration != NULL && !aws_metadata_time(expiration, &out->expires_at)) ||
		(code != NULL &&
		    (json_string(code, NULL) == NULL ||
			strcmp(json_string(code, NULL), "Success") != 0)) ||
		!aws_credentials_valid(out)))
		error = PD_CORRUPT;
	if (error != PD_OK)
		aws_credentials_free(out);
	json_free(reply);
	return error;
}

/* One conversation with one endpoint. */
struct talk {
	const struct aws_source_context *context;
	const char *who; /* for the log */
	struct aws_endpoint endpoint;
	struct http *http;
	int64_t deadline_ms;
};

static enum pd_error
talk_open(struct talk *talk, const struct aws_source_context *context, const char *who,
    const char *url, const char **path, int64_t deadline_ms)
{
	int64_t budget = clock_monotonic_ms() + AWS_METADATA_BUDGET_MS;
	struct http_options options = {
	    .ca_path = context->conf->ca_path,
	    .plain = HTTP_PLAIN_METADATA,
	    .resolver = context->resolver,
	};

	memset(talk, 0, sizeof(*talk));
	talk->context = context;
	talk->who = who;
	talk->deadline_ms = budget < deadline_ms ? budget : deadline_ms;
	if (!aws_endpoint_parse(url, &talk->endpoint, path)) {
		log_line(
		    context->log, LOG_LEVEL_ERROR, "credentials: %s: not an address: %s", who, url);
		return PD_CONFIG;
	}
	return http_open(&options, &talk->http);
}

/* PD_OK: status 200. Free reply always. */
static enum pd_error
talk_ask(struct talk *talk, const char *method, const char *path, const struct sigv4_header *header,
    struct http_reply *reply)
{
	char url[2048];
	struct http_request request = {
	    .method = method,
	    .url = url,
	    .host = talk->endpoint.host,
	    .port = talk->endpoint.port,
	    .headers = header,
	    .header_count = header == NULL ? 0 : 1,
	    .connect_timeout_ms = AWS_METADATA_BUDGET_MS,
	    .timeout_ms = clock_left_ms(talk->deadline_ms),
	    .reply_max = AWS_METADATA_REPLY_MAX,
	    .resend = true,
	};
	const struct log *log = talk->context->log;
	enum pd_error error;
	int n;

	memset(reply, 0, sizeof(*reply));
	n = snprintf(url, sizeof(url), "%s%s", talk->endpoint.url, path + (*path == '/'));
	if (n < 0 || (size_t)n >= sizeof(url))
		return PD_CONFIG;
	error = http_exchange(talk->http, &request, reply);
	if (error == PD_OK && reply->status == 200)
		return PD_OK;
	if (error == PD_OK)
		log_line(log, LOG_LEVEL_WARNING, "credentials: %s: status %ld for /%s", talk->who,
		    reply->status, path + (*path == '/'));
	else
		log_line(log, LOG_LEVEL_WARNING, "credentials: %s: %s", talk->who, reply->error);
	return error == PD_NO_MEMORY ? error : PD_UNAVAILABLE;
}

static enum pd_error
talk_parse(const struct talk *talk, const struct http_reply *reply, struct aws_credentials *out)
{
	enum pd_error error = aws_metadata_parse(buf_string(&reply->body), reply->body.len, out);

	if (error != PD_CORRUPT)
		return error;
	log_line(talk->context->log, LOG_LEVEL_ERROR, "credentials: %s: the reply holds no keys",
	    talk->who);
	return PD_UNAVAILABLE;
}

/* Kubernetes puts tokens behind symbolic links that it turns to new ones, so that a link is
 * followed and what it led to is judged: nobody but root or us may have written it. */
static int
open_token(const struct log *log, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *wrong = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		wrong = strerrordesc_np(errno);
	else if (!S_ISREG(st.st_mode))
		wrong = "not a regular file";
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		wrong = "must belong to root or to this program's user";
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		wrong = "may be changed by others (chmod go-w)";
	if (wrong == NULL)
		return fd;
	log_line(log, LOG_LEVEL_ERROR, "credentials: %s: %s", path, wrong);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The first line of a file that holds a token. */
static enum pd_error
read_token(const struct log *log, const char *path, char out[TOKEN_MAX])
{
	int fd = open_token(log, path);
	ssize_t n;

	if (fd < 0)
		return PD_CONFIG;
	n = read(fd, out, TOKEN_MAX - 1);
	close(fd);
	out[n < 0 ? 0 : n] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	if (n > 0 && n < TOKEN_MAX - 1 && out[0] != '\0')
		return PD_OK;
	log_line(log, LOG_LEVEL_ERROR, "credentials: %s: no token in it", path);
	return PD_CONFIG;
}

static enum pd_error
container_token(const struct aws_source_context *context, char out[TOKEN_MAX])
{
	const char *file = aws_environment_get(context->caller, AWS_VARIABLE_CONTAINER_TOKEN_FILE);
	const char *token = aws_environment_get(context->caller, AWS_VARIABLE_CONTAINER_TOKEN);
	int n;

	out[0] = '\0';
	if (context->conf->container_token_file != NULL &&
	    context->conf->container_token_file[0] != '\0')
		file = context->conf->container_token_file;
	if (file != NULL)
		return read_token(context->log, file, out);
	if (token == NULL)
		return PD_OK;
	n = snprintf(out, TOKEN_MAX, "%s", token);
	return n < 0 || n >= TOKEN_MAX || strpbrk(out, "\r\n") != NULL ? PD_CONFIG : PD_OK;
}

/* The configured address, or for the command what ECS and EKS put into the environment. "": none.
 */
static void
container_url(const struct aws_source_context *context, char out[1024])
{
	const char *full = context->conf->container_endpoint;
	const char *relative = aws_environment_get(
	    context->caller, AWS_VARIABLE_CONTAINER_RELATIVE_URI);
	bool given = full != NULL && full[0] != '\0';
	int n;

	if (!given && relative == NULL)
		full = aws_environment_get(context->caller, AWS_VARIABLE_CONTAINER_FULL_URI);
	if (!given && relative != NULL)
		n = snprintf(out, 1024, "http://169.254.170.2%s", relative);
	else
		n = snprintf(out, 1024, "%s", full == NULL ? "" : full);
	if (n < 0 || n >= 1024)
		out[0] = '\0';
}

enum pd_error
aws_metadata_fetch_container(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out)
{
	char url[1024], token[TOKEN_MAX];
	struct sigv4_header header = {"Authorization", token};
	struct http_reply reply = {0};
	struct talk talk = {0};
	const char *path;
	enum pd_error error;

	memset(out, 0, sizeof(*out));
	container_url(context, url);
	if (url[0] == '\0')
		return PD_NOT_FOUND;
	error = container_token(context, token);
	if (error == PD_OK)
		error = talk_open(&talk, context, "container endpoint", url, &path, deadline_ms);
	if (error == PD_OK)
		error = talk_ask(&talk, "GET", path, token[0] != '\0' ? &header : NULL, &reply);
	if (error == PD_OK)
		error = talk_parse(&talk, &reply, out);
	http_reply_free(&reply);
	http_close(talk.http);
	secret_wipe(token, sizeof(token));
	return error;
}

/* The body's first line as a string of printable characters; false: none, or too long. */
static bool
take_line(const struct http_reply *reply, char *out, size_t size)
{
	size_t len = strcspn(buf_string(&reply->body), "\r\n");

	if (len == 0 || len >= size)
		return false;
	memcpy(out, reply->body.data, len);
	out[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (out[i] <= ' ' || out[i] > '~')
			return false;
	return true;
}

/* One GET with the session's token; a token that is refused is dropped. */
static enum pd_error
imds_get(struct talk *talk, struct aws_metadata_session *session, const char *path,
    struct http_reply *reply)
{
	struct sigv4_header header = {"X-aws-ec2-metadata-token", session->token};
	enum pd_error error = talk_ask(talk, "GET", path, &header, reply);

	if (reply->status == 401)
		secret_wipe(session, sizeof(*session));
	return error;
}

static enum pd_error
imds_keys(struct talk *talk, struct aws_metadata_session *session, struct aws_credentials *out)
{
	char role[256], path[512];
	struct http_reply reply;
	enum pd_error error;
	int n;

	error = imds_get(talk, session, ROLE_PATH, &reply);
	if (error == PD_OK && !take_line(&reply, role, sizeof(role)))
		error = PD_CONFIG;
	if (reply.status == 404 || error == PD_CONFIG) {
		log_line(talk->context->log, LOG_LEVEL_ERROR,
		    "credentials: imds: this instance has no role: attach an instance profile");
		error = PD_CONFIG;
	}
	http_reply_free(&reply);
	if (error != PD_OK)
		return error;
	n = snprintf(path, sizeof(path), "%s%s", ROLE_PATH, role);
	if (n < 0 || (size_t)n >= sizeof(path))
		return PD_UNAVAILABLE;
	error = imds_get(talk, session, path, &reply);
	if (error == PD_OK)
		error = talk_parse(talk, &reply, out);
	http_reply_free(&reply);
	return error;
}

static enum pd_error
imds_session(struct talk *talk, struct aws_metadata_session *session)
{
	char ttl[12];
	struct sigv4_header header = {"X-aws-ec2-metadata-token-ttl-seconds", ttl};
	struct http_reply reply;
	enum pd_error error;
	int64_t now = clock_monotonic_ms();

	if (snprintf(ttl, sizeof(ttl), "%d", SESSION_TTL_S) < 0)
		return PD_BUG;
	error = talk_ask(talk, "PUT", "latest/api/token", &header, &reply);
	if (error == PD_OK && !take_line(&reply, session->token, sizeof(session->token)))
		error = PD_UNAVAILABLE;
	session->good_until_ms = now + (SESSION_TTL_S - SESSION_AHEAD_S) * 1000LL;
	if (error != PD_OK)
		secret_wipe(session, sizeof(*session));
	http_reply_free(&reply);
	return error;
}

enum pd_error
aws_metadata_fetch_imds(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out)
{
	const char *disabled = aws_environment_get(context->caller, AWS_VARIABLE_EC2_DISABLED);
	struct aws_metadata_session *session = context->session;
	struct talk talk = {0};
	const char *path;
	enum pd_error error;
	bool kept;

	memset(out, 0, sizeof(*out));
	if (disabled != NULL && strcasecmp(disabled, "true") == 0)
		return PD_NOT_FOUND;
	error = talk_open(&talk, context, "imds", context->conf->imds_endpoint, &path, deadline_ms);
	kept = session->token[0] != '\0' && clock_monotonic_ms() < session->good_until_ms;
	if (error == PD_OK && !kept)
		error = imds_session(&talk, session);
	if (error == PD_OK)
		error = imds_keys(&talk, session, out);
	/* A token that was kept may be of an instance that is no more (a restored image). */
	if (kept && error == PD_UNAVAILABLE && session->token[0] == '\0') {
		error = imds_session(&talk, session);
		if (error == PD_OK)
			error = imds_keys(&talk, session, out);
	}
	http_close(talk.http);
	return error;
}
