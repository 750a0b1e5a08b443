/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/aws_profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/aws_environment.h"
#include "core/buf.h"
#include "core/secret.h"

static const struct key_row {
	const char *name;
	size_t offset;
} keys[] = {
    {"aws_access_key_id", offsetof(struct aws_credentials, access_key)},
    {"aws_secret_access_key", offsetof(struct aws_credentials, secret_key)},
    {"aws_session_token", offsetof(struct aws_credentials, session_token)},
};

/* A stretch of the text, trimmed. */
struct span {
	const char *at;
	size_t len;
};

static struct span
trim(const char *at, size_t len)
{
	while (len > 0 && strchr(" \t\r", *at) != NULL && *at != '\0')
		at++, len--;
	while (len > 0 && strchr(" \t\r", at[len - 1]) != NULL && at[len - 1] != '\0')
		len--;
	return (struct span){at, len};
}

static bool
span_is(struct span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

/* Whether "[...]" names the wanted profile. */
static bool
section_matches(struct span name, const char *section, bool config)
{
	static const char prefix[] = "profile";
	size_t prefix_len = sizeof(prefix) - 1;

	if (section == NULL)
		section = "default";
	if (config && name.len > prefix_len && memcmp(name.at, prefix, prefix_len) == 0 &&
	    (name.at[prefix_len] == ' ' || name.at[prefix_len] == '\t')) {
		name = trim(name.at + prefix_len, name.len - prefix_len);
		return span_is(name, section);
	}
	return span_is(name, section) && (!config || strcmp(section, "default") == 0);
}

static enum pd_error
take_key(struct span name, struct span value, struct aws_credentials *out)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char **to = (char **)((char *)out + keys[i].offset);

		if (!span_is(name, keys[i].name))
			continue;
		if (*to != NULL || value.len == 0 || memchr(value.at, '\0', value.len) != NULL)
			return PD_CORRUPT;
		*to = strndup(value.at, value.len);
		return *to == NULL ? PD_NO_MEMORY : PD_OK;
	}
	return PD_OK; /* region, output and whatever else stands in such files */
}

struct reader {
	const char *section;
	bool config;
	bool inside; /* of the wanted section */
	bool nested; /* the last key was empty: indented lines belong to it */
};

static enum pd_error
take_line(struct reader *reader, const char *at, size_t len, struct aws_credentials *out)
{
	struct span span = trim(at, len), name, value;
	const char *equals;
	bool indented = len > 0 && (*at == ' ' || *at == '\t');

	if (span.len == 0 || *span.at == '#' || *span.at == ';')
		return PD_OK;
	if (*span.at == '[' && !indented) {
		reader->nested = false;
		if (span.at[span.len - 1] != ']')
			return PD_CORRUPT;
		name = trim(span.at + 1, span.len - 2);
		reader->inside = section_matches(name, reader->section, reader->config);
		return PD_OK;
	}
	if (indented && reader->nested)
		return PD_OK;
	equals = memchr(span.at, '=', span.len);
	if (equals == NULL || equals == span.at)
		return PD_CORRUPT;
	name = trim(span.at, (size_t)(equals - span.at));
	value = trim(equals + 1, span.len - (size_t)(equals - span.at) - 1);
	reader->nested = value.len == 0;
	return reader->inside ? take_key(name, value, out) : PD_OK;
}

enum pd_error
aws_profile_parse(const char *text, size_t len, const char *section, bool config,
    struct aws_credentials *out, unsigned *line)
{
	struct reader reader = {section, config, section == NULL, false};
	enum pd_error error = PD_OK;
	const char *end = text + len, *stop;

	memset(out, 0, sizeof(*out));
	*line = 0;
	for (const char *p = text; p < end && error == PD_OK; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		++*line;
		error = take_line(&reader, p, (size_t)(stop - p), out);
	}
	if (error == PD_OK) {
		*line = 0;
		if (out->access_key == NULL && out->secret_key == NULL)
			error = PD_NOT_FOUND;
		else if (out->access_key == NULL || out->secret_key == NULL)
			error = PD_CORRUPT;
	}
	if (error != PD_OK)
		aws_credentials_free(out);
	return error;
}

/* The whole of a private file. PD_NOT_FOUND: there is none. */
static enum pd_error
read_file(const struct log *log, const char *path, bool secret, struct buf *text)
{
	char part[4096];
	ssize_t n = 0;
	int fd;

	if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return PD_NOT_FOUND;
	fd = conf_open_private(path, secret, log);
	if (fd < 0)
		return PD_CONFIG;
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(text, part, (size_t)n);
	secret_wipe(part, sizeof(part));
	close(fd);
	if (n == 0 && !text->failed)
		return PD_OK;
	log_line(log, LOG_LEVEL_ERROR, "credentials: %s: %s", path,
	    n < 0 ? "cannot be read" : "larger than 256 KiB");
	return PD_CONFIG;
}

static enum pd_error
fetch_section(const struct aws_source_context *context, const char *path, const char *section,
    bool config, struct aws_credentials *out)
{
	unsigned line = 0; /* stays 0 where something is missing */
	char place[16] = "";
	struct buf text;
	enum pd_error error;

	buf_init(&text, AWS_PROFILE_FILE_MAX);
	/* ~/.aws/config is readable by others as the AWS command line leaves it. */
	error = read_file(
	    context->log, path, !config || path == context->conf->profile_file, &text);
	if (error == PD_OK)
		error = aws_profile_parse(buf_string(&text), text.len, section, config, out, &line);
	if (error == PD_CORRUPT) {
		if (line > 0)
			(void)snprintf(place, sizeof(place), ":%u", line);
		log_line(context->log, LOG_LEVEL_ERROR,
		    "credentials: %s%s: expected aws_access_key_id = ... and "
		    "aws_secret_access_key = ..., each once",
		    path, place);
		error = PD_CONFIG;
	}
	buf_free(&text);
	return error;
}

enum pd_error
aws_profile_fetch_file(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out)
{
	(void)deadline_ms;
	memset(out, 0, sizeof(*out));
	return fetch_section(context, context->conf->credentials_file, NULL, false, out);
}

/* A file that the environment or the home directory names. */
static enum pd_error
fetch_users(const struct aws_source_context *context, enum aws_variable variable,
    const char *in_home, const char *profile, bool config, struct aws_credentials *out)
{
	const char *path = aws_environment_get(context->caller, variable);
	const char *home = aws_environment_get(context->caller, AWS_VARIABLE_HOME);
	char joined[4096];
	int n;

	if (path != NULL)
		return fetch_section(context, path, profile, config, out);
	if (home == NULL)
		return PD_NOT_FOUND;
	n = snprintf(joined, sizeof(joined), "%s/%s", home, in_home);
	if (n < 0 || (size_t)n >= sizeof(joined))
		return PD_NOT_FOUND;
	return fetch_section(context, joined, profile, config, out);
}

enum pd_error
aws_profile_fetch(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out)
{
	const char *named = aws_environment_get(context->caller, AWS_VARIABLE_PROFILE);
	const char *profile = named != NULL ? named : context->conf->profile;
	enum pd_error error = PD_NOT_FOUND;

	(void)deadline_ms;
	memset(out, 0, sizeof(*out));
	if (profile == NULL || profile[0] == '\0')
		profile = "default";
	if (context->caller == STORE_CALLER_COMMAND) {
		error = fetch_users(context, AWS_VARIABLE_CREDENTIALS_FILE, ".aws/credentials",
		    profile, false, out);
		if (error == PD_NOT_FOUND)
			error = fetch_users(
			    context, AWS_VARIABLE_CONFIG_FILE, ".aws/config", profile, true, out);
	}
	/* Written with or without the word "profile", as the two files of AWS are. */
	if (error == PD_NOT_FOUND)
		error = fetch_section(context, context->conf->profile_file, profile, true, out);
	if (error == PD_NOT_FOUND)
		error = fetch_section(context, context->conf->profile_file, profile, false, out);
	if (error != PD_NOT_FOUND || named == NULL)
		return error;
	log_line(context->log, LOG_LEVEL_ERROR, "credentials: profile %s not found or without keys",
	    named);
	return PD_CONFIG;
}
