/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that must parse, and texts that must be refused with a reason. */
#ifndef CONF_UNIT_H
#define CONF_UNIT_H

#include <string.h>

#include "core/conf.h"
#include "unit.h"

/* Parses a text that must be good. */
static inline struct conf
parse(const char *text)
{
	struct conf conf;
	char reason[512];

	if (conf_parse("FILE", text, strlen(text), NULL, reason, sizeof(reason), &conf) != PD_OK)
		fail_msg("%s", reason);
	assert_string_equal(reason, "");
	return conf;
}

static inline void
assert_refused_len(const char *text, size_t len, const char *expected)
{
	static const struct conf zero;
	struct conf conf;
	char reason[512] = "";

	assert_int_equal(
	    conf_parse("FILE", text, len, NULL, reason, sizeof(reason), &conf), PD_CONFIG);
	if (strncmp(reason, expected, strlen(expected)) != 0)
		fail_msg("expected: %s\n     got: %s", expected, reason);
	/* What to do follows what is wrong. */
	assert_non_null(strchr(reason, ';'));
	assert_memory_equal(&conf, &zero, sizeof(conf));
}

static inline void
assert_refused(const char *text, const char *expected)
{
	assert_refused_len(text, strlen(text), expected);
}

#endif
