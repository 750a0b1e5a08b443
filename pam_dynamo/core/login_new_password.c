/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the new password of a change is good. */
#include <string.h>

#include "core/login_private.h"
#include "core/nfc.h"
#include "core/password_rules.h"
#include "core/secret.h"

#define FORM_SIZE (NFC_EXPANSION * PASSWORD_MAX + 1)

/* The form in which it is hashed; what has none is hashed as it is. False: longer than any
 * password. */
static bool
hashed_form(const char *password, size_t len, char out[FORM_SIZE], size_t *out_len)
{
	if (len > PASSWORD_MAX)
		return false;
	if (!nfc_normalise(password, len, out, FORM_SIZE, out_len)) {
		memcpy(out, password, len);
		*out_len = len;
	}
	return true;
}

static bool
is_the_old_one(const struct login_request *request)
{
	char old[FORM_SIZE];
	char new[FORM_SIZE];
	size_t old_len = 0;
	size_t new_len = 0;
	bool same = false;

	if (request->password == NULL)
		return false;
	if (hashed_form(request->password, request->password_len, old, &old_len) &&
	    hashed_form(request->new_password, request->new_password_len, new, &new_len))
		same = old_len == new_len && secret_equal(old, new, old_len);
	secret_wipe(old, sizeof(old));
	secret_wipe(new, sizeof(new));
	return same;
}

struct policy_answer
login_judge_new_password(struct login_step *step)
{
	const struct login *login = step->login;
	const struct login_request *request = step->request;
	struct password_rules rules;
	struct password_words words;
	char why[PASSWORD_RULES_WHY_SIZE] = "The new password is the old one.";

	password_words_fill(&words, &step->out->user, login->host_full, request->service);
	rules = password_rules_of(login->conf, login->blocklist, &words);
	step->rule = is_the_old_one(request)
	    ? "same"
	    : password_rules_broken(&rules, request->new_password, request->new_password_len);
	if (step->rule == NULL)
		return (struct policy_answer){VERDICT_SUCCESS, REASON_GOOD};
	if (strcmp(step->rule, "same") != 0)
		(void)password_rules_check(
		    &rules, request->new_password, request->new_password_len, why);
	login_say(step->out, why);
	return (struct policy_answer){VERDICT_REFUSED, REASON_WEAK_PASSWORD};
}
