/* SPDX-License-Identifier: BSD-2-Clause */
/* The one table of configuration keys. conf/pam_dynamo.conf and its man page are held against it.
 */
#include <string.h>

#include "core/conf_private.h"

#define WEEK_S 604800
#define ID_MAX 2147483646 /* 2^31 - 2 */

static const struct conf_word engine_words[] = {
    {"sqlite", CONF_ENGINE_SQLITE},
    {"dynamodb", CONF_ENGINE_DYNAMODB},
    {NULL, 0},
};

static const struct conf_word credentials_words[] = {
    {"auto", CONF_CREDENTIALS_AUTO},
    {"file", CONF_CREDENTIALS_FILE},
    {"profile", CONF_CREDENTIALS_PROFILE},
    {"container", CONF_CREDENTIALS_CONTAINER},
    {"imds", CONF_CREDENTIALS_IMDS},
    {"environment", CONF_CREDENTIALS_ENVIRONMENT},
    {NULL, 0},
};

static const struct conf_word local_names_words[] = {
    {"refuse", CONF_LOCAL_REFUSE},
    {"allow", CONF_LOCAL_ALLOW},
    {NULL, 0},
};

static const struct conf_word names_words[] = {
    {"posix", CONF_NAMES_POSIX},
    {"email", CONF_NAMES_EMAIL},
    {NULL, 0},
};

static const struct conf_word profile_words[] = {
    {"none", CONF_PROFILE_NONE},
    {"flask-boto3", CONF_PROFILE_FLASK_BOTO3},
    {"pam-dynamo-realm", CONF_PROFILE_PAM_DYNAMO_REALM},
    {NULL, 0},
};

static const struct conf_word registration_words[] = {
    {"off", CONF_REGISTRATION_OFF},
    {"invite", CONF_REGISTRATION_INVITE},
    {"approval", CONF_REGISTRATION_APPROVAL},
    {"email", CONF_REGISTRATION_EMAIL},
    {"open", CONF_REGISTRATION_OPEN},
    {"email+approval", CONF_REGISTRATION_EMAIL_APPROVAL},
    {NULL, 0},
};

static const struct conf_word level_words[] = {
    {"error", LOG_LEVEL_ERROR},
    {"warning", LOG_LEVEL_WARNING},
    {"notice", LOG_LEVEL_NOTICE},
    {"info", LOG_LEVEL_INFO},
    {"debug", LOG_LEVEL_DEBUG},
    {NULL, 0},
};

#define KEY(part, key, member) \
	.section = (part), .name = (key), .offset = offsetof(struct conf, member)
#define STRING(part, key, member, text, check) \
	KEY(part, key, member), .type = CONF_STRING, .text_default = (text), .rule = (check)
#define NUMBER(part, key, text, low, high)                                               \
	KEY(part, #key, key), .type = CONF_NUMBER, .text_default = (text), .min = (low), \
			      .max = (high)
#define BOOL(part, key, text) KEY(part, #key, key), .type = CONF_BOOL, .text_default = (text)
#define ENUM(part, key, member, text, list) \
	KEY(part, key, member), .type = CONF_ENUM, .text_default = (text), .words = (list)
#define LIST(part, key, member, text, check) \
	KEY(part, key, member), .type = CONF_LIST, .text_default = (text), .rule = (check)
#define ATTRIBUTE(field, text)                                                             \
	{                                                                                  \
		LIST("attributes", #field, attributes.field, #field, conf_rule_attribute), \
		    .help = (text)                                                         \
	}

const struct conf_key conf_keys[] = {
    {STRING("service", "socket", socket, "/run/pam-dynamo/login.sock", conf_rule_socket),
	.help = "socket on which PAM modules ask"},
    {STRING("service", "userdb_socket", userdb_socket, "/run/systemd/userdb/io.pam-dynamo",
	 conf_rule_socket_or_empty),
	.help = "socket on which nss-systemd asks; empty: no user database"},
    {NUMBER("service", workers, "8", 1, 128),
	.help = "threads, each with one connection to the store"},
    {NUMBER("service", queue, "256", 1, 65536),
	.help = "requests that may wait for a worker; more are answered \"unavailable\""},
    {NUMBER("service", deadline_ms, "5000", 100, 60000),
	.help = "milliseconds that a login may take, everything included"},
    {NUMBER("service", hashes, "0", 0, 1024),
	.help = "passwords hashed at the same time; 0: as many as processors"},
    {LIST("service", "trusted_users", trusted_users, "", conf_rule_user),
	.help = "local users whose programs may ask about every name, such as postgres"},
    {ENUM("store", "engine", engine, "sqlite", engine_words),
	.help = "where users are kept: sqlite or dynamodb"},
    {STRING("store", "path", path, "/var/lib/pam-dynamo/users.db", conf_rule_path),
	.help = "the file of engine sqlite"},
    {STRING("dynamodb", "region", region, "", conf_rule_region),
	.help = "region that holds the tables; needed with engine dynamodb"},
    {STRING("dynamodb", "endpoint", endpoint, "", conf_rule_endpoint),
	.help = "another endpoint than AWS's own: https, or http to loopback"},
    {STRING("dynamodb", "users_table", users_table, "pam_dynamo_users", conf_rule_table),
	.help = "table of user records"},
    {STRING("dynamodb", "state_table", state_table, "pam_dynamo_state", conf_rule_table),
	.help = "table of counters, locks and tokens, which hosts write"},
    {BOOL("dynamodb", fips, "no"), .help = "use AWS's FIPS endpoint"},
    {BOOL("dynamodb", dual_stack, "no"), .help = "use AWS's IPv4 and IPv6 endpoint"},
    {ENUM("dynamodb", "credentials", credentials, "auto", credentials_words),
	.help = "source of credentials"},
    {STRING("dynamodb", "credentials_file", credentials_file, "/etc/pam-dynamo/credentials",
	 conf_rule_path),
	.help = "file with aws_access_key_id and aws_secret_access_key"},
    {STRING("dynamodb", "profile", profile, "default", conf_rule_profile),
	.help = "section of profile_file"},
    {STRING("dynamodb", "profile_file", profile_file, "/etc/pam-dynamo/aws-config", conf_rule_path),
	.help = "AWS profile file for credentials = profile"},
    {STRING("dynamodb", "container_endpoint", container_endpoint, "", conf_rule_url_or_empty),
	.help = "full URL of the ECS or EKS credential endpoint"},
    {STRING("dynamodb", "container_token_file", container_token_file, "", conf_rule_path_or_empty),
	.help = "file with the authorization token for container_endpoint"},
    {STRING("dynamodb", "imds_endpoint", imds_endpoint, "http://169.254.169.254", conf_rule_url),
	.help = "endpoint of the EC2 instance metadata service"},
    {STRING("dynamodb", "ca_path", ca_path, "/etc/ssl/certs", conf_rule_path),
	.help = "hashed directory of trusted certificates"},
    {NUMBER("dynamodb", connect_timeout_ms, "1000", 10, 30000), .help = "milliseconds to connect"},
    {NUMBER("dynamodb", attempt_timeout_ms, "1500", 10, 60000),
	.help = "milliseconds for one attempt of a request"},
    {ENUM("attributes", "profile", attributes.profile, "none", profile_words),
	.help = "whose table it is, as far as known: none, flask-boto3 or pam-dynamo-realm"},
    {KEY("attributes", "writable", attributes.writable), .type = CONF_BOOL, .text_default = "no",
	.help = "let us change records of a table that is not ours"},
    {STRING(
	 "attributes", "partition_key", attributes.partition_key, "username", conf_rule_attribute),
	.help = "partition key of the users table"},
    {STRING("attributes", "partition_value", attributes.partition_value, "", conf_rule_key_value),
	.help = "with sort_key: the partition, or realm, whose users log in"},
    {STRING("attributes", "sort_key", attributes.sort_key, "", conf_rule_attribute_or_empty),
	.help = "sort key of the users table, which holds the name; empty: the partition key does"},
    {STRING(
	 "attributes", "password_salt", attributes.password_salt, "", conf_rule_attribute_or_empty),
	.help = "attribute with the salt of a SHA3-256 hash; empty: none"},
    {STRING("attributes", "default_status", attributes.default_status, "", conf_rule_status),
	.help = "status of a record that has none; empty: it is corrupt"},
    {LIST("attributes", "default_hosts", attributes.default_hosts, "", conf_rule_place),
	.help = "hosts of every record, where the table has no attribute for them"},
    ATTRIBUTE(schema, "version of the format"),
    ATTRIBUTE(version, "number that each write raises"),
    {LIST("attributes", "status", attributes.status, "status", conf_rule_attribute_or_not),
	.help = "status, a word or a boolean; of several the strictest counts"},
    ATTRIBUTE(epoch, "raised by what ends sessions"),
    ATTRIBUTE(password, "hash of the password"),
    ATTRIBUTE(password_changed_at, "time of the password's last change"),
    ATTRIBUTE(password_must_change, "whether the next login asks for a new password"),
    ATTRIBUTE(account_expires_at, "time from which on there is no login"),
    ATTRIBUTE(full_name, "full name; several are joined by blanks"),
    ATTRIBUTE(email, "mail address"),
    ATTRIBUTE(email_verified, "whether the address was confirmed"),
    ATTRIBUTE(uid, "numeric user id"),
    ATTRIBUTE(gid, "numeric group id"),
    ATTRIBUTE(home, "home directory"),
    ATTRIBUTE(shell, "login shell"),
    ATTRIBUTE(groups, "names of groups"),
    ATTRIBUTE(services, "PAM services that may be used"),
    ATTRIBUTE(hosts, "where the account may log in"),
    ATTRIBUTE(ssh_keys, "SSH public keys"),
    {LIST(
	 "attributes", "profile_fields", attributes.profile_fields, "profile", conf_rule_attribute),
	.help = "further fields: one map, or several attributes"},
    ATTRIBUTE(created_at, "time of the record's creation"),
    ATTRIBUTE(updated_at, "time of the record's last write"),
    {STRING("host", "name", host_name, "", conf_rule_host),
	.help = "this host in records' hosts; empty: the name it has"},
    {LIST("host", "groups", host_groups, "", conf_rule_group),
	.help = "groups that this host is in: @group in hosts"},
    {ENUM("login", "local_names", local_names, "refuse", local_names_words),
	.help = "names of /etc/passwd: refuse them, or allow them with our passwords"},
    {NUMBER("login", minimum_uid, "1000", 1, ID_MAX), .help = "smallest uid that may log in"},
    {NUMBER("login", max_failures, "10", 1, 1000),
	.help = "wrong passwords within failure_window_s that lock a name"},
    {NUMBER("login", failure_window_s, "900", 1, WEEK_S),
	.help = "seconds that a wrong password counts"},
    {NUMBER("login", lockout_s, "900", 1, WEEK_S), .help = "seconds that a lock lasts"},
    {NUMBER("login", source_max_failures, "0", 0, 100000),
	.help = "wrong passwords from one network that lock it out, whatever the names; 0: off"},
    {BOOL("login", last_login, "yes"), .help = "note time and place of the last login"},
    {NUMBER("password", memory_kib, "19456", 8, 4194304),
	.help = "memory of one Argon2id hash, in KiB"},
    {NUMBER("password", passes, "2", 1, 1000), .help = "passes of one Argon2id hash"},
    {NUMBER("password", max_memory_kib, "262144", 8, 4194304),
	.help = "a record whose hash asks for more memory, in KiB, is refused"},
    {NUMBER("password", max_passes, "16", 1, 1000),
	.help = "a record whose hash asks for more passes is refused"},
    {NUMBER("password", max_rounds, "2500000", 1000, 100000000),
	.help = "a record whose imported hash asks for more rounds is refused"},
    {NUMBER("password", min_length, "15", 1, 128), .help = "characters that a new password needs"},
    {NUMBER("password", min_guess_bits, "27", 0, 128),
	.help = "bits that a new password must take to guess; 0: not estimated"},
    {STRING("password", "blocklist", blocklist, "/usr/share/pam-dynamo/common-passwords",
	 conf_rule_path_or_empty),
	.help = "list of common passwords that nobody may choose; empty: none"},
    {STRING("password", "site_blocklist", site_blocklist, "", conf_rule_path_or_empty),
	.help = "a list of your own beside it"},
    {BOOL("password", root_may_reset, "no"),
	.help = "let root set a new password through PAM without the old one"},
    {NUMBER("password", max_age_days, "0", 0, 36500),
	.help = "days after which a password must be changed; 0: never"},
    {NUMBER("password", warn_age_days, "14", 0, 36500),
	.help = "days before that on which a login says so"},
    {ENUM("users", "names", names, "posix", names_words),
	.help = "what names are: posix, or mail addresses for services without local users"},
    {NUMBER("users", uid_min, "1879048192", 1000, ID_MAX),
	.help = "smallest uid that is given to a new user"},
    {NUMBER("users", uid_max, "2147483646", 1000, ID_MAX),
	.help = "largest uid that is given to a new user"},
    {STRING("users", "home", home, "/home/%u", conf_rule_home),
	.help = "home directory where the record has none; %u is the name"},
    {STRING("users", "shell", shell, "/bin/bash", conf_rule_shell),
	.help = "login shell where the record has none"},
    {BOOL("userdb", enumerate, "no"), .help = "list all users, for getent passwd without a name"},
    {LIST("userdb", "groups", groups, "", conf_rule_group),
	.help = "records' groups that exist on this host"},
    {STRING("web", "user", web_user, "", conf_rule_web_user),
	.help = "local user whose programs are the self-service page; empty: there is none"},
    {ENUM("registration", "mode", registration, "off", registration_words),
	.help = "who may register: off, invite, approval, email, open or email+approval"},
    {LIST("registration", "email_domains", email_domains, "", conf_rule_domain),
	.help = "domains of addresses that may register; empty: all"},
    {BOOL("registration", allow_local_domains, "no"),
	.help = "take addresses whose domain has no dot"},
    {NUMBER("registration", pending_max, "1000", 1, 1000),
	.help = "registrations that may wait for their confirmation at once"},
    {STRING("registration", "reserved_names", reserved_names,
	 "/usr/share/pam-dynamo/reserved-names", conf_rule_path),
	.help = "list of names that nobody may register"},
    {STRING("registration", "site_reserved_names", site_reserved_names,
	 "/etc/pam-dynamo/reserved-names.d", conf_rule_path),
	.help = "a folder of such lists of your own"},
    {STRING("mail", "spool", mail_spool, "", conf_rule_path_or_empty),
	.help = "folder for mails that wait to be sent; empty: no mail is sent"},
    {STRING("mail", "sender", mail_sender, "", conf_rule_sender),
	.help = "address that mails come from and bounces go to"},
    {STRING("mail", "site", mail_site, "", conf_rule_label),
	.help = "what the site calls itself in mails"},
    {STRING("mail", "url", mail_url, "", conf_rule_url_or_empty),
	.help = "URL of the page, which links in mails begin with"},
    {STRING("mail", "sendmail", sendmail, "/usr/sbin/sendmail", conf_rule_path),
	.help = "program that takes a mail and sends it"},
    {ENUM("log", "level", log_level, "info", level_words),
	.help = "least serious lines that are logged"},
};

const size_t conf_key_count = sizeof(conf_keys) / sizeof(conf_keys[0]);

const char *
conf_registration_word(enum conf_registration mode)
{
	size_t i = 0;

	while (registration_words[i].word != NULL && registration_words[i].value != (int)mode)
		i++;
	return registration_words[i].word != NULL ? registration_words[i].word : "off";
}

const struct conf_key *
conf_find(const char *section, const char *name)
{
	for (size_t i = 0; i < conf_key_count; i++) {
		if (strcmp(conf_keys[i].section, section) == 0 &&
		    strcmp(conf_keys[i].name, name) == 0)
			return &conf_keys[i];
	}
	return NULL;
}

bool
conf_section_known(const char *section, size_t len)
{
	for (size_t i = 0; i < conf_key_count; i++) {
		if (strlen(conf_keys[i].section) == len &&
		    memcmp(conf_keys[i].section, section, len) == 0)
			return true;
	}
	return false;
}
