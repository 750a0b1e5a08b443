/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a service of AWS is: partition of the region, FIPS and dual-stack names, or a configured
 * address (AWS General Reference, "Service endpoints"; checked against botocore's rules).
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/pd_error.h"

#define AWS_ENDPOINT_HOST_SIZE 256
#define AWS_ENDPOINT_URL_SIZE 320
#define AWS_REGION_SIZE 32

struct aws_endpoint {
	char url[AWS_ENDPOINT_URL_SIZE];              /* scheme://authority/ */
	char host[AWS_ENDPOINT_HOST_SIZE];            /* to resolve: without brackets */
	char host_header[AWS_ENDPOINT_HOST_SIZE + 8]; /* as it is sent and signed */
	unsigned port;
	bool tls;
};

struct aws_endpoint_options {
	const char *service;    /* "dynamodb", "sts" */
	const char *region;     /* a DNS label, "us-east-1" */
	const char *configured; /* NULL or "": AWS's own */
	bool fips;
	bool dual_stack;
};

/* PD_CONFIG: *why is a constant sentence that says what to change. */
enum pd_error aws_endpoint_make(
    const struct aws_endpoint_options *options, struct aws_endpoint *out, const char **why);

/* Splits http(s)://host[:port][/] without user, query or deeper path (path allowed when `path_out`
 * is not NULL: it points into url, "" if none). False: not of that form. */
bool aws_endpoint_parse(const char *url, struct aws_endpoint *out, const char **path_out);

#endif
