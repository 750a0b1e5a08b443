/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/aws_credentials.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/aws_environment.h"
#include "core/aws_metadata.h"
#include "core/aws_profile.h"
#include "core/clock.h"
#include "core/monotonic_cond.h"
#include "core/secret.h"

#define JITTER_S 60
#define FAILED_MS 1000 /* a failure answers for so long, so that nobody waits for it twice */

const struct aws_source aws_sources[] = {
    {"environment", CONF_CREDENTIALS_ENVIRONMENT, true, true, aws_environment_fetch},
    {"file", CONF_CREDENTIALS_FILE, false, true, aws_profile_fetch_file},
    {"profile", CONF_CREDENTIALS_PROFILE, false, true, aws_profile_fetch},
    {"container", CONF_CREDENTIALS_CONTAINER, false, true, aws_metadata_fetch_container},
    {"imds", CONF_CREDENTIALS_IMDS, false, true, aws_metadata_fetch_imds},
};

const unsigned aws_source_count = sizeof(aws_sources) / sizeof(aws_sources[0]);

struct aws_credentials_cache {
	struct aws_source_context context;
	struct aws_metadata_session session; /* used by the one thread that refreshes */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct aws_credentials current;
	const char *source;
	int64_t refresh_at;      /* Unix seconds; 0: never */
	int64_t good_until_ms;   /* monotonic; served so long, whatever their expiry; 0: not so */
	int64_t kept_until_ms;   /* monotonic; keys were thrown away lately: not again before */
	int64_t failed_until_ms; /* monotonic; a failure is not repeated before */
	enum pd_error failed;
	bool refreshing;
	bool stale; /* refused by the server: not to be served */
	bool renew; /* asked for; the fetch under way may have begun before */
};

void
aws_credentials_free(struct aws_credentials *credentials)
{
	if (credentials == NULL)
		return;
	free(credentials->access_key);
	secret_free_string(credentials->secret_key);
	secret_free_string(credentials->session_token);
	memset(credentials, 0, sizeof(*credentials));
}

static bool
word_valid(const char *text, size_t max)
{
	size_t len = text == NULL ? 0 : strlen(text);

	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return true;
}

bool
aws_credentials_valid(const struct aws_credentials *credentials)
{
	return word_valid(credentials->access_key, AWS_CREDENTIALS_KEY_MAX) &&
	    strchr(credentials->access_key, '/') == NULL &&
	    word_valid(credentials->secret_key, AWS_CREDENTIALS_KEY_MAX) &&
	    (credentials->session_token == NULL ||
		word_valid(credentials->session_token, AWS_CREDENTIALS_TOKEN_MAX));
}

static enum pd_error
copy(const struct aws_credentials *from, struct aws_credentials *out)
{
	memset(out, 0, sizeof(*out));
	out->access_key = strdup(from->access_key);
	out->secret_key = strdup(from->secret_key);
	out->session_token = from->session_token == NULL ? NULL : strdup(from->session_token);
	out->expires_at = from->expires_at;
	if (out->access_key != NULL && out->secret_key != NULL &&
	    (from->session_token == NULL || out->session_token != NULL))
		return PD_OK;
	aws_credentials_free(out);
	return PD_NO_MEMORY;
}

enum pd_error
aws_credentials_open(const struct aws_source_context *context, struct aws_credentials_cache **out)
{
	struct aws_credentials_cache *cache;

	*out = NULL;
	if (context->conf->credentials == CONF_CREDENTIALS_ENVIRONMENT &&
	    context->caller != STORE_CALLER_COMMAND) {
		log_line(context->log, LOG_LEVEL_ERROR,
		    "dynamodb: credentials = environment is for the command only: use file, "
		    "container or imds");
		return PD_CONFIG;
	}
	cache = calloc(1, sizeof(*cache));
	if (cache == NULL)
		return PD_NO_MEMORY;
	cache->context = *context;
	cache->context.session = &cache->session;
	if (!monotonic_cond_init(&cache->lock, &cache->changed)) {
		free(cache);
		return PD_NO_MEMORY;
	}
	*out = cache;
	return PD_OK;
}

void
aws_credentials_close(struct aws_credentials_cache *cache)
{
	if (cache == NULL)
		return;
	aws_credentials_free(&cache->current);
	secret_wipe(&cache->session, sizeof(cache->session));
	pthread_cond_destroy(&cache->changed);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* Asks the sources in order; unlocked. */
static enum pd_error
fetch(const struct aws_source_context *context, int64_t deadline_ms, struct aws_credentials *out,
    const char **source)
{
	enum conf_credentials choice = context->conf->credentials;
	enum pd_error error = PD_NOT_FOUND;

	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < aws_source_count && error == PD_NOT_FOUND; i++) {
		const struct aws_source *row = &aws_sources[i];

		if (choice == CONF_CREDENTIALS_AUTO ? !row->automatic : choice != row->choice)
			continue;
		if (row->command_only && context->caller != STORE_CALLER_COMMAND)
			continue;
		*source = row->name;
		error = row->fetch(context, deadline_ms, out);
		if (error == PD_OK && !aws_credentials_valid(out)) {
			log_line(context->log, LOG_LEVEL_ERROR,
			    "credentials: %s gave keys that cannot be keys", row->name);
			aws_credentials_free(out);
			error = PD_CONFIG;
		}
	}
	if (error != PD_NOT_FOUND)
		return error;
	log_line(context->log, LOG_LEVEL_ERROR,
	    "credentials: none found: put aws_access_key_id and aws_secret_access_key into %s, or "
	    "give this host or container a role",
	    context->conf->credentials_file);
	return PD_CONFIG;
}

static bool
usable(const struct aws_credentials_cache *cache, int64_t now_s)
{
	const struct aws_credentials *keys = &cache->current;

	return keys->access_key != NULL && !cache->stale &&
	    (keys->expires_at == 0 || now_s < keys->expires_at ||
		clock_monotonic_ms() < cache->good_until_ms);
}

/* Refreshed by whoever asks, though still usable. */
static bool
due(const struct aws_credentials_cache *cache, int64_t now_s)
{
	return cache->renew ||
	    (cache->refresh_at != 0 && now_s >= cache->refresh_at &&
		clock_monotonic_ms() >= cache->good_until_ms);
}

static void
note_fetched(struct aws_credentials_cache *cache, struct aws_credentials *fresh, const char *source,
    int64_t now_s)
{
	int64_t life = fresh->expires_at - now_s;
	int64_t ahead = AWS_CREDENTIALS_AHEAD_S + secret_random_below(JITTER_S);

	/* Keys of a short life are refreshed at half of it. */
	if (life > 0 && ahead > life / 2)
		ahead = life / 2;
	aws_credentials_free(&cache->current);
	cache->current = *fresh;
	memset(fresh, 0, sizeof(*fresh));
	cache->source = source;
	cache->stale = false;
	cache->refresh_at = cache->current.expires_at == 0 ? 0 : cache->current.expires_at - ahead;
	cache->good_until_ms = 0;
	if (cache->current.expires_at != 0 && life <= 0) {
		cache->good_until_ms = clock_monotonic_ms() + AWS_CREDENTIALS_RETRY_S * 1000;
		log_line(cache->context.log, LOG_LEVEL_WARNING,
		    "credentials: %s gave keys that expired %" PRId64
		    " s ago by this machine's clock: trying them",
		    source, -life);
	} else {
		log_line(cache->context.log, LOG_LEVEL_DEBUG,
		    "credentials: %s, expire in %" PRId64 " s", source,
		    cache->current.expires_at == 0 ? 0 : life);
	}
}

/* Entered and left with the lock held. */
static enum pd_error
refresh(struct aws_credentials_cache *cache, int64_t now_s, int64_t deadline_ms)
{
	struct aws_credentials fresh;
	/* What did not come in a hurry may come to the next. */
	bool telling = clock_left_ms(deadline_ms) >= AWS_METADATA_BUDGET_MS;
	const char *source = "none";
	enum pd_error error;

	cache->refreshing = true;
	cache->renew = false;
	pthread_mutex_unlock(&cache->lock);
	error = fetch(&cache->context, deadline_ms, &fresh, &source);
	pthread_mutex_lock(&cache->lock);
	cache->refreshing = false;
	telling |= error != PD_UNAVAILABLE;
	if (error == PD_OK)
		note_fetched(cache, &fresh, source, now_s);
	else if (telling)
		cache->refresh_at = now_s + AWS_CREDENTIALS_RETRY_S;
	if (telling) {
		cache->failed = error;
		cache->failed_until_ms = clock_monotonic_ms() + FAILED_MS;
	}
	pthread_cond_broadcast(&cache->changed);
	return error;
}

enum pd_error
aws_credentials_get(struct aws_credentials_cache *cache, int64_t now_s, int64_t deadline_ms,
    struct aws_credentials *out)
{
	enum pd_error error = PD_OK;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&cache->lock);
	while (!usable(cache, now_s) && cache->refreshing)
		if (!monotonic_cond_wait(&cache->changed, &cache->lock, deadline_ms))
			break;
	if (!usable(cache, now_s) && cache->failed != PD_OK &&
	    clock_monotonic_ms() < cache->failed_until_ms)
		error = cache->failed;
	else if (!cache->refreshing && (!usable(cache, now_s) || due(cache, now_s)))
		error = refresh(cache, now_s, deadline_ms);
	if (usable(cache, now_s))
		error = copy(&cache->current, out);
	else if (error == PD_OK)
		error = PD_UNAVAILABLE;
	pthread_mutex_unlock(&cache->lock);
	return error;
}

bool
aws_credentials_refused(struct aws_credentials_cache *cache, const char *access_key, int64_t now_ms)
{
	bool again = false;

	pthread_mutex_lock(&cache->lock);
	if (cache->current.access_key != NULL &&
	    strcmp(cache->current.access_key, access_key) != 0) {
		again = true; /* somebody else has fetched new ones meanwhile */
	} else if (cache->stale || now_ms >= cache->kept_until_ms) {
		if (!cache->stale)
			cache->kept_until_ms = now_ms + AWS_CREDENTIALS_RETRY_S * 1000;
		cache->stale = true;
		again = true;
	}
	pthread_mutex_unlock(&cache->lock);
	return again;
}

void
aws_credentials_renew(struct aws_credentials_cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	cache->renew = true;
	cache->failed_until_ms = 0;
	cache->kept_until_ms = 0;
	pthread_mutex_unlock(&cache->lock);
}

const char *
aws_credentials_source(struct aws_credentials_cache *cache)
{
	const char *source;

	pthread_mutex_lock(&cache->lock);
	source = cache->source == NULL ? "none" : cache->source;
	pthread_mutex_unlock(&cache->lock);
	return source;
}
