/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/varlink.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#define EXPECTED_MORE "org.varlink.service.ExpectedMore"

size_t
varlink_needed(const void *data, size_t len)
{
	const char *end = memchr(data, '\0', len);

	if (end == NULL)
		return 0;
	return (size_t)(end - (const char *)data) + 1;
}

/* An absent flag is false; false: there, but not a boolean. */
static bool
read_flag(const struct json *message, const char *name, bool *out)
{
	const struct json *value = json_get(message, name);

	*out = false;
	return value == NULL || json_bool(value, out);
}

bool
varlink_read(struct call *call, struct varlink *out)
{
	const char *method;
	bool upgrade;
	size_t len;

	*out = (struct varlink){.call = call};
	if (call->len == 0 ||
	    json_parse((const char *)call->data, call->len - 1, &out->message) != PD_OK)
		return false;
	method = json_string(json_get(out->message, "method"), NULL);
	if (method == NULL || (len = strlen(method)) >= sizeof(out->method))
		return false;
	memcpy(out->method, method, len + 1);
	out->parameters = json_get(out->message, "parameters");
	if (json_type(out->parameters) == JSON_NULL)
		out->parameters = NULL;
	else if (json_type(out->parameters) != JSON_OBJECT)
		return false;
	return read_flag(out->message, "more", &out->more) &&
	    read_flag(out->message, "oneway", &out->oneway) &&
	    read_flag(out->message, "upgrade", &upgrade) && !upgrade;
}

void
varlink_free(struct varlink *varlink)
{
	json_free(varlink->message);
	*varlink = (struct varlink){0};
}

/* One short reply fits into the socket of a peer that reads. Who asks for much may read slowly:
 * all of one call's replies together wait CALL_WRITE_MS at most. */
static bool
send_text(struct varlink *varlink, const char *text, bool continues)
{
	const struct call *call = varlink->call;
	size_t len = strlen(text) + 1;

	if ((continues || len > VARLINK_SHORT) && varlink->patience_ms == 0)
		varlink->patience_ms = clock_monotonic_ms() + CALL_WRITE_MS;
	return call->write(call->write_ctx, text, len, varlink->patience_ms);
}

/* Sends a whole message with its NUL; consumes it. ok: it could be built. */
static void
send_message(struct varlink *varlink, struct json *message, bool continues, bool ok)
{
	char *text = NULL;

	if (!varlink->oneway && !varlink->gone) {
		if (ok)
			text = json_text(message, false);
		if (text == NULL || !send_text(varlink, text, continues))
			varlink->gone = true;
	}
	free(text);
	json_free(message);
}

void
varlink_reply(struct varlink *varlink, struct json *parameters, bool continues)
{
	struct json *message = json_new_object();
	bool ok = message != NULL;

	if (ok)
		ok = json_put(message, "parameters", parameters);
	else
		json_free(parameters);
	if (ok && continues)
		ok = json_put(message, "continues", json_new_bool(true));
	send_message(varlink, message, continues, ok);
}

void
varlink_error(struct varlink *varlink, const char *error, const char *name, const char *value)
{
	struct json *message = json_new_object();
	struct json *parameters = json_new_object();
	bool ok = message != NULL && parameters != NULL;

	if (ok && name != NULL)
		ok = json_put(parameters, name, json_new_string(value));
	ok = ok && json_put(message, "error", json_new_string(error));
	if (ok)
		ok = json_put(message, "parameters", parameters);
	else
		json_free(parameters);
	send_message(varlink, message, false, ok);
}

bool
varlink_stream_goes_on(const struct varlink_stream *stream)
{
	return !stream->varlink->gone && !stream->too_many;
}

void
varlink_stream_add(struct varlink_stream *stream, struct json *parameters)
{
	if (stream->held != NULL && !stream->varlink->more)
		stream->too_many = true;
	if (stream->too_many)
		json_free(stream->held);
	else if (stream->held != NULL)
		varlink_reply(stream->varlink, stream->held, true);
	stream->held = parameters;
	if (parameters == NULL)
		stream->varlink->gone = true; /* no memory: no answer rather than a wrong one */
}

void
varlink_stream_end(struct varlink_stream *stream, const char *none)
{
	if (stream->too_many)
		varlink_stream_fail(stream, EXPECTED_MORE);
	else if (stream->held == NULL)
		varlink_error(stream->varlink, none, NULL, NULL);
	else
		varlink_reply(stream->varlink, stream->held, false);
	stream->held = NULL;
}

void
varlink_stream_fail(struct varlink_stream *stream, const char *error)
{
	json_free(stream->held);
	stream->held = NULL;
	varlink_error(stream->varlink, error, NULL, NULL);
}
