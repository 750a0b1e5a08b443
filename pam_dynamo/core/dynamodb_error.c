/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/dynamodb_error.h"

#include <string.h>

#define KEYS_ADVICE \
	"check the access key and secret key, and that this region and endpoint are theirs"
#define FAILED_ADVICE "the server failed: if that lasts, look at its status page or log"
#define LIMIT_ADVICE "ask less often, or raise the table's or the account's limit"
#define CLOCK_ADVICE "set this machine's clock (timedatectl set-ntp true)"

const struct dynamodb_error dynamodb_errors[] = {
    {.name = "ConditionalCheckFailedException", .error = PD_CONFLICT},
    {.name = "TransactionCanceledException", .error = PD_CONFLICT},
    {.name = "IdempotentParameterMismatchException", .error = PD_BUG},
    {.name = "TransactionConflictException", .error = PD_UNAVAILABLE, .kind = RETRY_TRANSIENT},
    {.name = "TransactionInProgressException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_TRANSIENT,
	.unsettled = true},
    {.name = "ProvisionedThroughputExceededException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = "raise the table's capacity or make it on-demand"},
    {.name = "ThrottlingException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "Throttling",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "RequestLimitExceeded",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = "ask AWS to raise the account's limit"},
    {.name = "ThrottledException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "RequestThrottled",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "RequestThrottledException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "TooManyRequestsException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "SlowDown", .error = PD_UNAVAILABLE, .kind = RETRY_THROTTLED, .advice = LIMIT_ADVICE},
    {.name = "BandwidthLimitExceeded",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "PriorRequestNotComplete",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.advice = LIMIT_ADVICE},
    {.name = "RequestTimeout", .error = PD_UNAVAILABLE, .kind = RETRY_TRANSIENT, .unsettled = true},
    {.name = "RequestTimeoutException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_TRANSIENT,
	.unsettled = true},
    {.name = "ReplicatedWriteConflictException", .error = PD_UNAVAILABLE, .kind = RETRY_TRANSIENT},
    /* Asked for again by who may wait. */
    {.name = "ContinuousBackupsUnavailableException", .error = PD_UNAVAILABLE, .show = true},
    {.name = "InternalServerError",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_TRANSIENT,
	.unsettled = true,
	.advice = FAILED_ADVICE},
    {.name = "InternalFailure",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_TRANSIENT,
	.unsettled = true,
	.advice = FAILED_ADVICE},
    {.name = "ServiceUnavailable",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_TRANSIENT,
	.unsettled = true,
	.advice = FAILED_ADVICE},
    {.name = "ResourceNotFoundException",
	.error = PD_CONFIG,
	.show = true,
	.advice = "create the tables with `pam-dynamo init`, or correct users_table, state_table "
		  "or region"},
    {.name = "ResourceInUseException", .error = PD_CONFLICT, .show = true},
    {.name = "LimitExceededException",
	.error = PD_UNAVAILABLE,
	.kind = RETRY_THROTTLED,
	.show = true},
    {.name = "AccessDeniedException",
	.error = PD_CONFIG,
	.show = true,
	.advice = "allow this operation on both tables in the role's policy"},
    {.name = "UnrecognizedClientException",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_KEYS,
	.advice = KEYS_ADVICE},
    {.name = "InvalidClientTokenId",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_KEYS,
	.advice = KEYS_ADVICE},
    {.name = "ExpiredTokenException",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_KEYS,
	.advice = "the session token has expired: renew it"},
    {.name = "ExpiredToken",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_KEYS,
	.advice = "the session token has expired: renew it"},
    {.name = "MissingAuthenticationToken", .error = PD_CONFIG, .advice = KEYS_ADVICE},
    {.name = "MissingAuthenticationTokenException", .error = PD_CONFIG, .advice = KEYS_ADVICE},
    {.name = "IncompleteSignatureException", .error = PD_CONFIG, .advice = KEYS_ADVICE},
    {.name = "InvalidSignatureException",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_CLOCK,
	.advice = KEYS_ADVICE},
    {.name = "SignatureDoesNotMatch",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_CLOCK,
	.advice = KEYS_ADVICE},
    {.name = "RequestTimeTooSkewed",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_CLOCK,
	.advice = CLOCK_ADVICE},
    {.name = "RequestExpired",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_CLOCK,
	.advice = CLOCK_ADVICE},
    {.name = "RequestInTheFuture",
	.error = PD_CONFIG,
	.remedy = DYNAMODB_REMEDY_CLOCK,
	.advice = CLOCK_ADVICE},
    {.name = "ValidationException",
	.error = PD_CONFIG,
	.show = true,
	.advice = "the table is not laid out as ours: run `pam-dynamo check`"},
    {.name = "UnknownOperationException",
	.error = PD_CONFIG,
	.advice = "this server does not know the call: use DynamoDB or a server that has it"},
    {.name = "SerializationException", .error = PD_BUG},
};

const size_t dynamodb_error_count = sizeof(dynamodb_errors) / sizeof(dynamodb_errors[0]);

static const struct dynamodb_error by_status_5xx = {.name = "",
    .error = PD_UNAVAILABLE,
    .kind = RETRY_TRANSIENT,
    .unsettled = true,
    .advice = FAILED_ADVICE};
static const struct dynamodb_error by_status_429 = {
    .name = "", .error = PD_UNAVAILABLE, .kind = RETRY_THROTTLED, .advice = LIMIT_ADVICE};
static const struct dynamodb_error by_status_named = {
    .name = "", .error = PD_UNAVAILABLE, .kind = RETRY_TRANSIENT, .show = true};
static const struct dynamodb_error by_status_other = {.name = "",
    .error = PD_UNAVAILABLE,
    .kind = RETRY_TRANSIENT,
    .advice = "the answer is not DynamoDB's: check endpoint and what stands between"};

const struct dynamodb_error *
dynamodb_error_find(const char *name, long status)
{
	for (size_t i = 0; i < dynamodb_error_count; i++)
		if (strcmp(dynamodb_errors[i].name, name) == 0)
			return &dynamodb_errors[i];
	if (status >= 500)
		return &by_status_5xx;
	if (status == 429)
		return &by_status_429;
	return name[0] != '\0' ? &by_status_named : &by_status_other;
}

/* "com.amazonaws.dynamodb.v20120810#Name:http://..." holds Name. */
static void
take_name(const char *text, char out[DYNAMODB_NAME_SIZE])
{
	const char *hash = strrchr(text, '#');
	size_t len;

	if (hash != NULL)
		text = hash + 1;
	len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");
	if (len >= DYNAMODB_NAME_SIZE)
		len = 0;
	memcpy(out, text, len);
	out[len] = '\0';
}

void
dynamodb_error_parse(const char *text, size_t len, struct dynamodb_result *result)
{
	const char *type, *message;

	if (json_parse(text, len, &result->body) != PD_OK)
		return;
	type = json_string(json_get(result->body, "__type"), NULL);
	message = json_string(json_get(result->body, "message"), NULL);
	if (message == NULL)
		message = json_string(json_get(result->body, "Message"), NULL);
	if (type != NULL)
		take_name(type, result->name);
	/* Below the first line a signature error repeats the signed headers. */
	if (message != NULL)
		(void)log_escape(
		    result->message, sizeof(result->message), message, strcspn(message, "\n"));
}
