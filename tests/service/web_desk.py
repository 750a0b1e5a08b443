# SPDX-License-Identifier: BSD-2-Clause
"""Questions of the self-service page about accounts, for the tests of registration and recovery."""
import contextlib
import re
import sqlite3

import frames
from conftest import PASSWORD, ROOT, as_uid

DAEMON = 1  # of every Debian's passwd file
NEW = "another long enough sentence"
TOKEN = re.compile(r"\?t=([A-Za-z0-9_-]{48})$", re.M)


class Desk:
    """The page's questions about accounts, each from a network of its own unless one is given."""

    def __init__(self, service, mode):
        self.service, self.networks = service, 0
        self.spool = service.folder / "mail"
        self.spool.mkdir(mode=0o700)
        service.set("web", user="daemon")
        service.set("registration", mode=mode, reserved_names=ROOT / "conf" / "reserved-names",
                    site_reserved_names=service.folder / "reserved-names.d")
        service.set("mail", spool=self.spool, sender="accounts@example.org",
                    url="https://login.example.org/account", site="Example Login")
        service.start()

    def network(self):
        self.networks += 1
        return f"10.0.{self.networks // 250}.{self.networks % 250 + 1}"

    def ask(self, operation, fields):
        fields = {frames.NETWORK: self.network(), frames.LANGUAGE: "en", **fields}
        return as_uid(DAEMON, frames.ask_web, self.service.login, operation,
                      {tag: value for tag, value in fields.items() if value is not None})

    def register(self, user="alice", email=None, password=PASSWORD, invite=None, pairs=None,
                 **more):
        return self.ask(frames.WEB_REGISTER, {
            frames.USER: user, frames.PASSWORD: password, frames.EMAIL: email,
            frames.TOKEN: invite,
            frames.PAIRS: frames.write_pairs(pairs or {"given_name": "Alice"}),
            **{getattr(frames, tag): value for tag, value in more.items()}})

    def check(self, token, kind="confirm"):
        return self.ask(frames.WEB_TOKEN_CHECK, {frames.TOKEN: token, frames.KIND: kind})

    def verify(self, token, password=PASSWORD):
        return self.ask(frames.WEB_VERIFY, {frames.TOKEN: token, frames.PASSWORD: password,
                                            frames.AGENT: "firefox"})

    def sign_in(self, user="alice", password=PASSWORD):
        return self.ask(frames.WEB_SIGN_IN, {frames.USER: user, frames.PASSWORD: password,
                                             frames.AGENT: "firefox"})

    def session_is(self, session):
        return self.ask(frames.WEB_SESSION_CHECK, {frames.SESSION: session}).result

    def change_email(self, session, email, password=PASSWORD):
        return self.ask(frames.WEB_EMAIL, {frames.SESSION: session, frames.EMAIL: email,
                                           frames.PASSWORD: password})

    def ask_reset(self, who):
        return self.ask(frames.WEB_RESET_REQUEST, {frames.USER: who})

    def reset(self, token, new=NEW):
        return self.ask(frames.WEB_RESET, {frames.TOKEN: token, frames.NEW_PASSWORD: new})

    def mails(self):
        """(address, text) of what waits, blanks too; it is taken out."""
        found = []
        for path in sorted(self.spool.glob("*.mail"), key=lambda path: path.stat().st_mtime_ns):
            first, text = path.read_text().split("\n", 1)
            found.append((first.removeprefix("To "), text))
            path.unlink()
        assert list(self.spool.iterdir()) == []
        return found

    def token(self, address):
        """The token of the only mail, which is to this address."""
        [(to, text)] = [mail for mail in self.mails() if mail[0]]
        assert to == address, (to, text)
        return TOKEN.search(text).group(1)

    def show(self, user="alice"):
        with contextlib.closing(sqlite3.connect(self.service.database)) as database:
            database.row_factory = sqlite3.Row
            row = database.execute("SELECT * FROM users WHERE username = ?", [user]).fetchone()
        return None if row is None else dict(row)

    def query(self, sql, *arguments):
        with contextlib.closing(sqlite3.connect(self.service.database)) as database:
            rows = database.execute(sql, arguments).fetchall()
            database.commit()
        return rows


def strip(reply):
    """Everything that the page is told, apart from what is another one each time."""
    return {tag: value for tag, value in reply.fields.items() if tag != frames.SESSION}
