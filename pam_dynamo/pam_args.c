/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam_args.h"

#include <stddef.h>
#include <string.h>
#include <syslog.h>

#include "ipc/protocol.h"
#include "pam_log.h"

#define UID_LIMIT 2147483646 /* USER_ID_MAX */

typedef bool set_fn(void *field, const char *value);

static bool
set_path(void *field, const char *value)
{
	if (value[0] != '/')
		return false;
	*(const char **)field = value;
	return true;
}

static bool
set_text(void *field, const char *value)
{
	if (value[0] == '\0')
		return false;
	*(const char **)field = value;
	return true;
}

static bool
set_uid(void *field, const char *value)
{
	uint32_t number = 0;
	size_t len = strspn(value, "0123456789");

	if (len == 0 || len > 10 || value[len] != '\0')
		return false;
	for (size_t i = 0; i < len; i++) {
		uint32_t digit = (uint32_t)(value[i] - '0');

		if (number > (UID_LIMIT - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*(uint32_t *)field = number;
	return true;
}

static const struct row {
	const char *name;
	size_t offset;
	set_fn *set; /* NULL: a flag, without a value */
} rows[] = {
    {"socket", offsetof(struct pam_args, socket), set_path},
    {"prompt", offsetof(struct pam_args, prompt), set_text},
    {"minimum_uid", offsetof(struct pam_args, minimum_uid), set_uid},
    {"use_first_pass", offsetof(struct pam_args, use_first_pass), NULL},
    {"try_first_pass", offsetof(struct pam_args, try_first_pass), NULL},
    {"use_authtok", offsetof(struct pam_args, use_authtok), NULL},
    {"ignore_unknown_user", offsetof(struct pam_args, ignore_unknown_user), NULL},
    {"ignore_authinfo_unavail", offsetof(struct pam_args, ignore_authinfo_unavail), NULL},
    {"nodelay", offsetof(struct pam_args, nodelay), NULL},
    {"quiet", offsetof(struct pam_args, quiet), NULL},
    {"debug", offsetof(struct pam_args, debug), NULL},
};

static const struct row *
find_row(const char *argument, size_t name_len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strlen(rows[i].name) == name_len &&
		    memcmp(rows[i].name, argument, name_len) == 0)
			return &rows[i];
	}
	return NULL;
}

/* NULL: taken; else what is wrong with it. */
static const char *
take(const char *argument, struct pam_args *out)
{
	size_t name_len = strcspn(argument, "=");
	const char *value = argument[name_len] == '=' ? argument + name_len + 1 : NULL;
	const struct row *row = find_row(argument, name_len);
	void *field;

	if (row == NULL)
		return "unknown argument";
	field = (char *)out + row->offset;
	if (row->set == NULL) {
		if (value != NULL)
			return "argument takes no value";
		*(bool *)field = true;
		return NULL;
	}
	if (value == NULL)
		return "argument needs a value";
	return row->set(field, value) ? NULL : "argument has a bad value";
}

bool
pam_args_parse(pam_handle_t *pamh, int argc, const char **argv, struct pam_args *out)
{
	bool good = true;

	*out = (struct pam_args){
	    .socket = PROTOCOL_SOCKET_DEFAULT,
	    .prompt = PAM_ARGS_PROMPT_DEFAULT,
	};
	for (int i = 0; i < argc; i++) {
		const char *wrong = take(argv[i], out);

		if (wrong != NULL) {
			pam_log(pamh, LOG_ERR, wrong, argv[i]);
			good = false;
		}
	}
	return good;
}
