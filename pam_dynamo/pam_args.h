/* SPDX-License-Identifier: BSD-2-Clause */
/* The module's arguments, pam_dynamo(8): one strict table. */
#ifndef PAM_ARGS_H
#define PAM_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include <security/pam_modules.h>

#define PAM_ARGS_PROMPT_DEFAULT "Password: "

struct pam_args {
	const char *socket; /* both point into argv or at a default */
	const char *prompt;
	uint32_t minimum_uid; /* 0: the service's own */
	bool use_first_pass;
	bool try_first_pass;
	bool use_authtok;
	bool ignore_unknown_user;
	bool ignore_authinfo_unavail;
	bool nodelay;
	bool quiet;
	bool debug;
};

/* False: an argument is unknown or has a bad value; it is logged, and the module must refuse. */
bool pam_args_parse(pam_handle_t *pamh, int argc, const char **argv, struct pam_args *out);

#endif
