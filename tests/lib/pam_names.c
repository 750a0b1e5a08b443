/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/lib/pam_names.h"

#include <security/pam_appl.h>
#include <stddef.h>

struct code_name {
	int code;
	const char *name;
};

static const struct code_name code_names[] = {
    {PAM_SUCCESS, "PAM_SUCCESS"},
    {PAM_SERVICE_ERR, "PAM_SERVICE_ERR"},
    {PAM_SYSTEM_ERR, "PAM_SYSTEM_ERR"},
    {PAM_BUF_ERR, "PAM_BUF_ERR"},
    {PAM_PERM_DENIED, "PAM_PERM_DENIED"},
    {PAM_AUTH_ERR, "PAM_AUTH_ERR"},
    {PAM_CRED_INSUFFICIENT, "PAM_CRED_INSUFFICIENT"},
    {PAM_AUTHINFO_UNAVAIL, "PAM_AUTHINFO_UNAVAIL"},
    {PAM_USER_UNKNOWN, "PAM_USER_UNKNOWN"},
    {PAM_MAXTRIES, "PAM_MAXTRIES"},
    {PAM_NEW_AUTHTOK_REQD, "PAM_NEW_AUTHTOK_REQD"},
    {PAM_ACCT_EXPIRED, "PAM_ACCT_EXPIRED"},
    {PAM_CONV_ERR, "PAM_CONV_ERR"},
    {PAM_AUTHTOK_ERR, "PAM_AUTHTOK_ERR"},
    {PAM_AUTHTOK_RECOVERY_ERR, "PAM_AUTHTOK_RECOVERY_ERR"},
    {PAM_AUTHTOK_LOCK_BUSY, "PAM_AUTHTOK_LOCK_BUSY"},
    {PAM_TRY_AGAIN, "PAM_TRY_AGAIN"},
    {PAM_IGNORE, "PAM_IGNORE"},
    {PAM_ABORT, "PAM_ABORT"},
    {PAM_MODULE_UNKNOWN, "PAM_MODULE_UNKNOWN"},
};

const char *
pam_code_name(int code)
{
	for (size_t i = 0; i < sizeof(code_names) / sizeof(code_names[0]); i++)
		if (code_names[i].code == code)
			return code_names[i].name;
	return "another code";
}

void
pam_wait_not(int code, unsigned delay_us, void *ctx)
{
	(void)code;
	(void)delay_us;
	(void)ctx;
}
