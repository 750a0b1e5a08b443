/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/aws_endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"

static const struct partition {
	const char *prefix; /* of its regions; the first that fits */
	const char *suffix;
	const char *dual_suffix; /* NULL: no dual-stack names */
	bool fips_is_plain;      /* DynamoDB's ordinary names are the FIPS ones */
} partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false},
    {"us-gov-", "amazonaws.com", "api.aws", true},
    {"us-isob-", "sc2s.sgov.gov", NULL, false},
    {"us-isof-", "csp.hci.ic.gov", NULL, false},
    {"us-iso-", "c2s.ic.gov", NULL, false},
    {"eu-isoe-", "cloud.adc-e.uk", NULL, false},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", false},
    {"", "amazonaws.com", "api.aws", false},
};

static const struct partition *
partition_of(const char *region)
{
	const struct partition *partition = partitions;

	while (strncmp(region, partition->prefix, strlen(partition->prefix)) != 0)
		partition++;
	return partition;
}

static bool
region_valid(const char *region)
{
	size_t len = strlen(region);

	if (len == 0 || len >= AWS_REGION_SIZE || region[0] == '-' || region[len - 1] == '-')
		return false;
	return strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool
host_valid(const char *host, bool bracketed)
{
	const char *allowed = bracketed ? "0123456789abcdefABCDEF:."
					: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789.-_";

	return host[0] != '\0' && strspn(host, allowed) == strlen(host);
}

/* host, [v6], host:port into out; `len` bytes. */
static bool
split_authority(const char *text, size_t len, struct aws_endpoint *out)
{
	char copy[AWS_ENDPOINT_HOST_SIZE], *host = copy, *end, *port;
	int64_t number = out->tls ? 443 : 80;

	if (len == 0 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (copy[0] == '[') {
		host = copy + 1;
		end = strchr(host, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		port = end[1] == ':' ? end + 2 : NULL;
		*end = '\0';
	} else {
		port = strchr(copy, ':');
		if (port != NULL)
			*port++ = '\0';
	}
	if (port != NULL && !number_parse(port, 1, 65535, &number))
		return false;
	out->port = (unsigned)number;
	memcpy(out->host, host, strlen(host) + 1);
	memcpy(out->host_header, text, len);
	out->host_header[len] = '\0';
	return host_valid(host, copy[0] == '[');
}

bool
aws_endpoint_parse(const char *url, struct aws_endpoint *out, const char **path_out)
{
	const char *authority;
	size_t len;
	int n;

	memset(out, 0, sizeof(*out));
	if (strncasecmp(url, "https://", 8) == 0) {
		out->tls = true;
		authority = url + 8;
	} else if (strncasecmp(url, "http://", 7) == 0) {
		authority = url + 7;
	} else {
		return false;
	}
	len = strcspn(authority, "/?#");
	if (path_out != NULL)
		*path_out = authority + len;
	else if (strcmp(authority + len, "") != 0 && strcmp(authority + len, "/") != 0)
		return false;
	if (!split_authority(authority, len, out))
		return false;
	/* The default port is not sent, so it is not signed either. */
	if (out->port == (out->tls ? 443u : 80u) && strchr(out->host, ':') == NULL)
		memcpy(out->host_header, out->host, strlen(out->host) + 1);
	n = snprintf(out->url, sizeof(out->url), "%s://%.*s/", out->tls ? "https" : "http",
	    (int)len, authority);
	return n > 0 && (size_t)n < sizeof(out->url);
}

enum pd_error
aws_endpoint_make(
    const struct aws_endpoint_options *options, struct aws_endpoint *out, const char **why)
{
	const struct partition *partition;
	char url[AWS_ENDPOINT_URL_SIZE];
	bool fips;
	int n;

	memset(out, 0, sizeof(*out));
	*why = "region is not set or not a region's name: set region in [dynamodb], for example "
	       "us-east-1";
	if (options->region == NULL || !region_valid(options->region))
		return PD_CONFIG;
	if (options->configured != NULL && options->configured[0] != '\0') {
		*why = "endpoint must be https://host or https://host:port (http only for "
		       "loopback), without a path";
		return aws_endpoint_parse(options->configured, out, NULL) ? PD_OK : PD_CONFIG;
	}
	partition = partition_of(options->region);
	*why = "this region's partition has no dual-stack endpoints: set dual_stack = no";
	if (options->dual_stack && partition->dual_suffix == NULL)
		return PD_CONFIG;
	fips = options->fips && !(partition->fips_is_plain && !options->dual_stack);
	n = snprintf(url, sizeof(url), "https://%s%s.%s.%s", options->service, fips ? "-fips" : "",
	    options->region, options->dual_stack ? partition->dual_suffix : partition->suffix);
	return n > 0 && (size_t)n < sizeof(url) && aws_endpoint_parse(url, out, NULL) ? PD_OK
										      : PD_CONFIG;
}
