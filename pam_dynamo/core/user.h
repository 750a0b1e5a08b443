/* SPDX-License-Identifier: BSD-2-Clause */
/* The user record (FORMAT.md) and the rules on its values that need nothing but the value. */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/conf.h"
#include "core/record.h"

#define USER_SCHEMA 1
#define USER_POSIX_NAME_MAX 31 /* bytes */
#define USER_NAME_MAX 254      /* bytes of a name of either grammar */
#define USER_NAME_SIZE (USER_NAME_MAX + 1)
#define USER_EMAIL_MAX 254     /* bytes, RFC 5321 4.5.3.1.3 */
#define USER_HASH_MAX 511      /* bytes of an encoded hash */
#define USER_KEY_MAX 16384     /* bytes of one SSH public key line */
#define USER_ID_MAX 2147483646 /* largest uid and gid, 2^31 - 2 */

enum user_status {
	USER_STATUS_INVALID = 0, /* not a known word: the record is corrupt */
	USER_STATUS_PENDING_EMAIL,
	USER_STATUS_PENDING_APPROVAL,
	USER_STATUS_ACTIVE,
	USER_STATUS_DISABLED,
	USER_STATUS_CLOSED,
};

struct user {
	char *username;
	int64_t schema;
	int64_t version; /* each write adds one and is conditional on the old */
	char *status;    /* a word of enum user_status */
	int64_t epoch;   /* raised by password change, reset, disable: ends sessions and offline
			    entries */
	char *password;  /* encoded hash; secret */
	int64_t password_changed_at;
	bool password_must_change;
	int64_t account_expires_at; /* absent: never */
	char *full_name;
	char *email;
	bool email_verified;
	int64_t uid; /* absent: a web account, not resolvable */
	int64_t gid; /* absent: the uid */
	char *home;
	char *shell;
	struct strlist groups;
	struct strlist services; /* absent: every service */
	struct strlist hosts;    /* absent: nowhere */
	struct strlist ssh_keys;
	struct pairs profile; /* the registration form's own fields */
	int64_t created_at;
	int64_t updated_at;
};

extern const struct record_type user_type;

void user_free(struct user *user);                                  /* NULL is a no-op */
enum pd_error user_copy(struct user *out, const struct user *from); /* PD_NO_MEMORY */
enum pd_error user_check(
    const struct user *user, const struct field **bad); /* record_check + status word, absolute
home and shell without ':' , no ':' or control byte in full_name; PD_CORRUPT */

/* posix: ^[a-z_][a-z0-9_-]{0,30}$ ; "root" is grammatical but never ours (user_name_allowed).
 * email: a mail address local@domain of at most 254 bytes, lower-case ASCII. local: at most 64 of
 * a-z 0-9 . ! $ % & * + - = ? ^ _ { | } ~, no '-' at the begin, no '.' at begin or end, no two in
 * a row. domain: labels of a-z 0-9 and inner '-', at most 63, at least two of them. An address in
 * upper case is no name: names are exact, and a key is never folded. No name has both grammars, and
 * none holds a '#', which auxiliary keys do. NULL is no name. */
bool user_name_valid(const char *name, enum conf_names names);
bool user_name_allowed(const char *name, enum conf_names names); /* valid and not "root" */

enum user_status user_status_parse(const char *word); /* NULL or unknown: USER_STATUS_INVALID */
const char *user_status_word(enum user_status status);

/* email_key (email.h): the address that is kept unique, at most USER_EMAIL_MAX bytes. */
bool user_email_normalise(const char *email, char out[USER_EMAIL_MAX + 1]);

/* Keys of the auxiliary items (FORMAT.md): "uid#1234", "email#<sha256>". False: does not fit. */
#define USER_AUX_KEY_SIZE 80
bool user_uid_key(int64_t uid, char out[USER_AUX_KEY_SIZE]);
bool user_email_key(const char *email, char out[USER_AUX_KEY_SIZE]);

#endif
