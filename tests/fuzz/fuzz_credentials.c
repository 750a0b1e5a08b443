/* SPDX-License-Identifier: BSD-2-Clause */
/* Profile files and the replies of credential endpoints: keys that are taken are whole pairs, and
 * those of an endpoint are fit to be sent. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws_endpoint.h"
#include "core/aws_metadata.h"
#include "core/aws_profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

static void
profiles(const char *text, size_t len)
{
	static const char *const sections[] = {NULL, "default", "web"};
	struct aws_credentials keys;
	unsigned line;

	for (size_t i = 0; i < 6; i++) {
		enum pd_error error = aws_profile_parse(
		    text, len, sections[i / 2], i % 2 == 1, &keys, &line);

		must((error == PD_OK) == (keys.access_key != NULL && keys.secret_key != NULL));
		must(error == PD_OK || keys.session_token == NULL);
		(void)(error == PD_OK && aws_credentials_valid(&keys));
		aws_credentials_free(&keys);
	}
}

static void
addresses(const char *text, size_t len)
{
	struct aws_endpoint endpoint;
	char *copy = malloc(len + 1);
	const char *path;
	int64_t t;

	must(copy != NULL);
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (aws_endpoint_parse(copy, &endpoint, &path)) {
		must(endpoint.host[0] != '\0' && endpoint.port > 0 && endpoint.port < 65536);
		must(strpbrk(endpoint.host, "@/?# \r\n") == NULL);
		must(strpbrk(endpoint.host_header, "@/?# \r\n") == NULL);
		must(path >= copy && path <= copy + strlen(copy));
	}
	(void)aws_metadata_time(copy, &t);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct aws_credentials keys;

	profiles(text, size);
	addresses(text, size);
	if (aws_metadata_parse(text, size, &keys) == PD_OK)
		must(aws_credentials_valid(&keys));
	else
		must(keys.access_key == NULL && keys.secret_key == NULL);
	aws_credentials_free(&keys);
	return 0;
}
