/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <string.h>

#include "core/pd_error.h"

static void
every_error_has_a_text_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < PD_ERROR_COUNT; i++) {
		const char *text = pd_error_text((enum pd_error)i);

		assert_non_null(text);
		assert_true(strlen(text) > 1);
		assert_string_not_equal(text, "unknown error");
		for (int j = 0; j < i; j++)
			assert_string_not_equal(text, pd_error_text((enum pd_error)j));
	}
	assert_string_equal(pd_error_text(PD_ERROR_COUNT), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_error_has_a_text_of_its_own)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
