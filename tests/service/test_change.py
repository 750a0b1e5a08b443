# SPDX-License-Identifier: BSD-2-Clause
"""Changing a password through the service: by its owner, and by root where root may reset."""
import concurrent.futures
import os
import subprocess
import time

import pytest

import frames
from conftest import BUILD, PASSWORD, as_uid

NEW = "another long enough sentence"
THIRD = "a third one for the winter"
NOBODY = 65534


def ask(service, operation, old, new=None, user="alice"):
    fields = {frames.USER: user, frames.SERVICE: "passwd"}
    if old is not None:
        fields[frames.PASSWORD] = old
    if new is not None:
        fields[frames.NEW_PASSWORD] = new
    return frames.ask(service.login, operation, fields)


def check(service, old, user="alice"):
    return ask(service, frames.CHANGE_CHECK, old, user=user)


def change(service, old, new, user="alice"):
    return ask(service, frames.CHANGE, old, new, user)


@pytest.fixture
def resetting(stopped):
    stopped.set("password", root_may_reset="yes")
    stopped.alice_uid = stopped.add("alice", "--hosts", "*")
    stopped.start()
    return stopped


def test_the_owner_changes_it(service):
    assert as_uid(service.alice_uid, check, service, PASSWORD).verdict == "success"
    assert as_uid(service.alice_uid, change, service, PASSWORD, NEW).verdict == "success"
    assert service.authenticate().verdict == "deny"
    assert service.authenticate(password=NEW).verdict == "success"


def test_a_wrong_old_one_counts_and_locks(service):
    service.set("login", max_failures=2)
    service.stop()
    service.start()
    assert check(service, "wrong").reason == "wrong-password"
    assert change(service, "wrong", NEW).reason == "wrong-password"
    answer = change(service, PASSWORD, NEW)
    assert (answer.verdict, answer.reason, answer.text(frames.MESSAGE)) == ("deny", "locked", None)
    service.command("unlock", "alice")
    assert service.authenticate().verdict == "success"


def test_who_may_not_log_in_may_not_change(service):
    service.command("disable", "alice")
    answer = change(service, PASSWORD, NEW)
    assert (answer.verdict, answer.text(frames.MESSAGE)) == ("expired", "The account is disabled.")
    service.command("enable", "alice")
    service.command("set", "alice", "services=sshd")
    assert change(service, PASSWORD, NEW).reason == "service-not-allowed"
    service.command("set", "alice", "services=sshd,pass*")
    assert change(service, PASSWORD, NEW).verdict == "success"


def test_a_refused_one_says_why(service):
    answer = change(service, PASSWORD, "short")
    assert answer.verdict == "refused" and answer.text(frames.MESSAGE)
    assert service.authenticate().verdict == "success"


def test_the_account_step_after_a_change_sees_it(service):
    """Whatever ticket the login still holds."""
    service.command("passwd", "alice", "--must-change", "--password-stdin", stdin=PASSWORD + "\n")
    login = service.authenticate()
    assert login.verdict == "success" and login.ticket
    assert change(service, PASSWORD, NEW).verdict == "success"
    answer = service.account(ticket=login.ticket)
    assert (answer.verdict, answer.requests) == ("success", 1)


def test_many_at_once_are_one(service):
    """One wins; the others had the wrong old password by then, or are told to try again."""
    passwords = [f"{NEW} number {number}" for number in range(6)]
    with concurrent.futures.ThreadPoolExecutor(len(passwords)) as pool:
        answers = list(pool.map(lambda new: change(service, PASSWORD, new), passwords))
    winners = [new for new, answer in zip(passwords, answers) if answer.verdict == "success"]
    assert len(winners) == 1
    assert {answer.verdict for answer in answers} <= {"success", "deny", "try-again"}
    assert [service.authenticate(password=new).verdict == "success" for new in passwords] == [
        new in winners for new in passwords]
    assert service.authenticate().verdict == "deny"


def test_a_warning_comes_with_success(stopped):
    stopped.add("alice", "--hosts", "*")
    stopped.set("password", max_age_days=10, warn_age_days=12)
    stopped.start()
    login = stopped.authenticate()
    for ticket in (login.ticket, None):
        answer = stopped.account(ticket=ticket)
        assert answer.verdict == "success"
        assert answer.text(frames.MESSAGE) in ("Your password expires in 10 days.",
                                               "Your password expires in 9 days.")
    assert login.text(frames.MESSAGE) is None


def test_root_does_not_reset_by_default(service):
    for answer in (check(service, None), change(service, None, NEW)):
        assert (answer.verdict, answer.reason) == ("deny", "not-allowed")
    assert service.authenticate().verdict == "success"


def test_root_resets_where_it_may(resetting):
    assert check(resetting, None).verdict == "success"
    assert resetting.authenticate().verdict == "success"
    answer = change(resetting, None, NEW)
    assert (answer.verdict, answer.reason) == ("success", "reset-by-root")
    resetting.logs("phase=change verdict=success reason=reset-by-root")
    assert resetting.authenticate().verdict == "deny"
    assert resetting.authenticate(password=NEW).verdict == "success"
    assert change(resetting, None, "short").verdict == "refused"
    assert change(resetting, None, NEW, "nosuch").verdict == "unknown"
    assert change(resetting, None, NEW, "daemon").verdict == "unknown"


def test_nobody_else_resets(resetting):
    resetting.add("bob", "--hosts", "*")
    for uid in (resetting.alice_uid, NOBODY, resetting.uid("bob")):
        assert as_uid(uid, check, resetting, None).verdict in ("deny", "forbidden")
        assert as_uid(uid, change, resetting, None, NEW).verdict in ("deny", "forbidden")
        assert as_uid(uid, change, resetting, "", NEW).verdict in ("deny", "forbidden")
    assert change(resetting, "", NEW).reason == "empty-password"
    assert resetting.authenticate().verdict == "success"


def test_a_reset_ends_a_lock_and_a_demand(resetting):
    resetting.command("passwd", "alice", "--must-change", "--password-stdin", stdin=THIRD + "\n")
    for _ in range(10):
        resetting.authenticate(password="wrong")
    assert resetting.authenticate(password=THIRD).reason == "locked"
    assert change(resetting, None, NEW).verdict == "success"
    end = time.monotonic() + 15
    while resetting.authenticate(password=NEW).verdict != "success":  # after the reply
        assert time.monotonic() < end
        time.sleep(0.1)
    assert resetting.account().verdict == "success"


def test_a_reset_of_a_disabled_account_is_refused(resetting):
    resetting.command("disable", "alice")
    assert check(resetting, None).verdict == "expired"
    assert change(resetting, None, NEW).verdict == "expired"
    resetting.command("enable", "alice")
    assert resetting.authenticate().verdict == "success"


def test_a_reload_takes_it_away(resetting):
    assert check(resetting, None).verdict == "success"
    resetting.set("password", root_may_reset="no")
    resetting.signal(1)
    resetting.logs("configuration reloaded")
    assert check(resetting, None).reason == "not-allowed"


def passwd(service, name, *typed, uid):
    """A program of root's that this user started, as passwd(1) is; what its change says."""
    folder = service.folder / "pam.d"
    folder.mkdir(exist_ok=True)
    (folder / "passwd").write_text(
        f"password required {BUILD}/pam_dynamo.so socket={service.login}\n")
    result = subprocess.run(
        [BUILD / "tests" / "pam_host", "-c", folder, "passwd", name, "passwd"],
        input="".join(line + "\n" for line in typed), text=True, timeout=60, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"PATH": "/usr/bin:/bin"},
        preexec_fn=lambda: os.setresuid(uid, 0, 0))
    return result.stdout.split()[-1]


def test_whoever_starts_a_program_of_roots_is_not_root(resetting):
    """The service sees root there, for whom it would do without the old password."""
    uid = resetting.add("bob", "--hosts", "*")
    for typed in ((NEW,), ("", NEW), ()):
        assert passwd(resetting, "alice", *typed, uid=uid) == "PAM_AUTH_ERR"
        assert passwd(resetting, "bob", *typed, uid=uid) == "PAM_AUTH_ERR"
    assert resetting.authenticate().verdict == "success"
    assert passwd(resetting, "bob", PASSWORD, NEW, uid=uid) == "PAM_SUCCESS"
    assert resetting.authenticate("bob", NEW).verdict == "success"
    assert "reset-by-root" not in resetting.log()
    assert passwd(resetting, "alice", NEW, uid=0) == "PAM_SUCCESS"
    resetting.logs("reset-by-root")
