/* SPDX-License-Identifier: BSD-2-Clause */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "service/audit.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define IDENTIFIER "pam-dynamod"
#define VALUE_MAX 200                          /* bytes of one value in the line */
#define NAME_VALUE_MAX (4 * USER_NAME_MAX + 8) /* of a user: never cut, for it says who */

static const char *const verdict_words[VERDICT_COUNT] = {
    [VERDICT_DENY] = "deny",
    [VERDICT_UNKNOWN] = "unknown",
    [VERDICT_EXPIRED] = "expired",
    [VERDICT_FORBIDDEN] = "forbidden",
    [VERDICT_UNAVAILABLE] = "unavailable",
    [VERDICT_FAULT] = "fault",
    [VERDICT_NO_MEMORY] = "no-memory",
    [VERDICT_CHANGE] = "change",
    [VERDICT_REFUSED] = "refused",
    [VERDICT_TRY_AGAIN] = "try-again",
    [VERDICT_SUCCESS] = "success",
};

const char *
audit_verdict_word(enum verdict verdict)
{
	return verdict < VERDICT_COUNT ? verdict_words[verdict] : "fault";
}

/* Escapes further than log_line: a blank, '=', '"' or '\' would let a value look like two. */
static void
escape_value(const char *text, char *out, size_t size)
{
	size_t len = 0;

	if (text == NULL || text[0] == '\0')
		text = "-";
	for (; *text != '\0' && len + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > ' ' && c < 0x7f && strchr("=\"\\", c) == NULL)
			out[len++] = (char)c;
		else
			len += (size_t)snprintf(out + len, size - len, "\\x%02x", c);
	}
	out[len] = '\0';
}

void
audit_format(const struct audit_event *event, char out[AUDIT_LINE_MAX])
{
	const char *texts[] = {event->host, event->service, event->rhost, event->tty, event->phase,
	    event->request_id, event->ruser, event->old_hash, event->event, event->agent,
	    event->page_request};
	char user[NAME_VALUE_MAX];
	char page[3 * VALUE_MAX + 64] = "";
	char values[sizeof(texts) / sizeof(texts[0])][VALUE_MAX];
	size_t i;
	int len;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		escape_value(texts[i], values[i], VALUE_MAX);
	escape_value(event->user, user, sizeof(user));
	if (event->event != NULL)
		(void)snprintf(page, sizeof(page), " event=%s agent=%s page_request=%s", values[8],
		    values[9], values[10]);
	len = snprintf(out, AUDIT_LINE_MAX,
	    "host=%s service=%s user=%s rhost=%s tty=%s phase=%s verdict=%s reason=%s source=%s "
	    "latency_us=%lld requests=%u request_id=%s ruser=%s peer=%lu/%ld%s%s%s",
	    values[0], values[1], user, values[2], values[3], values[4],
	    audit_verdict_word(event->verdict), policy_reason_word(event->reason),
	    event->online ? "online" : "none", (long long)event->latency_us, event->requests,
	    values[5], values[6], (unsigned long)event->peer.uid, (long)event->peer.pid,
	    event->old_hash == NULL ? "" : " old_hash=", event->old_hash == NULL ? "" : values[7],
	    page);
	if (len < 0)
		out[0] = '\0';
}

static const int priorities[] = {
    [LOG_LEVEL_ERROR] = LOG_ERR,
    [LOG_LEVEL_WARNING] = LOG_WARNING,
    [LOG_LEVEL_NOTICE] = LOG_NOTICE,
    [LOG_LEVEL_INFO] = LOG_INFO,
    [LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

static bool
have_journal(void)
{
	return access(JOURNAL_SOCKET, W_OK) == 0;
}

void
audit_log_sink(void *ctx, enum log_level level, const char *line)
{
	const struct audit *audit = ctx;
	int priority = priorities[level];

	if (audit->fd >= 0)
		dprintf(audit->fd, "%s: %s\n", log_level_name(level), line);
	else if (!have_journal() ||
	    sd_journal_send("MESSAGE=%s", line, "PRIORITY=%d", priority, "SYSLOG_FACILITY=%d",
		LOG_DAEMON >> 3, "SYSLOG_IDENTIFIER=" IDENTIFIER, NULL) < 0)
		syslog(LOG_DAEMON | priority, "%s", line);
}

static const char *
or_dash(const char *text)
{
	return text == NULL || text[0] == '\0' ? "-" : text;
}

static bool
send_journal(const struct audit_event *event, int priority, const char *line)
{
	if (!have_journal())
		return false;
	return sd_journal_send("MESSAGE=%s", line, "PRIORITY=%d", priority, "SYSLOG_FACILITY=%d",
		   LOG_AUTHPRIV >> 3, "SYSLOG_IDENTIFIER=" IDENTIFIER, "PAM_DYNAMO_HOST=%s",
		   or_dash(event->host), "PAM_DYNAMO_SERVICE=%s", or_dash(event->service),
		   "PAM_DYNAMO_USER=%s", or_dash(event->user), "PAM_DYNAMO_RHOST=%s",
		   or_dash(event->rhost), "PAM_DYNAMO_TTY=%s", or_dash(event->tty),
		   "PAM_DYNAMO_RUSER=%s", or_dash(event->ruser), "PAM_DYNAMO_PHASE=%s",
		   or_dash(event->phase), "PAM_DYNAMO_VERDICT=%s",
		   audit_verdict_word(event->verdict), "PAM_DYNAMO_REASON=%s",
		   policy_reason_word(event->reason), "PAM_DYNAMO_SOURCE=%s",
		   event->online ? "online" : "none", "PAM_DYNAMO_LATENCY_US=%lld",
		   (long long)event->latency_us, "PAM_DYNAMO_REQUESTS=%u", event->requests,
		   "PAM_DYNAMO_REQUEST_ID=%s", or_dash(event->request_id),
		   "PAM_DYNAMO_PEER_PID=%ld", (long)event->peer.pid, "PAM_DYNAMO_PEER_UID=%lu",
		   (unsigned long)event->peer.uid,
		   event->old_hash != NULL    ? "PAM_DYNAMO_OLD_HASH=%s"
		       : event->event != NULL ? "PAM_DYNAMO_EVENT=%s"
					      : NULL,
		   event->old_hash != NULL ? event->old_hash : event->event,
		   event->event == NULL || event->old_hash != NULL ? NULL : "PAM_DYNAMO_AGENT=%s",
		   or_dash(event->agent), "PAM_DYNAMO_PAGE_REQUEST=%s",
		   or_dash(event->page_request), NULL) >= 0;
}

void
audit_event(const struct audit *audit, const struct audit_event *event)
{
	bool good = event->verdict == VERDICT_SUCCESS || event->verdict == VERDICT_CHANGE;
	int priority = good ? LOG_INFO : LOG_NOTICE;
	char line[AUDIT_LINE_MAX];

	audit_format(event, line);
	if (audit->fd >= 0)
		dprintf(audit->fd, "audit: %s\n", line);
	else if (!send_journal(event, priority, line))
		syslog(LOG_AUTHPRIV | priority, "%s", line);
}
