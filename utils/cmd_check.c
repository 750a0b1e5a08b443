/* SPDX-License-Identifier: BSD-2-Clause */
/* check: everything that must be right for a login, one finding a line. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/blocklist.h"
#include "ipc/client.h"
#include "ipc/frame.h"
#include "utils/command.h"

#define CHECK_CALL_MS 30000
#define NSSWITCH "/etc/nsswitch.conf"
#define LOCAL_PASSWD "/etc/passwd"
#define LOCAL_GROUP "/etc/group"
#define NOBODY ((uid_t)65534)

struct report {
	struct session *session;
	struct json *array; /* NULL: text */
	enum exit_code code;
	bool failed; /* out of memory */
};

static const char *const finding_words[] = {
    [STORE_FINDING_OK] = "ok",
    [STORE_FINDING_WARNING] = "warning",
    [STORE_FINDING_BAD] = "bad",
};

static struct json *
finding_json(enum store_finding finding, const char *subject, const char *text)
{
	struct json *object = json_new_object();

	if (object != NULL &&
	    json_put(object, "finding", json_new_string(finding_words[finding])) &&
	    json_put(object, "subject", json_new_string(subject)) &&
	    json_put(object, "text", json_new_string(text)))
		return object;
	json_free(object);
	return NULL;
}

/* A store_check_fn; --quiet leaves only what is not ok. */
static void
add(void *ctx, enum store_finding finding, const char *subject, const char *text)
{
	struct report *report = ctx;
	char line[SESSION_LINE_MAX * 4];

	if (report->array != NULL) {
		if (!json_append(report->array, finding_json(finding, subject, text)))
			report->failed = true;
		return;
	}
	if (report->session->quiet && finding == STORE_FINDING_OK)
		return;
	(void)log_escape(line, sizeof(line), text, strlen(text));
	(void)printf("%-8s%s: %s\n", finding_words[finding], subject, line);
	(void)fflush(stdout);
}

/* The first bad finding gives the exit code. */
static void
add_bad(struct report *report, enum exit_code code, const char *subject, const char *text)
{
	add(report, STORE_FINDING_BAD, subject, text);
	if (report->code == EXIT_CODE_OK)
		report->code = code;
}

static bool
check_configuration(struct report *report)
{
	struct session *session = report->session;
	char text[SESSION_LINE_MAX];
	enum pd_error error;

	error = conf_load(session->conf_path, NULL, text, sizeof(text), &session->conf);
	session->conf_loaded = error == PD_OK;
	if (error != PD_OK) {
		add_bad(report, exit_code_of_error(error), "configuration",
		    text[0] == '\0' ? pd_error_text(error) : text);
		return false;
	}
	(void)snprintf(text, sizeof(text), "%s", session->conf_path);
	add(report, STORE_FINDING_OK, "configuration", text);
	return true;
}

/* The lists that new passwords are held against: without them the service does not start. */
static void
check_blocklist(struct report *report)
{
	const struct conf *conf = &report->session->conf;
	struct blocklist *list = NULL;
	char text[SESSION_LINE_MAX] = "";
	enum pd_error error;

	error = blocklist_load(conf, NULL, text, sizeof(text), &list);
	if (error != PD_OK) {
		add_bad(report, exit_code_of_error(error), "blocklist",
		    text[0] == '\0' ? pd_error_text(error) : text);
		return;
	}
	(void)snprintf(text, sizeof(text),
	    "%zu common passwords of %d or more characters that nobody may choose",
	    blocklist_count(list), (int)conf->min_length);
	add(report, STORE_FINDING_OK, "blocklist", text);
	blocklist_free(list);
}

static void
check_store(struct report *report)
{
	struct store_call call = session_call(CHECK_CALL_MS);
	enum pd_error error;

	error = store_open(&report->session->conf, STORE_CALLER_COMMAND, &report->session->log,
	    &report->session->store);
	if (error != PD_OK) {
		add_bad(report, exit_code_of_error(error), "store",
		    "cannot be opened; the lines on standard error say why");
		return;
	}
	error = store_check(report->session->store, &call, add, report);
	if (error != PD_OK && report->code == EXIT_CODE_OK)
		report->code = exit_code_of_error(error);
}

/* The service's own line about itself; "" when it does not answer as one. */
static enum client_status
ping(const char *path, char *info, size_t info_size)
{
	unsigned char request[64];
	unsigned char reply[FRAME_SIZE];
	struct frame_writer writer;
	struct frame frame;
	enum client_status status;
	size_t len = 0;

	info[0] = '\0';
	frame_begin(&writer, request, sizeof(request), PROTOCOL_PING);
	frame_add_u32(&writer, PROTOCOL_TAG_DEADLINE, 2000);
	errno = 0;
	status = client_request(
	    path, request, frame_end(&writer), reply, sizeof(reply), &len, 2000);
	if (status != CLIENT_OK)
		return status;
	if (!frame_parse(reply, len, &frame) || frame.operation != PROTOCOL_REPLY ||
	    !frame_string(&frame, PROTOCOL_TAG_INFO, info, info_size))
		return CLIENT_BAD_REPLY;
	return CLIENT_OK;
}

static void
check_service(struct report *report)
{
	const char *path = report->session->conf.socket;
	char text[SESSION_LINE_MAX];
	char info[256];
	enum client_status status = ping(path, info, sizeof(info));
	int error = errno;

	switch (status) {
	case CLIENT_OK:
		(void)snprintf(text, sizeof(text), "%s answers: %s", path, info);
		add(report, STORE_FINDING_OK, "service", text);
		break;
	case CLIENT_NO_SERVICE:
		(void)snprintf(text, sizeof(text),
		    "%s does not answer (%s); start it: systemctl start pam-dynamod.socket, or "
		    "pam-dynamod -f where there is no systemd",
		    path, strerror(error));
		add_bad(report, EXIT_CODE_UNAVAILABLE, "service", text);
		break;
	case CLIENT_BAD_REPLY:
		(void)snprintf(text, sizeof(text),
		    "%s does not answer as pam-dynamod does; look who listens there", path);
		add_bad(report, EXIT_CODE_CORRUPT, "service", text);
		break;
	case CLIENT_BAD_PATH:
		(void)snprintf(text, sizeof(text),
		    "%s is no absolute path of a socket; correct socket in [service]", path);
		add_bad(report, EXIT_CODE_CONFIG, "service", text);
		break;
	}
}

/* True if the line of this database in nsswitch.conf(5) names the source. */
static bool
nss_line_has(FILE *file, const char *database, const char *source)
{
	char *line = NULL;
	size_t size = 0;
	size_t len = strlen(database);
	bool found = false;

	rewind(file);
	while (!found && getline(&line, &size, file) >= 0) {
		char *save = NULL;
		char *word;

		line[strcspn(line, "#\n")] = '\0';
		word = line + strspn(line, " \t");
		if (strncmp(word, database, len) != 0 || word[len] != ':')
			continue;
		for (word = strtok_r(word + len + 1, " \t", &save); word != NULL && !found;
		     word = strtok_r(NULL, " \t", &save))
			found = strcmp(word, source) == 0;
	}
	free(line);
	return found;
}

static void
check_names(struct report *report)
{
	const char *userdb = report->session->conf.userdb_socket;
	static const char *const databases[] = {"passwd", "group"};
	char text[SESSION_LINE_MAX];
	struct stat st;
	FILE *file;
	size_t i;

	if (userdb[0] == '\0') {
		add(report, STORE_FINDING_OK, "names",
		    "the user database is switched off: accounts must be local");
		return;
	}
	if (lstat(userdb, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		(void)snprintf(text, sizeof(text),
		    "%s is no socket: hosts cannot resolve the users; start pam-dynamod", userdb);
		add(report, STORE_FINDING_WARNING, "names", text);
	}
	file = fopen(NSSWITCH, "re");
	for (i = 0; i < sizeof(databases) / sizeof(databases[0]); i++) {
		bool good = file != NULL && nss_line_has(file, databases[i], "systemd");

		(void)snprintf(text, sizeof(text),
		    good ? "the %s line of %s has systemd"
			 : "the %s line of %s has no systemd; install libnss-systemd, or add it",
		    databases[i], NSSWITCH);
		add(report, good ? STORE_FINDING_OK : STORE_FINDING_WARNING, "names", text);
	}
	if (file != NULL)
		(void)fclose(file);
}

/* Of the file itself: who is trusted does not follow from what a name service says. */
static bool
find_local(const char *name, uid_t *uid)
{
	FILE *file = fopen(LOCAL_PASSWD, "re");
	const struct passwd *entry;
	bool found = false;

	while (file != NULL && !found && (entry = fgetpwent(file)) != NULL) {
		found = strcmp(entry->pw_name, name) == 0;
		*uid = entry->pw_uid;
	}
	if (file != NULL)
		(void)fclose(file);
	return found;
}

static void
check_trusted(struct report *report)
{
	const struct strlist *users = &report->session->conf.trusted_users;
	char text[SESSION_LINE_MAX];
	const char *fault;
	uid_t uid = 0;
	size_t i;

	for (i = 0; i < users->len; i++) {
		fault = NULL;
		if (!find_local(users->items[i], &uid))
			fault = "is not in " LOCAL_PASSWD "; add the user, or take the name out of "
				"trusted_users in [service]";
		else if (uid == NOBODY)
			fault = "has the uid of everybody whom a namespace does not map and is not "
				"trusted; run the program as a user of its own";
		(void)snprintf(text, sizeof(text), "%s %s", users->items[i],
		    fault != NULL ? fault : "may ask about every name");
		add(report, fault != NULL ? STORE_FINDING_WARNING : STORE_FINDING_OK, "trusted",
		    text);
	}
}

static bool
find_local_group(const char *name, gid_t *gid)
{
	FILE *file = fopen(LOCAL_GROUP, "re");
	const struct group *entry;
	bool found = false;

	while (file != NULL && !found && (entry = fgetgrent(file)) != NULL) {
		found = strcmp(entry->gr_name, name) == 0;
		*gid = entry->gr_gid;
	}
	if (file != NULL)
		(void)fclose(file);
	return found;
}

/* The groups that records may join, and what is wrong with them. */
static void
check_groups(struct report *report)
{
	const struct strlist *groups = &report->session->conf.groups;
	char text[SESSION_LINE_MAX];
	const char *fault;
	gid_t gid = 0;
	size_t i;

	for (i = 0; i < groups->len; i++) {
		fault = NULL;
		if (!find_local_group(groups->items[i], &gid))
			fault = "is not in " LOCAL_GROUP "; add the group, or take the name out of "
				"groups in [userdb]";
		else if (gid == 0)
			fault = "is root's group, which nobody joins; take it out of groups in "
				"[userdb]";
		(void)snprintf(text, sizeof(text), "%s %s", groups->items[i],
		    fault != NULL ? fault : "may be joined by records that name it");
		add(report, fault != NULL ? STORE_FINDING_WARNING : STORE_FINDING_OK, "groups",
		    text);
	}
}

enum exit_code
command_check(struct session *session)
{
	struct report report = {.session = session};

	if (session->json) {
		report.array = json_new_array();
		if (report.array == NULL)
			return session_fail_error(PD_NO_MEMORY, "check");
	}
	if (check_configuration(&report)) {
		check_blocklist(&report);
		check_store(&report);
		check_service(&report);
		check_names(&report);
		check_trusted(&report);
		check_groups(&report);
	}
	if (report.failed) {
		json_free(report.array);
		return session_fail_error(PD_NO_MEMORY, "check");
	}
	if (report.array != NULL && session_print_json(report.array) != EXIT_CODE_OK)
		return EXIT_CODE_OUTPUT;
	return report.code;
}
