/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail_text.h"

#include <string.h>
#include <time.h>

#include "core/mail_spool.h"
#include "core/secret.h"

enum { ENGLISH, GERMAN, LANGUAGES };

static const char *const languages[LANGUAGES] = {"en", "de"};

struct text {
	const char *subject;
	const char *body; /* with the marks below */
};

/* {site}, {link}, {page}, {time}, {network}. */
static const struct text texts[MAIL_KIND_COUNT][LANGUAGES] = {
    [MAIL_CONFIRM] =
	{{"Confirm your email address for {site}",
	     "Somebody, probably you, asked for an account at {site} with this address.\n\n"
	     "To finish, open this link within 24 hours and enter the password that you chose:\n\n"
	     "{link}\n\n"
	     "If it was not you, do nothing: without the password nothing happens.\n"},
	    {"Bestätigen Sie Ihre E-Mail-Adresse für {site}",
		"Jemand, vermutlich Sie, hat mit dieser Adresse ein Konto bei {site} beantragt.\n\n"
		"Öffnen Sie zum Abschluss innerhalb von 24 Stunden diesen Link und geben Sie das "
		"Passwort ein,\ndas Sie gewählt haben:\n\n"
		"{link}\n\n"
		"Waren Sie es nicht, so tun Sie nichts: Ohne das Passwort geschieht nichts.\n"}},
    [MAIL_ACCOUNT_EXISTS] =
	{{"Your account at {site}",
	     "Somebody, probably you, asked for an account at {site} with this address. There is "
	     "one\nalready, or one that waits to be confirmed.\n\n"
	     "Sign in, or set a new password, here:\n\n{page}\n\n"
	     "If it was not you, do nothing: nothing was changed.\n"},
	    {"Ihr Konto bei {site}",
		"Jemand, vermutlich Sie, hat mit dieser Adresse ein Konto bei {site} beantragt. Es "
		"gibt schon\neines, oder eines, das auf seine Bestätigung wartet.\n\n"
		"Hier melden Sie sich an oder setzen ein neues Passwort:\n\n{page}\n\n"
		"Waren Sie es nicht, so tun Sie nichts: Es wurde nichts geändert.\n"}},
    [MAIL_NAME_TAKEN] =
	{{"Choose another user name at {site}",
	     "Somebody, probably you, asked for an account at {site} with this address. The user "
	     "name that\nwas chosen is not available, so there is no account yet.\n\n"
	     "Register again with another user name here:\n\n{page}\n\n"
	     "If it was not you, do nothing.\n"},
	    {"Wählen Sie bei {site} einen anderen Benutzernamen",
		"Jemand, vermutlich Sie, hat mit dieser Adresse ein Konto bei {site} beantragt. "
		"Der gewählte\nBenutzername ist nicht verfügbar, es gibt also noch kein Konto.\n\n"
		"Hier registrieren Sie sich mit einem anderen Benutzernamen:\n\n{page}\n\n"
		"Waren Sie es nicht, so tun Sie nichts.\n"}},
    [MAIL_EMAIL_CONFIRM] =
	{{"Confirm your new email address for {site}",
	     "This address was entered for an account at {site}.\n\n"
	     "To use it, open this link within 24 hours and enter the password of the account:\n\n"
	     "{link}\n\n"
	     "If it was not you, do nothing: without the password nothing happens.\n"},
	    {"Bestätigen Sie Ihre neue E-Mail-Adresse für {site}",
		"Diese Adresse wurde für ein Konto bei {site} eingetragen.\n\n"
		"Um sie zu verwenden, öffnen Sie innerhalb von 24 Stunden diesen Link und geben "
		"das Passwort\ndes Kontos ein:\n\n"
		"{link}\n\n"
		"Waren Sie es nicht, so tun Sie nichts: Ohne das Passwort geschieht nichts.\n"}},
    [MAIL_EMAIL_NOTICE] =
	{{"Your email address at {site} is to be changed",
	     "Another email address was entered for your account at {site}, on {time} from "
	     "{network}.\nThis one stays in use until the new one is confirmed.\n\n"
	     "If it was not you, change your password now, which stops it:\n\n{page}\n"},
	    {"Ihre E-Mail-Adresse bei {site} soll geändert werden",
		"Für Ihr Konto bei {site} wurde am {time} von {network} eine andere E-Mail-Adresse "
		"eingetragen.\nDiese bleibt in Gebrauch, bis die neue bestätigt ist.\n\n"
		"Waren Sie es nicht, so ändern Sie jetzt Ihr Passwort, das hält es auf:\n\n"
		"{page}\n"}},
    [MAIL_RESET] =
	{{"Set a new password for {site}",
	     "Somebody, probably you, asked for a new password for your account at {site}.\n\n"
	     "To set one, open this link within 30 minutes:\n\n"
	     "{link}\n\n"
	     "If it was not you, do nothing: your password stays as it is.\n"},
	    {"Setzen Sie ein neues Passwort für {site}",
		"Jemand, vermutlich Sie, hat ein neues Passwort für Ihr Konto bei {site} "
		"angefordert.\n\n"
		"Öffnen Sie dazu innerhalb von 30 Minuten diesen Link:\n\n"
		"{link}\n\n"
		"Waren Sie es nicht, so tun Sie nichts: Ihr Passwort bleibt, wie es ist.\n"}},
    [MAIL_PASSWORD_NOTICE] =
	{{"Your password at {site} was changed",
	     "The password of your account at {site} was changed on {time} from {network}.\n\n"
	     "If it was not you, set a new one at once and tell the administrators:\n\n{page}\n"},
	    {"Ihr Passwort bei {site} wurde geändert",
		"Das Passwort Ihres Kontos bei {site} wurde am {time} von {network} geändert.\n\n"
		"Waren Sie es nicht, so setzen Sie sofort ein neues und benachrichtigen die "
		"Administratoren:\n\n{page}\n"}},
    [MAIL_APPROVED] =
	{{"Your account at {site} is ready",
	     "An administrator of {site} has agreed: your account is ready. Sign in here:\n\n"
	     "{page}\n"},
	    {"Ihr Konto bei {site} ist bereit",
		"Die Administratoren von {site} haben zugestimmt: Ihr Konto ist bereit. Hier "
		"melden Sie sich an:\n\n{page}\n"}},
};

static const char *const paths[MAIL_KIND_COUNT] = {
    [MAIL_CONFIRM] = "/verify?t=",
    [MAIL_ACCOUNT_EXISTS] = "/signin",
    [MAIL_NAME_TAKEN] = "/register",
    [MAIL_EMAIL_CONFIRM] = "/verify?t=",
    [MAIL_EMAIL_NOTICE] = "/profile/password",
    [MAIL_RESET] = "/reset/confirm?t=",
    [MAIL_PASSWORD_NOTICE] = "/reset",
    [MAIL_APPROVED] = "/signin",
};

static const struct text *
text_of(enum mail_kind kind, const char *language)
{
	for (size_t i = 0; language != NULL && i < LANGUAGES; i++)
		if (strcmp(languages[i], language) == 0)
			return &texts[kind][i];
	return &texts[kind][ENGLISH];
}

const char *
mail_text_subject(enum mail_kind kind, const char *language)
{
	return text_of(kind, language)->subject;
}

const char *
mail_text_body(enum mail_kind kind, const char *language)
{
	return text_of(kind, language)->body;
}

/* The site's name, or the host of the page. */
static void
add_site(const struct mail *mail, struct buf *out)
{
	const char *host = strstr(mail->url, "://");

	if (mail->site[0] != '\0') {
		buf_add_string(out, mail->site);
		return;
	}
	host = host == NULL ? mail->url : host + 3;
	buf_add(out, host, strcspn(host, "/"));
}

static void
add_page(const struct mail *mail, struct buf *out)
{
	size_t len = strlen(mail->url);

	while (len > 0 && mail->url[len - 1] == '/')
		len--;
	buf_add(out, mail->url, len);
	buf_add_string(out, paths[mail->kind]);
}

static void
add_link(const struct mail *mail, struct buf *out)
{
	add_page(mail, out);
	buf_add_string(out, mail->token == NULL ? "" : mail->token);
}

static void
add_time(const struct mail *mail, struct buf *out)
{
	time_t now = (time_t)mail->now;
	char text[64];
	struct tm tm;

	if (gmtime_r(&now, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm) > 0)
		buf_add_string(out, text);
}

static void
add_network(const struct mail *mail, struct buf *out)
{
	buf_add_string(out, mail->network == NULL ? "-" : mail->network);
}

/* The text with its marks replaced. */
static void
add_filled(const struct mail *mail, const char *text, struct buf *out)
{
	static const struct {
		const char *mark;
		void (*add)(const struct mail *mail, struct buf *out);
	} marks[] = {{"{site}", add_site}, {"{link}", add_link}, {"{page}", add_page},
	    {"{time}", add_time}, {"{network}", add_network}};
	size_t i;

	while (*text != '\0') {
		for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (strncmp(text, marks[i].mark, strlen(marks[i].mark)) == 0)
				break;
		if (i == sizeof(marks) / sizeof(marks[0])) {
			buf_add_char(out, *text++);
			continue;
		}
		marks[i].add(mail, out);
		text += strlen(marks[i].mark);
	}
}

static void
add_base64(struct buf *out, const char *data, size_t len)
{
	static const char set[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned char three[3] = {0};
		size_t n = len - i < 3 ? len - i : 3;

		memcpy(three, data + i, n);
		buf_add_char(out, set[three[0] >> 2]);
		buf_add_char(out, set[(three[0] & 3) << 4 | three[1] >> 4]);
		buf_add_char(out, n > 1 ? set[(three[1] & 15) << 2 | three[2] >> 6] : '=');
		buf_add_char(out, n > 2 ? set[three[2] & 63] : '=');
	}
}

#define WORD_BYTES 39 /* RFC 2047 2: a line with an encoded-word has at most 76 characters */

/* The text of a header as encoded-words, cut between characters. */
static void
add_words(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		size_t n = len < WORD_BYTES ? len : WORD_BYTES;

		while (n < len && n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		buf_add_string(out, "=?UTF-8?B?");
		add_base64(out, text, n);
		buf_add_string(out, len > n ? "?=\n " : "?=");
		text += n;
		len -= n;
	}
}

static void
add_date(struct buf *out, int64_t now)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t time = (time_t)now;
	struct tm tm;

	if (gmtime_r(&time, &tm) == NULL)
		return;
	buf_add_format(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d +0000\n",
	    days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
add_header(const struct mail *mail, struct buf *out)
{
	struct buf text;
	char id[SECRET_ID_SIZE];

	buf_init(&text, 0);
	secret_random_id(id);
	add_site(mail, &text);
	buf_add_string(out, "From: ");
	add_words(out, buf_string(&text));
	buf_add_format(out, "\n <%s>\nTo: <%s>\nSubject: ", mail->sender, mail->to);
	buf_reset(&text);
	add_filled(mail, text_of(mail->kind, mail->language)->subject, &text);
	add_words(out, buf_string(&text));
	buf_add_char(out, '\n');
	add_date(out, mail->now);
	buf_add_format(out,
	    "Message-ID: <%s%s>\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n",
	    id, strchr(mail->sender, '@'));
	out->failed = out->failed || text.failed;
	buf_free(&text);
}

static bool
plain(const char *text)
{
	return text == NULL || text[strspn(text, "0123456789abcdefABCDEF.:/")] == '\0';
}

bool
mail_text_write(const struct mail *mail, struct buf *out)
{
	if (!mail_spool_address(mail->to) || !mail_spool_address(mail->sender) ||
	    !plain(mail->network))
		return false;
	add_header(mail, out);
	add_filled(mail, text_of(mail->kind, mail->language)->body, out);
	return !out->failed;
}
