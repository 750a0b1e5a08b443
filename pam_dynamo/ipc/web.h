/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the self-service page may ask (PROTOCOL.md, "The web page"): operations of the peer that
 * `[web] user` names, and of nobody else, root included. The page holds no key, no hash and no
 * session but the browser's; no operation takes hosts, uid, gid, shell, home, groups, status.
 *
 * Numbers, once given, are never given again.
 */
#ifndef WEB_H
#define WEB_H

#define WEB_SESSION_LEN 32     /* bytes of a session's secret; the store keeps its SHA-256 */
#define WEB_TOKEN_SIZE 49      /* 48 characters of base64url and NUL */
#define WEB_NETWORK_SIZE 64    /* the client's address as text, with its NUL */
#define WEB_FIELDS_MAX 16      /* [field NAME] sections */
#define WEB_FIELD_NAME_SIZE 33 /* with its NUL */
#define WEB_REQUEST_ID_SIZE 17 /* the page's own, for the audit line; with its NUL */
#define WEB_WAIT_MS 11000      /* the page waits so long: registration has 10 s */

enum web_operation {
	WEB_INFO = 16,          /* -> MODE FIELDS MIN_LENGTH: what the forms show */
	WEB_REGISTER = 17,      /* USER PASSWORD PAIRS NETWORK [EMAIL] [TOKEN: the invitation] */
	WEB_TOKEN_CHECK = 18,   /* KIND TOKEN NETWORK -> USER; uses nothing up */
	WEB_VERIFY = 19,        /* TOKEN PASSWORD NETWORK -> SESSION USER */
	WEB_SIGN_IN = 20,       /* USER PASSWORD NETWORK AGENT -> SESSION USER */
	WEB_SESSION_CHECK = 21, /* SESSION -> USER AUTH_TIME */
	WEB_SESSION_END = 22,   /* SESSION */
	WEB_END_OTHERS = 23,    /* SESSION -> SESSION, a new one */
	WEB_PROFILE_GET = 24,   /* SESSION -> USER PAIRS VERSION EMAIL STATE ... */
	WEB_PROFILE_SET = 25,   /* SESSION VERSION PAIRS */
	WEB_PASSWORD = 26,      /* SESSION PASSWORD NEW_PASSWORD NETWORK -> SESSION */
	WEB_EMAIL = 27,         /* SESSION PASSWORD EMAIL NETWORK */
	WEB_RESET_REQUEST = 28, /* USER: a name or an address; NETWORK */
	WEB_RESET = 29,         /* TOKEN NEW_PASSWORD NETWORK */
	WEB_CLOSE = 30,         /* SESSION PASSWORD NETWORK */
	WEB_RESEND = 31,        /* SESSION NETWORK: the confirmation once more */
};

/* Tags besides those of the login protocol. */
enum web_tag {
	WEB_TAG_SESSION = 32, /* secret, WEB_SESSION_LEN bytes */
	WEB_TAG_TOKEN = 33,   /* secret */
	WEB_TAG_KIND = 34,    /* "confirm", "email", "invite", "reset" */
	WEB_TAG_NETWORK = 35, /* the client's address, numeric */
	WEB_TAG_AGENT = 36,   /* class of the browser, at most 32 bytes */
	WEB_TAG_EMAIL = 37,
	WEB_TAG_PAIRS = 38,    /* the form's fields: u8 length, name, u16 length, value; repeated */
	WEB_TAG_VERSION = 39,  /* u32: of the record that the form was made from */
	WEB_TAG_REQUEST = 40,  /* the page's request id */
	WEB_TAG_LANGUAGE = 41, /* of mails: "en", "de" */
	WEB_TAG_RESULT = 96,   /* u8, enum web_result; in every reply */
	WEB_TAG_FIELD = 97,    /* WEB_INVALID: which field of the form */
	WEB_TAG_TEXT = 98,     /* WEB_INVALID: text id, "too-short", "blocklist" */
	WEB_TAG_RETRY_S = 99,  /* u32: WEB_LATER, WEB_FULL, WEB_UNAVAILABLE */
	WEB_TAG_MODE = 100,    /* "off", "invite", "approval", "email", "open", "email+approval" */
	WEB_TAG_FIELDS = 101,  /* rows of the forms, see web_field.h */
	WEB_TAG_NUMBER = 102,  /* u32: WEB_INFO: code points that a new password needs; WEB_INVALID:
				  the bound that was broken */
	WEB_TAG_STATE = 103,   /* the record's status word */
	WEB_TAG_HOSTS = 104,   /* where she may log in, "web, db"; absent: nowhere */
	WEB_TAG_VERIFIED = 105,  /* u8: the address is confirmed */
	WEB_TAG_LAST = 106,      /* last sign-in: "1763800000 192.0.2.7" */
	WEB_TAG_FAILURES = 107,  /* u32: failed attempts since */
	WEB_TAG_SESSIONS = 108,  /* u32: other sessions */
	WEB_TAG_AUTH_TIME = 109, /* u32: when the password was last given */
	WEB_TAG_PENDING = 110,   /* an address that waits to be confirmed */
};

/* 0 refuses, so that zeroed memory lets nobody in. The page's table maps them to HTTP statuses. */
enum web_result {
	WEB_REFUSED =
	    0, /* name or password wrong, locked, disabled, closed, unverified: one answer */
	WEB_DONE,
	WEB_INVALID,     /* a field of the form: FIELD TEXT */
	WEB_TAKEN,       /* name taken, reserved or local: one answer */
	WEB_LATER,       /* too many: RETRY_S */
	WEB_FULL,        /* too many in all, or waiting: RETRY_S */
	WEB_SHUT,        /* registration is off */
	WEB_GONE,        /* token: bad, old or used */
	WEB_NO_SESSION,  /* none, ended, or too old */
	WEB_CONFLICT,    /* changed in another window */
	WEB_UNAVAILABLE, /* nothing was saved */
	WEB_FAULT,       /* configuration, corrupt record, or a bug: the log says what */
	WEB_RESULT_COUNT,
};

#endif
