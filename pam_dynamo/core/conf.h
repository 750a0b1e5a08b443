/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration file, pam_dynamo.conf(5): one table of keys, strict. An unknown section or key,
 * a repeated key, a value outside its bounds, a file that others may write is an error that names
 * file, line and key. inih's only home is conf.c.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/log.h"
#include "core/pd_error.h"
#include "core/strlist.h"

#define CONF_PATH_DEFAULT "/etc/pam-dynamo/pam_dynamo.conf"

enum conf_engine { CONF_ENGINE_SQLITE, CONF_ENGINE_DYNAMODB };
enum conf_local_names { CONF_LOCAL_REFUSE, CONF_LOCAL_ALLOW };
enum conf_names { CONF_NAMES_POSIX, CONF_NAMES_EMAIL };
enum conf_credentials {
	CONF_CREDENTIALS_AUTO, /* file if it exists, then container, then imds; the command:
				  environment and profile first */
	CONF_CREDENTIALS_FILE,
	CONF_CREDENTIALS_PROFILE,
	CONF_CREDENTIALS_CONTAINER,
	CONF_CREDENTIALS_IMDS,
	CONF_CREDENTIALS_ENVIRONMENT, /* the command only: the service refuses it */
};

/* [registration] mode: how somebody becomes a user of the page. */
enum conf_registration {
	CONF_REGISTRATION_OFF,
	CONF_REGISTRATION_INVITE,
	CONF_REGISTRATION_APPROVAL,
	CONF_REGISTRATION_EMAIL,
	CONF_REGISTRATION_OPEN,
	CONF_REGISTRATION_EMAIL_APPROVAL,
};

/* [field NAME]: one field of the page's forms, kept in the record's profile. Strings are never
 * NULL. */
#define CONF_FIELDS_MAX 16
#define CONF_PATTERN_WHOLE "^(%s)$" /* what is compiled for a pattern */
#define CONF_FIELD_NAME_MAX 32      /* bytes */
enum conf_field_type {
	CONF_FIELD_TEXT,
	CONF_FIELD_EMAIL,
	CONF_FIELD_TEL,
	CONF_FIELD_TEXTAREA,
};
struct conf_field {
	char *name;
	char *label;
	enum conf_field_type type;
	bool show;          /* no: there is no such field */
	bool required;      /* where the form has it, it must not be empty */
	bool editable;      /* may be changed by its owner */
	bool ask;           /* the registration form has it */
	int64_t max_length; /* code points */
	char *pattern; /* extended regular expression that all of a value matches; empty: none */
};

enum conf_profile { CONF_PROFILE_NONE, CONF_PROFILE_FLASK_BOTO3, CONF_PROFILE_PAM_DYNAMO_REALM };

/* [attributes]: what the users table calls the fields of a record (attribute_map.h), with what a
 * profile says already filled in. One list for each field but the key: a list that is empty is a
 * field that the table does not have. */
struct conf_attributes {
	enum conf_profile profile;    /* none | flask-boto3 | pam-dynamo-realm */
	bool writable;                /* no */
	char *partition_key;          /* username */
	char *partition_value;        /* with sort_key alone: the realm */
	char *sort_key;               /* empty: the name is the partition key */
	char *password_salt;          /* empty: none */
	char *default_status;         /* of records without one; empty: they are corrupt */
	struct strlist default_hosts; /* where the table has no hosts; none */
	struct strlist schema;
	struct strlist version;
	struct strlist status;
	struct strlist epoch;
	struct strlist password;
	struct strlist password_changed_at;
	struct strlist password_must_change;
	struct strlist account_expires_at;
	struct strlist full_name;
	struct strlist email;
	struct strlist email_verified;
	struct strlist uid;
	struct strlist gid;
	struct strlist home;
	struct strlist shell;
	struct strlist groups;
	struct strlist services;
	struct strlist hosts;
	struct strlist ssh_keys;
	struct strlist profile_fields; /* the field "profile" */
	struct strlist created_at;
	struct strlist updated_at;
};

struct conf {
	/* [service] */
	char *socket;        /* /run/pam-dynamo/login.sock */
	char *userdb_socket; /* /run/systemd/userdb/io.pam-dynamo; empty: no user database */
	int64_t workers;     /* 8; threads, one store connection each */
	int64_t queue;       /* 256; requests waiting for a worker, more are answered UNAVAILABLE */
	int64_t deadline_ms; /* 5000; a login, everything included */
	int64_t hashes;      /* 0: as many as cores; password hashes computed at once */
	struct strlist trusted_users; /* local users whose processes may ask about every name */
	/* [store] */
	enum conf_engine engine; /* sqlite | dynamodb */
	char *path;              /* /var/lib/pam-dynamo/users.db (sqlite) */
	/* [dynamodb] */
	char *region;
	char *endpoint;    /* empty: AWS's own of the region; https, or http to loopback */
	char *users_table; /* pam_dynamo_users */
	char *state_table; /* pam_dynamo_state */
	bool fips;
	bool dual_stack;
	enum conf_credentials credentials;
	char *credentials_file;   /* /etc/pam-dynamo/credentials: aws_access_key_id = ...,
				     aws_secret_access_key = ... */
	char *profile;            /* default */
	char *profile_file;       /* /etc/pam-dynamo/aws-config: AWS profile file for credentials =
				     profile */
	char *container_endpoint; /* full URI of the ECS/EKS credential endpoint; empty:
				     169.254.170.2 needs the relative one below */
	char *container_token_file; /* EKS authorization token file; empty: none */
	char *imds_endpoint;        /* http://169.254.169.254 */
	char *ca_path;              /* /etc/ssl/certs, a hashed directory */
	int64_t connect_timeout_ms; /* 1000 */
	int64_t attempt_timeout_ms; /* 1500 */
	/* [attributes] */
	struct conf_attributes attributes;
	/* [host] */
	char *host_name;            /* name; empty: gethostname(2) */
	struct strlist host_groups; /* groups; none */
	/* [login] */
	enum conf_local_names local_names; /* refuse | allow */
	int64_t minimum_uid;               /* 1000 */
	int64_t max_failures;              /* 10 */
	int64_t failure_window_s;          /* 900 */
	int64_t lockout_s;                 /* 900 */
	int64_t source_max_failures;       /* 0: no counter per source network */
	bool last_login;                   /* yes */
	/* [password] */
	int64_t memory_kib;     /* 19456 */
	int64_t passes;         /* 2 */
	int64_t max_memory_kib; /* 262144: a record that asks for more is refused unhashed */
	int64_t max_passes;     /* 16 */
	int64_t max_rounds;     /* 2500000: the same for imported hashes */
	int64_t min_length;     /* 15 code points */
	int64_t min_guess_bits; /* 27; 0: no estimate */
	char *blocklist;        /* /usr/share/pam-dynamo/common-passwords; empty: none */
	char *site_blocklist;   /* empty: none */
	bool root_may_reset;    /* no: root uses the command */
	int64_t max_age_days;   /* 0: passwords do not age */
	int64_t warn_age_days;  /* 14: a login in so many days before says so */
	/* [users] */
	enum conf_names names; /* posix | email */
	int64_t uid_min;       /* 1879048192 */
	int64_t uid_max;       /* 2147483646 */
	char *home;            /* /home/%u ; %u is the name */
	char *shell;           /* /bin/bash */
	/* [userdb] */
	bool enumerate;        /* no */
	struct strlist groups; /* names of record groups that are shown on this host; empty: none */
	/* [web] */
	char *web_user; /* user: whose processes are the page; empty: no page */
	/* [registration] */
	enum conf_registration registration; /* mode; off */
	struct strlist email_domains;        /* of addresses that may register; empty: all */
	bool allow_local_domains;            /* no: a domain has a dot */
	int64_t pending_max;                 /* 1000: requests that wait at once */
	char *reserved_names;                /* /usr/share/pam-dynamo/reserved-names */
	char *site_reserved_names;           /* /etc/pam-dynamo/reserved-names.d: a folder */
	/* [mail] */
	char *mail_spool;  /* spool: folder of mails to be sent; empty: no mail */
	char *mail_sender; /* sender: address that they come from */
	char *mail_site;   /* site: what the site calls itself */
	char *mail_url;    /* url: of the page, for links */
	char *sendmail;    /* /usr/sbin/sendmail */
	/* [field NAME]: the built-in ones and what the file adds, in the order of the forms */
	struct conf_field fields[CONF_FIELDS_MAX];
	size_t field_count;
	/* [log] */
	enum log_level log_level; /* level; info */
};

enum conf_type { CONF_STRING, CONF_NUMBER, CONF_BOOL, CONF_ENUM, CONF_LIST };

struct conf_word {
	const char *word; /* NULL ends the list */
	int value;
};

/* NULL: the value is good; else a constant "what is wrong; what to do". */
typedef const char *conf_rule_fn(const char *value);

struct conf_key {
	const char *section;
	const char *name;
	enum conf_type type;
	size_t offset;
	const char *text_default; /* as it stands in conf/pam_dynamo.conf */
	int64_t min;              /* CONF_NUMBER */
	int64_t max;
	const struct conf_word *words; /* CONF_ENUM */
	conf_rule_fn *rule;            /* CONF_STRING; CONF_LIST: for each element */
	const char *help;
};

/* The table, for the loader, the man page test and `pam-dynamo check`. */
extern const struct conf_key conf_keys[];
extern const size_t conf_key_count;

/* The keys of a [field NAME] section, with offsets in a struct conf_field. */
extern const struct conf_key conf_field_keys[];
extern const size_t conf_field_key_count;

/* The page's forms have this field: it is shown, and the question why somebody needs an account is
 * asked only where an administrator reads the answer. */
bool conf_field_shown(const struct conf *conf, const struct conf_field *field);

/* "email+approval" and so on. */
const char *conf_registration_word(enum conf_registration mode);

/* All defaults. Strings are never NULL in a struct conf, absent ones are "". PD_NO_MEMORY. */
enum pd_error conf_init(struct conf *out);

/* Reads `path` over the defaults. The file is opened once with O_NOFOLLOW|O_CLOEXEC and judged on
 * the descriptor: a regular file of root or of the effective user, not writable by group or others,
 * at most 256 KiB. PD_CONFIG: the line in the log (and in reason, if not NULL: reason_size bytes)
 * says file, line, key and what to do. out is then zeroed; else free it with conf_free. */
enum pd_error conf_load(
    const char *path, const struct log *log, char *reason, size_t reason_size, struct conf *out);

/* The same from memory, for tests and fuzzing; `name` stands for the path in messages. */
enum pd_error conf_parse(const char *name, const char *text, size_t len, const struct log *log,
    char *reason, size_t reason_size, struct conf *out);

void conf_free(struct conf *conf);

/* [attributes] says that the users table is not ours. */
bool conf_attributes_mapped(const struct conf *conf);

/* False: they are not ours, and nothing lets us change them. */
bool conf_users_writable(const struct conf *conf);

/* The attributes of the users table that hold a field of the user record, "status" or another;
 * NULL: none is named by a list, as the key. */
const struct strlist *conf_attributes_of(const struct conf *conf, const char *field);

/* An attribute whose name says that it holds a secret; nothing shown may come from it. */
bool conf_attribute_is_secret(const char *attribute);

/* Opens a private file for reading under the same rule (for conf, credentials, tokens): a regular
 * file, root's or the effective user's, not writable by group or others, and - with `secret` - not
 * readable by others (a group may read, so that a service group works). -1: logged, errno says why
 * (EPERM: the file breaks the rule); a file that does not exist, ENOENT, is logged as debug only:
 * whether that is an error is the caller's to know. */
int conf_open_private(const char *path, bool secret, const struct log *log);

#endif
