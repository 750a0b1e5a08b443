/* SPDX-License-Identifier: BSD-2-Clause */
/* What the page's forms may put into a record's profile: the fields of the configuration, judged by
 * its rules, and nothing else. Pure. */
#ifndef PROFILE_H
#define PROFILE_H

#include "core/conf.h"
#include "core/pd_error.h"
#include "core/user.h"

enum profile_form {
	PROFILE_REGISTER, /* fields that are asked for */
	PROFILE_EDIT,     /* fields that their owner may change */
};

bool profile_form_has(
    const struct conf *conf, const struct conf_field *field, enum profile_form form);

/* What is wrong with a form. */
struct profile_fault {
	const char *field; /* borrowed from conf */
	const char *text;  /* id: "missing", "too-long", "control", "email", "pattern" */
	int64_t bound;     /* too-long: characters */
};

/* The values of a form as they are kept: form C, outer blanks removed, several lines made one,
 * empty ones left out. What the form does not have is ignored, whatever its name. PD_INVALID:
 * *fault is the first one; PD_NO_MEMORY. Free *out with pairs_free. */
enum pd_error profile_read(const struct conf *conf, enum profile_form form,
    const struct pairs *given, struct pairs *out, struct profile_fault *fault);

/* Puts values that profile_read made into a record: fields of the form that have none are removed,
 * everything else in the profile stays, and the full name follows given_name and family_name.
 * PD_NO_MEMORY: the record is as it was. */
enum pd_error profile_apply(
    const struct conf *conf, enum profile_form form, const struct pairs *values, struct user *user);

#endif
