# SPDX-License-Identifier: BSD-2-Clause
"""What the service answers to a PAM host."""
import os
import re

import pytest

import frames
from conftest import PASSWORD, as_uid

AUDIT = re.compile(r"^audit: host=(\S+) service=(\S+) user=(\S+) rhost=(\S+) tty=(\S+) phase=(\S+) "
                   r"verdict=(\S+) reason=(\S+) source=(\S+) latency_us=(\d+) requests=(\d+) "
                   r"request_id=(\S+) ruser=(\S+) peer=(\d+)/(\d+)$", re.MULTILINE)
NOBODY = 65534


def test_right_password_then_account_costs_one_request(service):
    login = service.authenticate()
    assert (login.verdict, login.reason, login.requests) == ("success", "good", 1)
    account = service.account(ticket=login.ticket)
    assert (account.verdict, account.requests) == ("success", 0)


def test_ticket_serves_once_and_one_name(service):
    service.add("bob", "--hosts", "*")
    login = service.authenticate()
    assert service.account("bob", login.ticket).requests == 1
    assert service.account("alice", login.ticket).requests == 0
    assert service.account("alice", login.ticket).requests == 1


def test_ticket_serves_its_own_process_only(service):
    login = service.authenticate()
    assert as_uid(0, service.account, "alice", login.ticket).requests == 1


@pytest.mark.parametrize("user,password,verdict,reason", [
    ("alice", "wrong", "deny", "wrong-password"),
    ("alice", "", "deny", "empty-password"),
    ("alice", "x" * 513, "deny", "overlong-password"),
    ("nosuch", PASSWORD, "unknown", "unknown-user"),
    ("root", PASSWORD, "unknown", "bad-name"),
    ("Alice", PASSWORD, "unknown", "bad-name"),
    ("", PASSWORD, "unknown", "bad-name"),
    ("daemon", PASSWORD, "unknown", "local-name"),
])
def test_refusals(service, user, password, verdict, reason):
    answer = service.authenticate(user, password)
    assert (answer.verdict, answer.reason) == (verdict, reason)
    assert answer.ticket is None


def test_local_and_bad_names_never_reach_the_store(service):
    assert service.authenticate("daemon").requests == 0
    assert service.authenticate("no such").requests == 0
    assert service.account("daemon").requests == 0


def test_local_names_allow_still_spares_system_users(stopped):
    stopped.set("login", local_names="allow")
    stopped.start()
    answer = stopped.authenticate("daemon")
    assert (answer.verdict, answer.reason, answer.requests) == ("unknown", "low-uid", 0)


def test_account_follows_the_record(service):
    service.command("disable", "alice")
    assert service.account().verdict == "expired"
    assert service.authenticate().verdict == "expired"
    assert service.authenticate(password="wrong").verdict == "deny"


def test_change_needs_a_new_password(service):
    fields = {frames.USER: "alice", frames.PASSWORD: PASSWORD}
    assert frames.ask(service.login, frames.CHANGE_CHECK, fields).verdict == "success"
    assert frames.ask(service.login, frames.CHANGE, fields).verdict == "refused"
    fields[frames.NEW_PASSWORD] = "another long enough sentence"
    assert frames.ask(service.login, frames.CHANGE, fields).verdict == "success"
    assert service.authenticate().verdict == "deny"
    assert service.authenticate(password="another long enough sentence").verdict == "success"


def test_ping(service):
    answer = frames.ask(service.login, frames.PING, {})
    assert answer.verdict == "success"
    assert re.fullmatch(r"pam-dynamod \S+ sqlite", answer.text(frames.INFO))


def test_every_decision_is_one_audit_line(service):
    fields = {frames.RHOST: "a b\n=x", frames.TTY: "ssh", frames.RUSER: "bob"}
    service.authenticate(password="wrong", fields=fields)
    service.logs("audit: ")
    (line,) = AUDIT.findall(service.log())
    assert line[:9] == ("testhost.example", "test", "alice", r"a\x20b\x0a\x3dx", "ssh",
                        "authenticate", "deny", "wrong-password", "online")
    assert line[12:] == ("bob", str(os.geteuid()), str(os.getpid()))
    assert service.log().count("audit: ") == 1


def test_no_secret_in_the_log(service):
    service.set("log", level="debug")
    service.authenticate()
    service.authenticate(password="wrongsecret")
    service.stop()
    assert PASSWORD not in service.log() and "wrongsecret" not in service.log()
    assert "argon2" not in service.log()


def test_failures_clear_after_a_success(service):
    service.authenticate(password="wrong")
    assert service.authenticate().verdict == "success"
    service.stop()
    assert "failures:             0" in service.command("show", "alice")


def test_the_clients_deadline_shortens_ours(service):
    with service.writes_blocked():
        answer = service.authenticate(password="wrong", fields={frames.DEADLINE: 300})
    assert answer.verdict in ("unavailable", "deny")
    assert answer.number(frames.LATENCY_US) < 600_000


def test_a_user_asks_about_itself_alone(service):
    service.add("bob", "--hosts", "*")
    own = as_uid(service.alice_uid, service.authenticate)
    assert own.verdict == "success"
    assert as_uid(service.alice_uid, service.account).verdict == "success"
    for uid, user in ((service.alice_uid, "bob"), (service.alice_uid, "nosuch"),
                      (NOBODY, "alice"), (NOBODY, "nosuch")):
        answer = as_uid(uid, service.authenticate, user)
        assert answer.verdict == "forbidden", (uid, user)
        assert as_uid(uid, service.account, user).verdict == "forbidden"


def test_others_learn_only_the_verdict(service):
    answer = as_uid(service.alice_uid, service.authenticate, password="wrong")
    assert (answer.verdict, answer.reason) == ("deny", "deny")
    assert set(answer.fields) == {frames.VERDICT, frames.REASON}


def test_a_foreign_guess_is_never_counted(service):
    as_uid(NOBODY, service.authenticate, password="wrong")
    service.stop()
    assert "failures:             0" in service.command("show", "alice")


def many(service, count):
    return [service.account().verdict for _ in range(count)]


def test_users_other_than_root_are_slowed(service):
    assert "unavailable" in as_uid(service.alice_uid, many, service, 30)
    assert service.account().verdict == "success"
    assert "unavailable" not in many(service, 40)


def test_a_user_cannot_lower_the_minimum_uid(stopped):
    if os.geteuid() != 0:
        pytest.skip("needs root, to become another user")
    stopped.set("login", local_names="allow")
    stopped.start()
    answer = as_uid(1, stopped.authenticate, "daemon", fields={frames.MINIMUM_UID: 1})
    assert answer.verdict == "unknown"
    stopped.logs("reason=low-uid")
    assert stopped.authenticate("daemon", fields={frames.MINIMUM_UID: 1}).reason == "unknown-user"
