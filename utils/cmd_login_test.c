/* SPDX-License-Identifier: BSD-2-Clause */
/* login-test: asks the service over its socket as a PAM host does. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/password.h"
#include "core/secret.h"
#include "ipc/client.h"
#include "ipc/frame.h"
#include "utils/command.h"
#include "utils/terminal.h"

#define SERVICE_DEFAULT "login"
#define REASON_SIZE 64
#define REQUEST_ID_SIZE 96

/* One phase of a login and what was answered. */
struct phase {
	const char *name;
	uint8_t operation;
	enum verdict verdict;
	char reason[REASON_SIZE];
	char message[256];
	char request_id[REQUEST_ID_SIZE];
	int64_t total_us;
	uint32_t service_us;
	uint32_t requests;
	bool has_service_us;
	bool has_requests;
};

struct login_test {
	const char *socket;
	const char *name;
	const char *service;
	int timeout_ms;
	unsigned char ticket[PROTOCOL_TICKET_LEN];
	bool has_ticket;
	char password[PASSWORD_MAX + 1];
	size_t password_len;
};

static size_t
write_request(const struct login_test *test, const struct phase *phase, void *data, size_t size)
{
	struct frame_writer writer;

	frame_begin(&writer, data, size, phase->operation);
	frame_add_string(&writer, PROTOCOL_TAG_USER, test->name);
	if (phase->operation == PROTOCOL_AUTHENTICATE)
		frame_add(&writer, PROTOCOL_TAG_PASSWORD, test->password, test->password_len);
	else if (test->has_ticket)
		frame_add(&writer, PROTOCOL_TAG_TICKET, test->ticket, sizeof(test->ticket));
	frame_add_string(&writer, PROTOCOL_TAG_SERVICE, test->service);
	frame_add_u32(&writer, PROTOCOL_TAG_DEADLINE, (uint32_t)test->timeout_ms);
	return frame_end(&writer);
}

static bool
read_reply(struct login_test *test, struct phase *phase, const void *data, size_t len)
{
	const struct frame_field *field;
	struct frame frame;

	if (!frame_parse(data, len, &frame) || frame.version != PROTOCOL_VERSION ||
	    frame.operation != PROTOCOL_REPLY)
		return false;
	field = frame_find(&frame, PROTOCOL_TAG_VERDICT);
	if (field == NULL || field->len != 1 || field->value[0] >= VERDICT_COUNT)
		return false;
	phase->verdict = (enum verdict)field->value[0];
	(void)frame_string(&frame, PROTOCOL_TAG_REASON, phase->reason, sizeof(phase->reason));
	(void)frame_string(&frame, PROTOCOL_TAG_MESSAGE, phase->message, sizeof(phase->message));
	(void)frame_string(
	    &frame, PROTOCOL_TAG_REQUEST_ID, phase->request_id, sizeof(phase->request_id));
	phase->has_service_us = frame_u32(&frame, PROTOCOL_TAG_LATENCY_US, &phase->service_us);
	phase->has_requests = frame_u32(&frame, PROTOCOL_TAG_REQUESTS, &phase->requests);
	field = frame_find(&frame, PROTOCOL_TAG_TICKET);
	if (field != NULL && field->len == sizeof(test->ticket)) {
		memcpy(test->ticket, field->value, sizeof(test->ticket));
		test->has_ticket = true;
	}
	return true;
}

static enum exit_code
explain_status(const char *path, enum client_status status, int error)
{
	switch (status) {
	case CLIENT_OK:
		break;
	case CLIENT_NO_SERVICE:
		return session_fail(EXIT_CODE_UNAVAILABLE,
		    "%s: the service does not answer (%s); start pam-dynamod", path,
		    strerror(error));
	case CLIENT_BAD_REPLY:
		return session_fail(EXIT_CODE_CORRUPT,
		    "%s: the reply breaks the protocol; are the command and pam-dynamod of the "
		    "same "
		    "version?",
		    path);
	case CLIENT_BAD_PATH:
		return session_fail(EXIT_CODE_CONFIG,
		    "%s: is no absolute path of a socket; correct socket in [service]", path);
	}
	return EXIT_CODE_OK;
}

static enum exit_code
ask(struct login_test *test, struct phase *phase)
{
	unsigned char request[2048];
	unsigned char reply[FRAME_SIZE];
	enum client_status status;
	enum exit_code code;
	size_t reply_len = 0;
	size_t len;
	int64_t start;
	int error;

	len = write_request(test, phase, request, sizeof(request));
	if (len == 0)
		return session_fail(
		    EXIT_CODE_REFUSED, "the request is too long; shorten --service");
	start = clock_monotonic_us();
	errno = 0;
	status = client_request(
	    test->socket, request, len, reply, sizeof(reply), &reply_len, test->timeout_ms);
	error = errno;
	phase->total_us = clock_monotonic_us() - start;
	if (status == CLIENT_OK && !read_reply(test, phase, reply, reply_len))
		status = CLIENT_BAD_REPLY;
	code = explain_status(test->socket, status, error);
	secret_wipe(request, sizeof(request));
	secret_wipe(reply, reply_len);
	return code;
}

static void
say_phase(const struct session *session, const struct phase *phase)
{
	session_say(session, "%-12s %s%s%s%s", phase->name, exit_code_verdict_word(phase->verdict),
	    phase->reason[0] == '\0' ? "" : " (", phase->reason,
	    phase->reason[0] == '\0' ? "" : ")");
	if (phase->message[0] != '\0')
		session_say(session, "%-12s %s", "", phase->message);
	session_say(session, "%-12s %.3f ms in all", "", (double)phase->total_us / 1000.0);
	if (phase->has_service_us)
		session_say(session, "%-12s %.3f ms inside the service", "",
		    (double)phase->service_us / 1000.0);
	if (phase->has_requests)
		session_say(session, "%-12s %" PRIu32 " store requests", "", phase->requests);
	if (phase->request_id[0] != '\0')
		session_say(session, "%-12s request id %s", "", phase->request_id);
}

static struct json *
phase_json(const struct phase *phase)
{
	struct json *object = json_new_object();

	if (object != NULL &&
	    json_put(object, "verdict", json_new_string(exit_code_verdict_word(phase->verdict))) &&
	    json_put(object, "reason", json_new_string(phase->reason)) &&
	    json_put(object, "message", json_new_string(phase->message)) &&
	    json_put(object, "request_id", json_new_string(phase->request_id)) &&
	    json_put(object, "total_us", json_new_int(phase->total_us)) &&
	    (!phase->has_service_us ||
		json_put(object, "service_us", json_new_int(phase->service_us))) &&
	    (!phase->has_requests || json_put(object, "requests", json_new_int(phase->requests))))
		return object;
	json_free(object);
	return NULL;
}

static enum exit_code
report_json(const struct login_test *test, const struct phase *phases, size_t count)
{
	struct json *object = json_new_object();
	bool success = true;
	bool good = object != NULL;
	size_t i;

	for (i = 0; i < count && good; i++) {
		success = success && phases[i].verdict == VERDICT_SUCCESS;
		good = json_put(object, phases[i].name, phase_json(&phases[i]));
	}
	if (!good || !json_put(object, "user", json_new_string(test->name)) ||
	    !json_put(object, "service", json_new_string(test->service)) ||
	    !json_put(object, "success", json_new_bool(success))) {
		json_free(object);
		object = NULL;
	}
	return session_print_json(object);
}

/* Authenticate, then account unless the first denies, as a host does. */
static enum exit_code
run(const struct session *session, struct login_test *test)
{
	struct phase phases[2] = {{.name = "authenticate", .operation = PROTOCOL_AUTHENTICATE},
	    {.name = "account", .operation = PROTOCOL_ACCOUNT}};
	size_t first = session_has(session, OPTION_ACCOUNT_ONLY) ? 1 : 0;
	enum exit_code code = EXIT_CODE_OK;
	enum exit_code printed;
	size_t i;

	for (i = first; i < 2 && code == EXIT_CODE_OK; i++) {
		code = ask(test, &phases[i]);
		if (code != EXIT_CODE_OK)
			return code;
		say_phase(session, &phases[i]);
		code = exit_code_of_verdict(phases[i].verdict);
		if (phases[i].verdict == VERDICT_FORBIDDEN && geteuid() != 0)
			session_warn(
			    "the service may answer so because you are not root; try as root");
	}
	if (!session->json)
		return code;
	printed = report_json(test, phases + first, i - first);
	return printed != EXIT_CODE_OK ? printed : code;
}

enum exit_code
command_login_test(struct session *session)
{
	struct login_test test = {.socket = session->conf.socket, .service = SERVICE_DEFAULT};
	const char *why = "";
	enum exit_code code;
	enum pd_error error = PD_OK;

	test.name = session_name(session);
	if (test.name == NULL)
		return EXIT_CODE_REFUSED;
	if (session_value(session, OPTION_SERVICE) != NULL)
		test.service = session_value(session, OPTION_SERVICE);
	test.timeout_ms = (int)session->conf.deadline_ms + 1000;
	if (!session_has(session, OPTION_ACCOUNT_ONLY))
		error = terminal_read_password(
		    session_has(session, OPTION_PASSWORD_STDIN) ? TERMINAL_STDIN : TERMINAL_ASK,
		    "Password: ", test.password, sizeof(test.password), &test.password_len, &why);
	if (error != PD_OK)
		code = session_fail(exit_code_of_error(error), "password: %s", why);
	else
		code = run(session, &test);
	secret_wipe(&test, sizeof(test));
	return code;
}
