/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys to sign with, from a table of sources. Kept in memory, refreshed ahead of their expiry by
 * whoever asks first while everybody else is served the old ones, and served until they really
 * expire. Keys that seem to have expired when they come are served for AWS_CREDENTIALS_RETRY_S: it
 * may be our clock that is wrong, which only a reply of the server can tell. Thread-safe.
 */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/conf.h"
#include "core/log.h"
#include "core/pd_error.h"
#include "core/resolve.h"
#include "core/store.h"

#define AWS_CREDENTIALS_AHEAD_S 300    /* refreshed so long before expiry, up to a minute earlier */
#define AWS_CREDENTIALS_RETRY_S 30     /* after a failed refresh, while the old ones are good */
#define AWS_CREDENTIALS_KEY_MAX 255    /* bytes of a key id or secret key */
#define AWS_CREDENTIALS_TOKEN_MAX 6144 /* bytes of a session token */

struct aws_credentials {
	char *access_key;
	char *secret_key;    /* secret */
	char *session_token; /* secret; NULL: none */
	int64_t expires_at;  /* Unix seconds; 0: never */
};

void aws_credentials_free(struct aws_credentials *credentials); /* wipes; NULL is a no-op */

/* Printable ASCII without blanks, inside the limits, key id and secret there. */
bool aws_credentials_valid(const struct aws_credentials *credentials);

struct aws_credentials_cache;
struct aws_metadata_session;

/* What a source may use. All borrowed. */
struct aws_source_context {
	const struct conf *conf;
	enum store_caller caller;
	const struct log *log;
	struct resolver *resolver;
	struct aws_metadata_session *session; /* of the metadata service, kept between fetches */
};

/* One source. fetch: PD_NOT_FOUND - not set up here, the next of the list is asked; PD_CONFIG - set
 * up and wrong; PD_UNAVAILABLE - later may succeed. */
struct aws_source {
	const char *name;
	enum conf_credentials choice; /* the configuration's word for it */
	bool command_only;
	bool automatic; /* part of credentials = auto */
	enum pd_error (*fetch)(const struct aws_source_context *context, int64_t deadline_ms,
	    struct aws_credentials *out);
};

/* The table, in the order of `auto`. */
extern const struct aws_source aws_sources[];
extern const unsigned aws_source_count;

/* Sends nothing. PD_CONFIG: the configured source is not for this caller. PD_NO_MEMORY. */
enum pd_error aws_credentials_open(
    const struct aws_source_context *context, struct aws_credentials_cache **out);
void aws_credentials_close(struct aws_credentials_cache *cache);

/* A copy of the current keys, to be freed with aws_credentials_free. now_s is the server's clock.
 * PD_CONFIG: none found or wrong, logged with what to do. PD_UNAVAILABLE. PD_NO_MEMORY. */
enum pd_error aws_credentials_get(struct aws_credentials_cache *cache, int64_t now_s,
    int64_t deadline_ms, struct aws_credentials *out);

/* The server refused this key: the next get fetches anew, at most once in AWS_CREDENTIALS_RETRY_S.
 * True if that will happen, or has happened. now_ms is clock_monotonic_ms. */
bool aws_credentials_refused(
    struct aws_credentials_cache *cache, const char *access_key, int64_t now_ms);

/* The next get fetches anew, though what is there is served while that fails. */
void aws_credentials_renew(struct aws_credentials_cache *cache);

/* Where the current keys come from: a source's name, "none" before the first get. */
const char *aws_credentials_source(struct aws_credentials_cache *cache);

#endif
