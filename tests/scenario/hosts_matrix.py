# SPDX-License-Identifier: BSD-2-Clause
"""What every program answers to every kind of account, and what the audit line says of it.

A row is a program, a column is a kind of account. An answer is what a person sees: the prompts, the
last words, the exit status; USER stands for the name. Each column has a user of its own, so that a
program's columns run at the same time and the audit lines tell them apart.
"""
import concurrent.futures
import pathlib
import re
import shutil
import time

import machine

PASSWORD = "correct horse battery staple"
WRONG = PASSWORD + "x"

COLUMNS = ("right", "wrong", "unknown", "locked", "disabled", "expired", "must-change", "no-grant")
# On the second store.
THIN = ("right", "wrong", "unknown", "locked", "must-change")

# Local users: one that [service] trusted_users names, as nginx's workers and PostgreSQL need it,
# and one that may ask about nobody in the directory.
TRUSTED, UNTRUSTED = "www-data", "backup"
SETTINGS = {"service": {"trusted_users": TRUSTED},
            "password": {"memory_kib": 8192, "passes": 1}}  # many hashes on a small machine

# Programs that ask for a password, then for the account.
PASSWORD_AUDIT = {
    "right": ["authenticate success good", "account success good"],
    "wrong": ["authenticate deny wrong-password"],
    "unknown": ["authenticate unknown unknown-user"],
    "locked": ["authenticate deny locked"],
    "disabled": ["authenticate expired disabled"],
    "expired": ["authenticate expired account-expired"],
    "must-change": ["authenticate success must-change", "account change must-change"],
    "no-grant": ["authenticate forbidden host-not-allowed"],
}
# Programs that ask for the account alone. There is no password that could be wrong.
ACCOUNT_AUDIT = {
    "right": ["account success good"],
    "wrong": ["account success good"],
    "unknown": ["account unknown unknown-user"],
    "locked": ["account forbidden locked"],
    "disabled": ["account expired disabled"],
    "expired": ["account expired account-expired"],
    "must-change": ["account change must-change"],
    "no-grant": ["account forbidden host-not-allowed"],
}
REFUSED_AUDIT = dict.fromkeys(COLUMNS, ["authenticate forbidden not-allowed"])
# sshd sends this instead of what was typed, for names that nobody resolves.
JUNK = ["authenticate deny junk-password"]
# What resolves on this host has a grant for it: most programs ask about nobody else.
NOBODY = {"unknown": [], "no-grant": []}

DENIED = "255 USER@127.0.0.1: Permission denied (publickey,password,keyboard-interactive)."
NO_TTY = ("1 WARNING: Your password has expired. | "
          "Password change required but no TTY available.")
SUDO = "[sudo] password for USER: | "
SU_NOBODY = ("1 su: user USER does not exist or the user entry does not contain all the required "
             "fields")
LOGIN = "Password: | "
FTP_NO = "530 Login incorrect."
OUT_OF_DATE = "User account has expired"

ANSWERS = {
    "sshd-password": {
        "right": "0 USER", "wrong": DENIED, "unknown": DENIED, "locked": DENIED,
        "disabled": DENIED, "expired": DENIED, "must-change": NO_TTY, "no-grant": DENIED,
    },
    # The client gives the one password that it has for every prompt, for the new one too.
    "sshd-keyboard-interactive": {
        "right": "0 USER", "wrong": DENIED, "unknown": DENIED, "locked": DENIED,
        "disabled": DENIED, "expired": DENIED, "must-change": DENIED, "no-grant": DENIED,
    },
    # The account alone decides; what is closed has no keys, so that sshd refuses it before.
    "sshd-key": {
        "right": "0 USER", "wrong": DENIED, "unknown": DENIED, "locked": "255",
        "disabled": DENIED, "expired": "255", "must-change": NO_TTY, "no-grant": DENIED,
    },
    "login": {
        "right": LOGIN + "0 USER", "wrong": LOGIN + "Login incorrect",
        "unknown": LOGIN + "Login incorrect", "locked": LOGIN + "Login incorrect",
        "disabled": LOGIN + "Login incorrect", "expired": LOGIN + "Login incorrect",
        "must-change": LOGIN + "Current password: | 1 Authentication failure",
        "no-grant": LOGIN + "Login incorrect",
    },
    "su": {
        "right": "Password: | 0 USER", "wrong": "Password: | 1 su: Authentication failure",
        "unknown": SU_NOBODY, "locked": "Password: | 1 su: Authentication failure",
        "disabled": f"Password: | 1 su: {OUT_OF_DATE}",
        "expired": f"Password: | 1 su: {OUT_OF_DATE}",
        "must-change": "Password: | Current password: | 1 su: Authentication failure",
        "no-grant": SU_NOBODY,
    },
    "sudo": {
        "right": SUDO + "0 root", "wrong": SUDO + "1 sudo: 1 incorrect password attempt",
        "unknown": "1 sudo: you do not exist in the passwd database",
        "locked": SUDO + "1 sudo: 1 incorrect password attempt",
        "disabled": SUDO + "1 sudo: a password is required",
        "expired": SUDO + "1 sudo: a password is required",
        "must-change": SUDO + "Current password: | 1 sudo: a password is required",
        "no-grant": "1 sudo: you do not exist in the passwd database",
    },
    # Not root, asks about its own name: a screen locker.
    "locker-own": {
        "right": "auth: PAM_SUCCESS | acct: PAM_SUCCESS", "wrong": "auth: PAM_AUTH_ERR",
        "unknown": "auth: PAM_PERM_DENIED", "locked": "auth: PAM_AUTH_ERR",
        "disabled": "auth: PAM_ACCT_EXPIRED", "expired": "auth: PAM_ACCT_EXPIRED",
        "must-change": "auth: PAM_SUCCESS | acct: PAM_NEW_AUTHTOK_REQD",
        "no-grant": "auth: PAM_PERM_DENIED",
    },
    # Not root, asks about others: it learns nothing.
    "locker-other": dict.fromkeys(COLUMNS, "auth: PAM_PERM_DENIED"),
    # Not root, but trusted: PostgreSQL.
    "locker-trusted": {
        "right": "auth: PAM_SUCCESS | acct: PAM_SUCCESS", "wrong": "auth: PAM_AUTH_ERR",
        "unknown": "auth: PAM_USER_UNKNOWN", "locked": "auth: PAM_AUTH_ERR",
        "disabled": "auth: PAM_ACCT_EXPIRED", "expired": "auth: PAM_ACCT_EXPIRED",
        "must-change": "auth: PAM_SUCCESS | acct: PAM_NEW_AUTHTOK_REQD",
        "no-grant": "auth: PAM_PERM_DENIED",
    },
    # Debian's cron; nobody types a password, so a wrong one is no obstacle.
    "cron": {
        "right": "ran as USER", "wrong": "ran as USER", "unknown": "did not run",
        "locked": "did not run", "disabled": "did not run", "expired": "did not run",
        "must-change": "did not run", "no-grant": "did not run",
    },
    # The same calls for names that cron would not find.
    "cron-calls": {
        "right": "acct: PAM_SUCCESS | cred: PAM_SUCCESS | open: PAM_SUCCESS | close: PAM_SUCCESS",
        "wrong": "acct: PAM_SUCCESS | cred: PAM_SUCCESS | open: PAM_SUCCESS | close: PAM_SUCCESS",
        "unknown": "acct: PAM_AUTH_ERR",  # of pam_deny, at the end of common-account
        "locked": "acct: PAM_PERM_DENIED",
        "disabled": "acct: PAM_ACCT_EXPIRED", "expired": "acct: PAM_ACCT_EXPIRED",
        "must-change": "acct: PAM_NEW_AUTHTOK_REQD", "no-grant": "acct: PAM_PERM_DENIED",
    },
    "nginx": {
        "right": "200", "wrong": "401", "unknown": "401", "locked": "401", "disabled": "401",
        "expired": "401", "must-change": "401", "no-grant": "401",
    },
    "vsftpd": {
        "right": "230 Login successful.", "wrong": FTP_NO, "unknown": FTP_NO, "locked": FTP_NO,
        "disabled": FTP_NO, "expired": FTP_NO, "must-change": FTP_NO, "no-grant": FTP_NO,
    },
}

AUDIT = {
    "sshd-password": {**PASSWORD_AUDIT, "no-grant": JUNK},
    "sshd-keyboard-interactive": {**PASSWORD_AUDIT, "no-grant": JUNK},
    "sshd-key": {**ACCOUNT_AUDIT, **NOBODY, "wrong": [], "disabled": []},
    "login": PASSWORD_AUDIT,
    "su": {**PASSWORD_AUDIT, **NOBODY},
    "sudo": {**PASSWORD_AUDIT, **NOBODY},
    "locker-own": {**PASSWORD_AUDIT, "unknown": ["authenticate forbidden not-allowed"]},
    "locker-other": REFUSED_AUDIT,
    "locker-trusted": PASSWORD_AUDIT,
    "cron": {**ACCOUNT_AUDIT, **NOBODY},
    "cron-calls": ACCOUNT_AUDIT,
    "nginx": PASSWORD_AUDIT,
    "vsftpd": PASSWORD_AUDIT,
}


def cells(*programs):
    """The parameters of a test over these programs' rows, and their ids."""
    pairs = [(program, column) for program in programs for column in COLUMNS]
    return {"argnames": "program, column", "argvalues": pairs,
            "ids": ["-".join(pair) for pair in pairs]}


def user(column):
    return column + "-one"


def password(column):
    return WRONG if column == "wrong" else PASSWORD


def add_people(host, keys):
    """One of each kind; keys: theirs, and somebody else's."""
    own, other = keys
    for column in COLUMNS:
        if column == "unknown":
            continue
        host.add(user(column), PASSWORD, "--hosts", "elsewhere" if column == "no-grant" else "*",
                 "--key", other if column == "wrong" else own,
                 *(["--must-change"] if column == "must-change" else []))
    host.command("lock", user("locked"), "--for", "1d")
    host.command("disable", user("disabled"))
    host.command("set", user("expired"), "account_expires_at=2020-01-01")


def remove_people(host):
    for column in COLUMNS:
        if column != "unknown":
            host.command("delete", user(column), "--yes")
            shutil.rmtree(f"/home/{user(column)}", ignore_errors=True)
    host.reload()


def use_directory(host, service):
    """Where the services have files of their own: one for a service that the project ships none
    for."""
    if host.layout == "services":
        text = (machine.ROOT / "conf" / "pam.d" / "sudo").read_text()
        pathlib.Path("/etc/pam.d", service).write_text(
            text + "session optional pam_mkhomedir.so umask=0077\n")


def audit(host, column, service, since):
    """What the service wrote about the column's user: phase, verdict and reason, sorted, for a line
    follows its reply and may come after the next one's. What is said again is left out: some
    programs ask for the account twice; changes of passwords are tested elsewhere."""
    found = []
    for line in host.service_log.read_text(errors="replace")[since:].splitlines():
        match = re.search(r" user=(\S+) .*phase=(\S+) verdict=(\S+) reason=(\S+) ", line)
        if match and match[1] == user(column) and f" service={service} " in line:
            said = " ".join(match.groups()[1:])
            if said not in found and not match[2].startswith("change"):
                found.append(said)
    return sorted(found)


class Matrix:
    """Runs a program's columns at once, when the first of them is asked for."""

    def __init__(self, host):
        self.host = host
        self.columns = COLUMNS if host.engine == "sqlite" else THIN
        self.done = {}
        self.before = {}

    def prepare(self, program, step):
        """step() once, before the program's drivers are called."""
        self.before[program] = step

    def cell(self, program, column, driver, service):
        """(answer, audit, seconds); driver(host, name, password) gives the answer."""
        if program not in self.done:
            self.done[program] = self.run(program, driver, service)
        return self.done[program][column]

    def run(self, program, driver, service):
        self.host.command("unlock", user("wrong"))  # what other programs counted
        since = len(self.host.service_log.read_text(errors="replace"))
        self.before.get(program, lambda: None)()

        def one(column):
            begun = time.monotonic()
            answer = driver(self.host, user(column), password(column))
            return answer.replace(user(column), "USER"), time.monotonic() - begun

        with concurrent.futures.ThreadPoolExecutor(len(self.columns)) as pool:
            answers = dict(zip(self.columns, pool.map(one, self.columns)))
        return {column: (answers[column][0], self.lines(program, column, service, since),
                         answers[column][1]) for column in self.columns}

    def lines(self, program, column, service, since):
        """A line may follow the reply: gives it the time to."""
        try:
            machine.wait_for(lambda: len(audit(self.host, column, service, since))
                             >= len(AUDIT[program][column]), "audit lines", 10)
        except RuntimeError:
            pass
        return audit(self.host, column, service, since)

    def check(self, program, column, driver, service):
        answer, lines, _ = self.cell(program, column, driver, service)
        assert answer == ANSWERS[program][column]
        assert lines == sorted(AUDIT[program][column])
        if column == "locked" and AUDIT[program][column] == PASSWORD_AUDIT[column]:
            assert answer == self.cell(program, "wrong", driver, service)[0]
