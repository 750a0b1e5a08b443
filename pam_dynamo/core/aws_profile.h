/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys from files: our own root-owned one, and the profile files of the AWS command line (AWS SDKs
 * and Tools Reference Guide, "Shared config and credentials files"), static keys of a profile.
 */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include <stddef.h>

#include "core/aws_credentials.h"

#define AWS_PROFILE_FILE_MAX (256 * 1024) /* bytes of a file */

/* Reads the keys of one profile from a file's text. section NULL: `key = value` lines before any
 * section, or under [default]. config: sections are named "profile NAME" but for the default one.
 * PD_NOT_FOUND: no such section or no keys in it. PD_CORRUPT: a line that is neither section, key
 * nor comment, a repeated key, half of a pair; *line is its number (0: not one line). */
enum pd_error aws_profile_parse(const char *text, size_t len, const char *section, bool config,
    struct aws_credentials *out, unsigned *line);

/* struct aws_source's fetch: [dynamodb] credentials_file. */
enum pd_error aws_profile_fetch_file(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out);

/* struct aws_source's fetch: [dynamodb] profile in profile_file; for the command the files and the
 * profile that the AWS variables name, else those of the home directory. */
enum pd_error aws_profile_fetch(
    const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out);

#endif
