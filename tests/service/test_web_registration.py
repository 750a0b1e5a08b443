# SPDX-License-Identifier: BSD-2-Clause
"""Registering at the page, confirming an address, and getting back in: each as the page asks."""
import concurrent.futures
import contextlib
import grp
import pathlib
import pwd
import re
import sqlite3
import time

import pytest

import frames
import varlink
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


@pytest.fixture
def make_desk(stopped):
    return lambda mode: Desk(stopped, mode)


def strip(reply):
    """Everything that the page is told, apart from what is another one each time."""
    return {tag: value for tag, value in reply.fields.items() if tag != frames.SESSION}


def test_w50_off_by_default(stopped):
    stopped.set("web", user="daemon")
    stopped.start()
    reply = as_uid(DAEMON, frames.ask_web, stopped.login, frames.WEB_REGISTER, {
        frames.USER: "alice", frames.PASSWORD: PASSWORD, frames.NETWORK: "192.0.2.1"})
    assert reply.result == "shut"
    stopped.logs("event=register_rejected")


def test_w50_an_unknown_mode_is_refused(stopped):
    stopped.set("registration", mode="opne")
    status, said = stopped.run("-f")
    assert status != 0 and "[registration] mode: unknown word" in said


def test_w51_a_new_account_logs_in_nowhere(make_desk):
    desk = make_desk("open")
    assert desk.register(email="alice@example.org").result == "done"
    record = desk.show()
    assert record["status"] == "active" and record["email_verified"] is None
    assert {record[key] for key in ("uid", "gid", "hosts", "shell", "home", "groups")} == {None}
    assert desk.sign_in().result == "done"
    assert desk.service.authenticate().verdict != "success"
    assert desk.service.account().verdict != "success"
    with pytest.raises(varlink.Error):
        desk.service.lookup("GetUserRecord", userName="alice", service="io.pam-dynamo")
    assert desk.mails() == []
    desk.service.logs("event=register ")
    assert PASSWORD not in desk.service.log()


def test_w53_further_fields_change_nothing(make_desk):
    desk = make_desk("open")
    pairs = {"given_name": "Alice", "host_access": "all", "hosts": "*", "status": "active",
             "uid": "0", "gid": "0", "shell": "/bin/bash", "groups": "sudo", "email_verified": "1"}
    assert desk.register(pairs=pairs, HOSTS="*", STATE="active", VERIFIED=b"\1").result == "done"
    record = desk.show()
    assert {record[key] for key in ("uid", "gid", "hosts", "shell", "home", "groups")} == {None}
    assert record["profile"] == '{"given_name":"Alice"}'


def test_w54_taken_reserved_local_have_one_answer(make_desk, stopped):
    (stopped.folder / "reserved-names.d").mkdir()
    (stopped.folder / "reserved-names.d" / "site").write_text("chef\n")
    desk = make_desk("open")
    assert desk.register().result == "done"
    local = next(entry.pw_name for entry in pwd.getpwall()
                 if re.fullmatch("[a-z][a-z0-9_-]{2,30}", entry.pw_name))
    group = next(entry.gr_name for entry in grp.getgrall()
                 if re.fullmatch("[a-z][a-z0-9_-]{2,30}", entry.gr_name))
    answers = [strip(desk.register(name))
               for name in ("alice", "postmaster", "sudo", "systemd-x", "chef", local, group)]
    assert answers == len(answers) * [answers[0]]
    assert frames.RESULTS[answers[0][frames.RESULT][0]] == "taken"
    assert desk.query("SELECT username FROM users") == [("alice",)]


@pytest.mark.parametrize("mode", ["approval", "email"])
def test_w56_the_answer_tells_nothing(make_desk, mode):
    desk = make_desk(mode)
    desk.service.add("taken", "--email", "known@example.org")
    forms = [("alice", "alice@example.org"), ("taken", "bob@example.org"),
             ("carol", "known@example.org"), ("postmaster", "dave@example.org"),
             ("daemon", "erin@example.org")]
    answers = [strip(desk.register(name, email=email)) for name, email in forms]
    assert answers == len(answers) * [answers[0]]
    assert frames.RESULTS[answers[0][frames.RESULT][0]] == "done"
    assert {name for name, in desk.query("SELECT username FROM users")} == {"alice", "taken"}
    desk.service.logs("event=register_rejected", 4)
    desk.service.logs("reason=local-name")
    if mode == "email":
        to = {address: text for address, text in desk.mails()}
        assert set(to) == {email for _name, email in forms}
        assert [bool(TOKEN.search(to[email])) for _name, email in forms] == [True] + 4 * [False]


def test_w56_as_many_requests(make_desk):
    """What the store is asked does not tell either, so that time does not."""
    desk = make_desk("email")
    desk.service.add("taken", "--email", "known@example.org")
    costs = []
    for name, email in (("alice", "alice@example.org"), ("taken", "bob@example.org"),
                        ("carol", "known@example.org"), ("postmaster", "dave@example.org")):
        assert desk.register(name, email=email).result == "done"
        desk.service.logs("phase=register", len(costs) + 1)
        line = [line for line in desk.service.log().splitlines() if "phase=register" in line][-1]
        costs.append(int(re.search(r"requests=(\d+)", line).group(1)))
    assert max(costs) - min(costs) <= 4, costs


def test_w55_one_wins(make_desk):
    desk = make_desk("open")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _n: desk.register().result, range(8)))
        assert sorted(results) == ["done"] + 7 * ["taken"]
        results = list(pool.map(
            lambda n: desk.register(f"user{n}", email="one@example.org").result, range(8)))
    assert results.count("done") == 1
    assert desk.query("SELECT count(*) FROM users") == [(2,)]


def test_w58_a_click_alone_confirms_nothing(make_desk):
    desk = make_desk("email")
    assert desk.register(email="Victim@Example.org").result == "done"
    token = desk.token("Victim@example.org")
    reply = desk.check(token)
    assert reply.result == "done" and reply.text(frames.USER) == "alice"
    assert desk.sign_in().result == "refused"
    assert desk.verify(token, "what the victim guesses").result == "refused"
    assert desk.show()["status"] == "pending_email"
    desk.service.logs("event=signin_fail")


def test_w57_tokens(make_desk):
    desk = make_desk("email")
    assert desk.register(email="alice@example.org").result == "done"
    token = desk.token("alice@example.org")
    for other in ("A" * 48, token[:-1], token + "A", token[:-1] + ("A" if token[-1] != "A" else "B"),
                  "", "../../etc/passwd", "x" * 500):
        assert desk.check(other).result == "gone", other
        assert desk.verify(other).result == "gone", other
    assert desk.check(token, "reset").result == "gone"
    assert desk.reset(token).result == "gone"
    assert desk.check(token).result == "done"
    reply = desk.verify(token)
    assert reply.result == "done" and reply.text(frames.USER) == "alice"
    assert desk.session_is(reply.session) == "done"
    record = desk.show()
    assert record["status"] == "active" and record["email_verified"] == 1
    assert desk.verify(token).result == "gone"
    # the secret is nowhere: a digest stands in its place
    desk.service.stop()
    data = b"".join(path.read_bytes() for path in desk.service.folder.glob("users.db*"))
    assert token.encode() not in data and token not in desk.service.log()


def test_w57_tokens_end(make_desk):
    desk = make_desk("email")
    desk.register(email="alice@example.org")
    token = desk.token("alice@example.org")
    (until,), = desk.query("SELECT expires_at FROM state WHERE id LIKE 'token#%'")
    assert abs(until - time.time() - 24 * 3600) < 120
    desk.query("UPDATE state SET expires_at = ? WHERE id LIKE 'token#%'", int(time.time()) - 1)
    assert desk.check(token).result == "gone"
    assert desk.verify(token).result == "gone"


def test_w57_five_wrong_passwords_end_a_token(make_desk):
    desk = make_desk("email")
    desk.register(email="alice@example.org")
    token = desk.token("alice@example.org")
    results = {desk.verify(token, "wrong wrong wrong").result for _n in range(5)}
    assert results == {"refused"}
    assert desk.verify(token).result in ("gone", "later")
    assert desk.check(token).result == "gone"


def test_w59_invitations(make_desk):
    desk = make_desk("invite")
    secret = desk.service.command("invite", "create", "--uses", "2").split("/invite/")[1][:48]
    assert desk.check(secret, "invite").result == "done"
    assert desk.register("bob").fields[frames.FIELD] == b"invite"
    assert desk.register("bob", invite="A" * 48).fields[frames.TEXT] == b"invite"
    assert desk.register("postmaster", invite=secret).result == "taken"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: desk.register(f"user{n}", invite=secret).result,
                                range(8)))
    assert sorted(results) == 2 * ["done"] + 6 * ["invalid"]
    assert desk.check(secret, "invite").result == "gone"
    assert desk.query("SELECT count(*) FROM users") == [(2,)]


@pytest.mark.parametrize("email", ["-oQx@example.org", "a@b,c@d", "a@example.org\r\nBcc: x@y.org",
                                   "a b@example.org", "a", "a@localhost", "\"a\"@example.org",
                                   "x" * 300 + "@example.org"])
def test_w60_no_address_reaches_headers_or_options(make_desk, email):
    desk = make_desk("email")
    reply = desk.register(email=email)
    assert reply.result == "invalid" and reply.fields[frames.FIELD] == b"email"
    assert desk.mails() == [] and desk.show() is None


def test_w60_mails_hold_nothing_that_was_typed(make_desk):
    desk = make_desk("email")
    marker = "Buyourwatches"
    pairs = {"given_name": marker, "family_name": "spam.example now"}
    assert desk.register("spammer-name", email="victim@example.org", pairs=pairs).result == "done"
    [(to, text)] = desk.mails()
    assert to == "victim@example.org"
    assert marker not in text and "spam" not in text
    head, _body = text.split("\n\n", 1)
    names = re.findall(r"^([A-Za-z-]+): ", head, re.M)
    assert names == ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
                     "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    assert "Auto-Submitted: auto-generated" in head


def test_w61_waiting_is_bounded_and_ends(make_desk, stopped):
    stopped.set("registration", pending_max=2)
    desk = make_desk("email")
    for name in ("alice", "bob"):
        assert desk.register(name, email=f"{name}@example.org").result == "done"
    assert desk.register("carol", email="carol@example.org").result == "full"
    day = 25 * 3600
    desk.query("UPDATE users SET created_at = created_at - ?, updated_at = updated_at - ?, "
               "version = version + 1 WHERE username = 'alice'", day, day)
    (entries,), = desk.query("SELECT entries FROM state WHERE id = 'waiting'")
    desk.query("UPDATE state SET entries = ?, version = version + 1 WHERE id = 'waiting'",
               re.sub(r'"alice \d+"', '"alice 1700000000"', entries))
    assert desk.register("carol", email="alice@example.org").result == "done"
    assert desk.show("alice") is None and desk.show("carol")["status"] == "pending_email"


def test_w32_limits(make_desk):
    desk = make_desk("open")
    results = [desk.ask(frames.WEB_REGISTER, {
        frames.USER: f"user{n}", frames.PASSWORD: PASSWORD, frames.NETWORK: "2001:db8::%x" % n,
        frames.PAIRS: frames.write_pairs({"given_name": "A"})}).result for n in range(6)]
    assert results == 5 * ["done"] + ["later"]  # one /64
    results = [desk.ask(frames.WEB_TOKEN_CHECK, {
        frames.TOKEN: "A" * 48, frames.KIND: "reset", frames.NETWORK: "192.0.2.9"})
        for n in range(21)]
    assert [reply.result for reply in results] == 20 * ["gone"] + ["later"]
    assert results[-1].number(frames.RETRY_S) > 0


def test_approval_by_the_command(make_desk):
    desk = make_desk("approval")
    assert desk.register(email="alice@example.org").result == "done"
    assert desk.sign_in().result == "refused"
    assert "alice" in desk.service.command("pending", "list")
    desk.service.command("pending", "approve", "alice")
    assert desk.sign_in().result == "done"
    assert desk.service.authenticate().verdict != "success"
    desk.service.command("grant", "alice", "*")
    assert desk.service.authenticate().verdict == "success"
    assert [to for to, _text in desk.mails()] == ["alice@example.org"]


def test_email_and_approval(make_desk):
    desk = make_desk("email+approval")
    desk.register(email="alice@example.org")
    reply = desk.verify(desk.token("alice@example.org"))
    assert reply.result == "done" and reply.text(frames.STATE) == "pending_approval"
    assert reply.session is None and desk.sign_in().result == "refused"
    assert "pending_approval" in desk.service.command("pending", "list")


@pytest.fixture
def member(make_desk):
    """alice has an account with a confirmed address."""
    desk = make_desk("email")
    assert desk.register(email="alice@example.org").result == "done"
    desk.member = desk.verify(desk.token("alice@example.org")).session
    assert desk.member is not None
    return desk


def test_reset(member):
    assert member.ask_reset("alice").result == "done"
    token = member.token("alice@example.org")
    assert member.sign_in().result == "done"  # nothing has changed
    assert member.session_is(member.member) == "done"
    reply = member.check(token, "reset")
    assert reply.result == "done" and reply.text(frames.USER) == "alice"
    reply = member.reset(token, "short")
    assert reply.result == "invalid" and reply.fields[frames.TEXT] == b"too-short"
    reply = member.reset(token)
    assert reply.result == "done" and reply.session is None
    assert member.session_is(member.member) == "no-session"  # W-14
    assert member.sign_in().result == "refused"
    assert member.sign_in(password=NEW).result == "done"
    assert member.reset(token, PASSWORD).result == "gone"
    [(to, text)] = member.mails()
    assert to == "alice@example.org" and "was changed on" in text
    member.service.logs("event=reset_requested")
    member.service.logs("event=reset_done")


def test_reset_by_address_voids_the_older_link(member):
    member.ask_reset("alice")
    first = member.token("alice@example.org")
    member.ask_reset("ALICE@Example.org")
    second = member.token("alice@example.org")
    assert member.reset(first).result == "gone"
    assert member.reset(second).result == "done"


def test_w14_links_of_a_disabled_account_do_nothing(member):
    member.ask_reset("alice")
    reset = member.token("alice@example.org")
    member.change_email(member.member, "new@example.org")
    email = TOKEN.search(dict(member.mails())["new@example.org"]).group(1)
    member.service.command("disable", "alice")
    assert member.reset(reset).result == "gone"
    assert member.verify(email).result == "gone"
    record = member.show()
    assert record["status"] == "disabled" and record["email"] == "alice@example.org"


def test_reset_tells_nothing(member):
    """The same answer and a file in the spool, whoever was asked for."""
    member.service.add("noaddr")
    member.service.add("unconfirmed", "--email", "u@example.org")
    answers = [strip(member.ask_reset(who)) for who in (
        "alice", "nobody-there", "noaddr", "unconfirmed", "u@example.org", "x@example.org",
        "postmaster", "' OR 1=1", "a\x1b[2J")]
    assert answers == len(answers) * [answers[0]]
    mails = member.mails()
    assert sorted(to for to, _text in mails) == 8 * [""] + ["alice@example.org"]
    # the blanks are as long as a mail
    lengths = {len(text) for _to, text in mails}
    assert max(lengths) - min(lengths) < 20


def test_w33_reset_ends_the_cap(member):
    member.query("INSERT INTO state (id, version, expires_at, count, window_start) VALUES "
                 "('cap#alice', 1, ?, 100, ?)", int(time.time()) + 9999, int(time.time()))
    assert member.sign_in().result == "refused"
    member.ask_reset("alice")
    assert member.reset(member.token("alice@example.org")).result == "done"
    assert member.sign_in(password=NEW).result == "done"


def test_reset_three_times_an_hour(member):
    for _n in range(5):
        assert member.ask_reset("alice").result == "done"
    assert [to for to, _text in member.mails()].count("alice@example.org") == 3


def test_reset_link_of_the_command(member):
    text = member.service.command("reset-link", "alice")
    assert member.reset(TOKEN.search(text).group(1)).result == "done"
    assert member.sign_in(password=NEW).result == "done"


def test_another_address(member):
    assert member.change_email(member.member, "new@example.org", "wrong").result == "refused"
    assert member.change_email(member.member, "no address").result == "invalid"
    assert member.change_email(member.member, "New@B\u00fccher.example").result == "done"
    mails = dict(member.mails())
    assert set(mails) == {"New@xn--bcher-kva.example", "alice@example.org"}
    assert TOKEN.search(mails["alice@example.org"]) is None
    token = TOKEN.search(mails["New@xn--bcher-kva.example"]).group(1)
    assert member.show()["email"] == "alice@example.org"
    shown = member.ask(frames.WEB_PROFILE_GET, {frames.SESSION: member.member})
    assert shown.text(frames.PENDING) == "New@B\u00fccher.example"
    assert shown.text(frames.EMAIL) == "alice@example.org"
    assert member.verify(token, "wrong wrong wrong").result == "refused"
    assert member.verify(token).result == "done"
    record = member.show()
    assert record["email"] == "New@B\u00fccher.example" and record["email_verified"] == 1
    assert member.register("bob", email="alice@example.org").result == "done"
    assert member.show("bob") is not None  # the old address is free


def test_an_address_of_somebody_else(member):
    member.service.add("bob", "--email", "bob@example.org")
    assert member.change_email(member.member, "bob@example.org").result == "done"
    mails = dict(member.mails())
    assert TOKEN.search(mails["bob@example.org"]) is None
    assert member.show()["email"] == "alice@example.org"


def test_a_new_password_drops_the_address_that_waits(member):
    member.change_email(member.member, "new@example.org")
    token = TOKEN.search(dict(member.mails())["new@example.org"]).group(1)
    reply = member.ask(frames.WEB_PASSWORD, {
        frames.SESSION: member.member, frames.PASSWORD: PASSWORD, frames.NEW_PASSWORD: NEW})
    assert reply.result == "done"
    assert member.verify(token, NEW).result == "gone"
    [(to, text)] = member.mails()
    assert to == "alice@example.org" and "was changed on" in text


def test_resend(member):
    session = member.member
    assert member.ask(frames.WEB_RESEND, {frames.SESSION: session}).result == "done"
    assert member.mails() == []
    member.change_email(session, "new@example.org")
    first = TOKEN.search(dict(member.mails())["new@example.org"]).group(1)
    member.query("DELETE FROM state WHERE id LIKE 'rate#mail#%'")
    assert member.ask(frames.WEB_RESEND, {frames.SESSION: session}).result == "done"
    second = member.token("new@example.org")
    assert member.verify(first).result == "gone"
    assert member.verify(second).result == "done"
    assert member.show()["email"] == "new@example.org"
    assert member.ask(frames.WEB_RESEND, {}).result == "no-session"


def test_w70_an_outage_saves_nothing(make_desk):
    desk = make_desk("open")
    path = pathlib.Path(desk.service.database)
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    reply = desk.register()
    assert reply.result in ("unavailable", "fault")
