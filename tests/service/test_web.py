# SPDX-License-Identifier: BSD-2-Clause
"""What the self-service page asks: as the user of [web] user, and as everybody else."""
import concurrent.futures
import contextlib
import re
import sqlite3
import time

import pytest

import frames
from conftest import PASSWORD, as_uid

DAEMON, BIN = 1, 2  # of every Debian's passwd file
NEW = "another long enough sentence"
HERE, THERE = "192.0.2.7", "198.51.100.9"


class Page:
    """The page's questions; each from a process of its uid."""

    def __init__(self, service, uid=DAEMON):
        self.service, self.uid = service, uid

    def ask(self, operation, fields):
        return as_uid(self.uid, frames.ask_web, self.service.login, operation, fields)

    def sign_in(self, user="alice", password=PASSWORD, network=HERE):
        return self.ask(frames.WEB_SIGN_IN, {
            frames.USER: user, frames.PASSWORD: password, frames.NETWORK: network,
            frames.AGENT: "firefox", frames.PAGE_REQUEST: "0123456789abcdef"})

    def session(self, **more):
        reply = self.sign_in(**more)
        assert reply.result == "done", reply
        return reply.session

    def check(self, session):
        return self.ask(frames.WEB_SESSION_CHECK, {frames.SESSION: session}).result

    def profile(self, session):
        return self.ask(frames.WEB_PROFILE_GET, {frames.SESSION: session})

    def change(self, session, new=NEW, password=PASSWORD):
        return self.ask(frames.WEB_PASSWORD, {
            frames.SESSION: session, frames.PASSWORD: password, frames.NEW_PASSWORD: new,
            frames.NETWORK: HERE})

    def edit(self, session, version, **pairs):
        return self.ask(frames.WEB_PROFILE_SET, {
            frames.SESSION: session, frames.FORM_VERSION: version,
            frames.PAIRS: frames.write_pairs(pairs)})


@pytest.fixture
def page(stopped):
    """daemon is the page; alice has no host and no uid."""
    stopped.set("web", user="daemon")
    stopped.add("alice")
    stopped.start()
    return Page(stopped)


def rows(service, sql, *arguments):
    with contextlib.closing(sqlite3.connect(service.database)) as database:
        result = database.execute(sql, arguments).fetchall()
        database.commit()
    return result


def count(service, item):
    found = rows(service, "SELECT count FROM state WHERE id = ?", item)
    return found[0][0] or 0 if found else 0


def test_nobody_else_may_ask(page):
    """Not root either; and without [web] user nobody."""
    for uid in (0, BIN, 65534):
        for operation in range(frames.WEB_INFO, frames.WEB_RESEND + 1):
            if operation in (frames.WEB_INFO, frames.WEB_SIGN_IN, frames.WEB_SESSION_CHECK,
                             frames.WEB_SESSION_END, frames.WEB_END_OTHERS,
                             frames.WEB_PROFILE_GET, frames.WEB_PROFILE_SET,
                             frames.WEB_PASSWORD, frames.WEB_CLOSE):
                other = Page(page.service, uid)
                assert other.ask(operation, {frames.USER: "alice",
                                             frames.PASSWORD: PASSWORD}).result == "refused"
    page.service.logs("event=authz_fail")
    page.service.stop()
    page.service.set("web", user="")
    page.service.start()
    assert page.sign_in().result == "refused"


def test_the_page_is_no_pam_host(page):
    """It may ask about nobody as a host does."""
    answer = as_uid(DAEMON, page.service.authenticate)
    assert answer.verdict == "forbidden"


def test_a_page_that_is_nobody_is_told(stopped):
    stopped.set("web", user="gone")
    status, text = stopped.run("-t")
    assert status == 0 and "warning: [web] user: gone is not in the passwd file" in text
    stopped.set("web", user="root")
    status, text = stopped.run("-t")
    assert status != 0 and "must not run as root" in text


def test_the_forms(page):
    reply = page.ask(frames.WEB_INFO, {})
    assert reply.result == "done" and reply.text(frames.MODE) == "off"
    assert reply.number(frames.NUMBER) == 15
    table = [line.split("\t") for line in reply.text(frames.FIELDS).splitlines()]
    assert [row[0] for row in table] == ["given_name", "family_name", "organization"]
    assert table[0][1:5] == ["Given name", "text", "required,editable,register", "64"]
    assert all(len(row) == 6 for row in table)


def test_w11_secrets_are_new_and_stored_hashed(page):
    """32 bytes, another one each time, and nowhere in the store."""
    first, second = page.session(), page.session()
    changed = page.change(second).session
    assert len({first, second, changed}) == 3 and all(len(each) == 32
                                                      for each in (first, second, changed))
    page.service.stop()
    data = b"".join(path.read_bytes() for path in page.service.folder.glob("users.db*"))
    for secret in (first, second, changed):
        assert secret not in data and secret.hex().encode() not in data
    assert PASSWORD not in page.service.log() and NEW not in page.service.log()
    assert changed.hex() not in page.service.log()


def age(service, seconds, column):
    rows(service, f"UPDATE state SET {column} = {column} - ?, version = version + 1 "
                  "WHERE id LIKE 'session#%'", seconds)


def test_w12_sessions_end_by_the_clock(page):
    session = page.session()
    age(page.service, 890, "seen_at")
    assert page.check(session) == "done"  # and notes the use
    seen, = rows(page.service, "SELECT seen_at FROM state WHERE id LIKE 'session#%'")[0]
    assert abs(seen - time.time()) < 120
    age(page.service, 901, "seen_at")
    assert page.check(session) == "no-session"
    session = page.session()
    age(page.service, 8 * 3600 + 1, "at")
    assert page.check(session) == "no-session"
    page.service.logs("event=session_expired")


def test_w13_signing_out_removes_the_session(page):
    session, other = page.session(), page.session()
    assert page.ask(frames.WEB_SESSION_END, {frames.SESSION: session}).result == "done"
    assert page.check(session) == "no-session" and page.check(other) == "done"
    assert page.ask(frames.WEB_SESSION_END, {frames.SESSION: session}).result == "no-session"
    page.service.logs("event=signout")


def disable(page, _session):
    page.service.command("disable", "alice")


def close(page, session):
    reply = page.ask(frames.WEB_CLOSE, {frames.SESSION: session, frames.PASSWORD: PASSWORD,
                                        frames.NETWORK: HERE})
    assert reply.result == "done", reply


def set_password(page, session):
    assert page.change(session).result == "done"


def set_password_by_command(page, _session):
    page.service.command("passwd", "alice", "--password-stdin", stdin=NEW + "\n")


def sign_out_others(page, session):
    reply = page.ask(frames.WEB_END_OTHERS, {frames.SESSION: session})
    assert reply.result == "done" and page.check(reply.session) == "done"


@pytest.mark.parametrize("end", [disable, close, set_password, set_password_by_command,
                                 sign_out_others])
def test_w14_other_sessions_end(page, end):
    first, second = page.session(), page.session()
    end(page, first)
    assert page.check(first) == "no-session" and page.check(second) == "no-session"


def test_ten_sessions(page):
    sessions = [page.session() for _ in range(12)]
    assert [page.check(each) for each in sessions] == ["no-session"] * 2 + ["done"] * 10
    assert page.profile(sessions[-1]).number(frames.SESSIONS) == 9


def test_w30_an_old_hash_is_renewed(page):
    page.service.stop()
    page.service.set("password", memory_kib=16384)
    page.service.start()
    assert page.sign_in().result == "done"
    page.service.logs("phase=rehash")
    assert "m=16384" in rows(page.service, "SELECT password FROM users")[0][0]


def test_w31_one_answer_for_all_who_may_not(page):
    """Unknown, wrong, disabled, closed, waiting, no name at all: the same bytes."""
    for name in ("dora", "chloe", "wanda", "ella"):
        page.service.add(name)
    page.service.command("disable", "dora")
    rows(page.service, "UPDATE users SET status = 'closed' WHERE username = 'chloe'")
    rows(page.service, "UPDATE users SET status = 'pending_email' WHERE username = 'wanda'")
    rows(page.service, "UPDATE users SET account_expires_at = 5 WHERE username = 'ella'")
    answers = [page.sign_in(name).fields for name in ("dora", "chloe", "wanda", "ella", "nobody1",
                                                      "Not A Name")]
    answers.append(page.sign_in("alice", "wrong").fields)
    assert answers == [{frames.RESULT: b"\0"}] * 7
    log = page.service.log()
    for reason in ("disabled", "closed", "pending", "account-expired", "unknown-user",
                   "wrong-password"):
        assert f"reason={reason} " in log
    assert "Not" not in log and "event=signin_fail" in log


def test_w32_delays_grow(page):
    """Five are free; then 30 seconds, and twice as long each time."""
    for _ in range(5):
        assert page.sign_in(password="wrong").result == "refused"
    for wait in (30, 60, 120, 240, 480, 900, 900):
        reply = page.sign_in()
        assert reply.result == "later" and wait - 25 < reply.number(frames.RETRY_S) <= wait
        rows(page.service, "UPDATE state SET locked_until = 1, version = version + 1 "
                           "WHERE id = 'webfail#alice'")
        assert page.sign_in(password="wrong").result == "refused"
    # the same for a name that nobody has
    for _ in range(5):
        assert page.sign_in("nobody1", network=THERE).result == "refused"
    assert page.sign_in("nobody1", network=THERE).result == "later"
    page.service.logs("event=signin_throttled")


def test_w32_a_good_one_clears(page):
    for _ in range(3):
        for _ in range(4):
            assert page.sign_in(password="wrong").result == "refused"
        assert page.sign_in().result == "done"
    assert count(page.service, "webfail#alice") == 0
    assert count(page.service, f"webnet#{HERE}") == 12


def test_w32_networks(page):
    """30 wrong ones in ten minutes, whatever the names."""
    for number in range(30):
        assert page.sign_in(f"nobody{number}").result == "refused"
    reply = page.sign_in()
    assert reply.result == "later" and 500 < reply.number(frames.RETRY_S) <= 600
    assert page.sign_in(network="::ffff:" + HERE).result == "later"
    assert page.sign_in(network=THERE).result == "done"


def many_sign_ins(service, tries):
    page = Page(service)

    def one(_):
        return frames.ask_web(service.login, frames.WEB_SIGN_IN, {
            frames.USER: "alice", frames.PASSWORD: "wrong", frames.NETWORK: HERE}, 60).result

    assert page
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(tries)))


def test_w32_side_by_side(page):
    """Guesses at once are verified no more often than one after the other."""
    results = as_uid(DAEMON, many_sign_ins, page.service, 60)
    assert results.count("refused") == 5
    assert set(results) == {"refused", "later"}
    assert count(page.service, "webfail#alice") == 5


def free_locks(service):
    rows(service, "DELETE FROM state WHERE id LIKE 'fail#%' OR id LIKE 'webfail#%' "
                  "OR id LIKE 'webnet#%'")


@pytest.mark.parametrize("words", [("unlock", "alice"), ("passwd", "alice", "--password-stdin")],
                         ids=["unlock", "passwd"])
def test_w33_the_cap_counts_both_channels(stopped, words):
    stopped.set("web", user="daemon")
    stopped.set("login", max_failures=1000)
    stopped.add("alice", "--hosts", "*")
    stopped.start()
    page = Page(stopped)
    for number in range(60):
        if number % 5 == 0:
            free_locks(stopped)
        assert page.sign_in(password="wrong").result == "refused"
    for _ in range(39):
        assert stopped.authenticate(password="wrong").verdict == "deny"
    wait_for_count(stopped, 99)
    assert stopped.authenticate().verdict == "success"
    wait_for_count(stopped, 0)
    rows(stopped, "INSERT INTO state (id, version, expires_at, count, window_start) "
                  "VALUES ('cap#alice', 1, 4000000000, 99, ?)", int(time.time()))
    free_locks(stopped)
    assert stopped.authenticate(password="wrong").verdict == "deny"
    wait_for_count(stopped, 100)
    free_locks(stopped)
    assert stopped.authenticate().verdict == "deny"
    assert page.sign_in().result == "refused"
    stopped.logs("reason=capped")
    stopped.logs("event=password_disabled_cap")
    # an administrator's word
    stopped.command(*words, stdin=PASSWORD + "\n")
    assert stopped.authenticate().verdict == "success"
    assert page.sign_in().result == "done"


def wait_for_count(service, expected):
    end = time.monotonic() + 15
    while count(service, "cap#alice") != expected:
        assert time.monotonic() < end, count(service, "cap#alice")
        time.sleep(0.02)


def test_w34_the_page_locks_nobody_out_of_hosts(stopped):
    stopped.set("web", user="daemon")
    stopped.add("alice", "--hosts", "*")
    stopped.start()
    page = Page(stopped)
    for _ in range(50):
        page.sign_in(password="wrong")
        rows(stopped, "DELETE FROM state WHERE id LIKE 'webnet#%' OR id LIKE 'webfail#%'")
    assert stopped.authenticate().verdict == "success"


def test_w35_no_check_without_a_counter(page):
    """A store that cannot be written: nothing is verified, and the answer is to come again."""
    with page.service.writes_blocked():
        reply = page.sign_in()
    assert reply.result == "unavailable" and reply.number(frames.RETRY_S) == 30
    page.service.logs("event=backend_error")


def test_w39_a_change_needs_the_current_password(page):
    session = page.session()
    for _ in range(4):
        assert page.change(session, password="wrong").result == "refused"
    assert page.check(session) == "done"
    assert page.change(session, password="wrong").result == "no-session"
    assert page.check(session) == "no-session"
    page.service.logs("event=session_ended")
    session = page.session()
    reply = page.change(session)
    assert reply.result == "done" and page.check(reply.session) == "done"
    assert page.sign_in().result == "refused"
    assert page.sign_in(password=NEW).result == "done"
    page.service.logs("event=password_changed")


def test_rules_for_new_passwords(page):
    session = page.session()
    for new, text in (("short", "too-short"), ("a" * 129, "too-long"), (PASSWORD, "same"),
                      ("alicealicealice", "own-word")):
        reply = page.change(session, new=new)
        assert (reply.result, reply.text(frames.FIELD), reply.text(frames.TEXT)) == (
            "invalid", "password", text)
    assert page.change(session, new="short").number(frames.NUMBER) == 15
    assert page.check(session) == "done"  # none of them was a wrong password
    assert page.change(session).result == "done"


def test_a_profile(page):
    session = page.session()
    reply = page.profile(session)
    assert (reply.result, reply.text(frames.USER), reply.text(frames.STATE)) == (
        "done", "alice", "active")
    assert frames.HOSTS not in reply.fields and reply.number(frames.SESSIONS) == 0
    version = reply.number(frames.FORM_VERSION)
    page.sign_in(password="wrong")
    assert page.edit(session, version, given_name="Alice", family_name="Lid").result == "done"
    reply = page.profile(session)
    assert reply.pairs() == {"given_name": "Alice", "family_name": "Lid"}
    assert reply.number(frames.FORM_VERSION) == version + 1
    assert re.fullmatch(r"[0-9]+ 192\.0\.2\.7", reply.text(frames.LAST))
    assert rows(page.service, "SELECT full_name FROM users")[0][0] == "Alice Lid"
    # made from a form that is not the newest
    assert page.edit(session, version, given_name="Bob").result == "conflict"
    reply = page.edit(session, version + 1, given_name="")
    assert (reply.result, reply.text(frames.FIELD), reply.text(frames.TEXT)) == (
        "invalid", "given_name", "missing")
    page.service.logs("event=profile_changed")


def test_w53_no_other_field_can_be_set(page):
    session = page.session()
    before = rows(page.service, "SELECT hosts, uid, gid, shell, home, groups, status, epoch, "
                                "email, password FROM users")
    version = page.profile(session).number(frames.FORM_VERSION)
    reply = page.edit(session, version, given_name="Alice", hosts="*", uid="0", gid="0",
                      shell="/bin/bash", home="/", groups="sudo", status="active", epoch="9",
                      email="a@example.org", password="x", username="bob", host_access="all",
                      reason="none")
    assert reply.result == "done"
    assert page.profile(session).pairs() == {"given_name": "Alice"}
    assert rows(page.service, "SELECT hosts, uid, gid, shell, home, groups, status, epoch, email, "
                              "password FROM users") == before
    assert rows(page.service, "SELECT profile FROM users")[0][0] == '{"given_name":"Alice"}'


def test_a_closed_account(page):
    session = page.session()
    reply = page.ask(frames.WEB_CLOSE, {frames.SESSION: session, frames.PASSWORD: "wrong"})
    assert reply.result == "refused" and page.check(session) == "done"
    close(page, session)
    assert page.sign_in().result == "refused"
    assert rows(page.service, "SELECT status FROM users")[0][0] == "closed"
    page.service.logs("event=account_closed")


def test_malformed_questions(page):
    session = page.session()
    assert page.ask(frames.WEB_SIGN_IN, {frames.USER: "alice"}).result == "fault"
    for secret in (b"", b"x", bytes(31), bytes(33), bytes(32)):
        assert page.check(secret) == "no-session"
    for pairs in (b"\x05a", b"\0\0\0", b"\x01a\0\x05x", b"\x01a\0\x01\0", b"\x01a\0\0" * 2):
        reply = page.ask(frames.WEB_PROFILE_SET, {
            frames.SESSION: session, frames.FORM_VERSION: 1, frames.PAIRS: pairs})
        assert reply.result == "fault", pairs
    assert page.ask(frames.WEB_SIGN_IN, {
        frames.USER: "alice", frames.PASSWORD: PASSWORD, frames.NETWORK: "not an address"
    }).result == "fault"
