/* SPDX-License-Identifier: BSD-2-Clause */
/* Servers without transactions: what needs one is refused. */
#include "contract.h"

/* A server that cannot do it is said to be unusable; nothing is written by halves. */
static void
test_refused(void **state)
{
	enum store_taken taken = STORE_TAKEN_NONE;
	int64_t uid = contract_uid();
	struct user user, plain;
	char email[64];

	(void)state;
	contract_email(email);
	assert_error(PD_CONFIG, contract_create_with(&user, email, 0, &taken));
	contract_no_user(user.username);
	contract_email_owner(PD_NOT_FOUND, email, "");
	user_free(&user);
	assert_error(PD_CONFIG, contract_create_with(&user, NULL, uid, &taken));
	contract_no_user(user.username);
	contract_uid_owner(PD_NOT_FOUND, uid, "");
	user_free(&user);
	assert_error(PD_OK, contract_create_with(&plain, NULL, 0, NULL));
	assert_error(PD_CONFIG, contract_change(&plain, email, 0, NULL));
	contract_email_owner(PD_NOT_FOUND, email, "");
	contract_get(&user, plain.username);
	assert_true(record_equal(&user_type, &plain, &user));
	user_free(&user);
	user_free(&plain);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused)};

const struct contract_group contract_untransacted = {
    .name = "untransacted",
    .tests = tests,
    .count = COUNT_OF(tests),
    .no_transactions = true,
};
