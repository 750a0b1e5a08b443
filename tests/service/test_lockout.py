# SPDX-License-Identifier: BSD-2-Clause
"""Too many wrong passwords: exactly so many are verified, whoever guesses at once, and what a
locked name is answered is what a wrong password is answered. On each store, through the module and
by frames."""
import collections
import concurrent.futures
import contextlib
import re
import sqlite3
import subprocess
import time

import pytest

import dynamo_login
import frames
from conftest import as_uid
from dynamo_login import PASSWORD, WRONG

DAEMON = 1
MAX = 7
CLIENTS, GUESSES, BY_MODULE = 64, 1000, 20  # every 20th guess is a PAM host's
GOOD = {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}
DENIED = {"auth": "PAM_AUTH_ERR"}
PATIENCE_S = 120


@pytest.fixture
def guessed(host):
    """Deadlines that no crowd reaches, and two names."""
    host.configure(login={"max_failures": MAX, "failure_window_s": 3600, "lockout_s": 3600},
                   service={"deadline_ms": 60000, "workers": 16})
    host.command.add("bob", "--hosts", "*")
    host.start()
    return host


def reasons(host, user, count):
    """How often each reason stands in the audit lines of a name, of which there are so many: a line
    may come after its reply."""
    end = time.monotonic() + PATIENCE_S
    while True:
        found = re.findall(rf"^audit: .* user={user} .* phase=authenticate .* reason=(\S+) ",
                           host.log(), re.MULTILINE)
        if len(found) >= count or time.monotonic() > end:
            return collections.Counter(found)
        time.sleep(0.05)


def guess(host, number):
    """A wrong one; its verdict."""
    wrong = f"{WRONG} {number}"
    if number % BY_MODULE == 0:
        return host.pam("alice", wrong, "auth")[0]["auth"]
    return host.authenticate("alice", wrong, timeout=PATIENCE_S).verdict


def set_fail(host, user, **numbers):
    """Sets numbers of a fail# item, as time would."""
    key = "fail#" + user
    if host.command.engine == "sqlite":
        names = ", ".join(f"{name} = ?" for name in numbers)
        with contextlib.closing(sqlite3.connect(host.command.database)) as database:
            with database:
                assert database.execute(f"UPDATE state SET {names} WHERE id = ?",
                                        (*numbers.values(), key)).rowcount == 1
    else:
        host.put(host.command.state, ("id", key),
                 **{name: {"N": str(value)} for name, value in numbers.items()})


def test_a_crowd_gets_no_guess_more(guessed):
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as crowd:
        answers = collections.Counter(crowd.map(lambda i: guess(guessed, i), range(GUESSES)))
    assert set(answers) <= {"deny", "PAM_AUTH_ERR", "PAM_AUTHINFO_UNAVAIL"}, answers
    found = reasons(guessed, "alice", GUESSES)
    assert found["wrong-password"] == MAX, found
    assert set(found) <= {"wrong-password", "locked", "in-flight", "busy", "deadline"}, found
    user = guessed.command.show("alice")
    assert user["failures"] == MAX and user["locked"]
    # the right one is refused, by both steps, and others are not touched
    assert guessed.pam("alice", PASSWORD)[0] == DENIED
    assert guessed.pam("alice", PASSWORD, "acct")[0] == {"acct": "PAM_PERM_DENIED"}
    assert guessed.pam("bob", PASSWORD)[0] == GOOD
    guessed.command.good("unlock", "alice")
    assert guessed.pam("alice", PASSWORD)[0] == GOOD
    assert reasons(guessed, "alice", GUESSES + 2)["wrong-password"] == MAX


def test_the_lock_ends_by_itself(guessed):
    for _ in range(MAX):
        assert guessed.pam("alice", WRONG)[0] == DENIED
    assert guessed.pam("alice", PASSWORD)[0] == DENIED
    set_fail(guessed, "alice", window_start=1000000000, locked_until=1000003600)
    assert guessed.pam("alice", PASSWORD)[0] == GOOD


def test_the_lock_holds_over_a_restart(guessed):
    for _ in range(MAX):
        guessed.authenticate("alice", WRONG)
    guessed.stop()
    guessed.start()
    assert guessed.pam("alice", PASSWORD)[0] == DENIED


def conversation(host, password):
    """All that a PAM host is told."""
    result = subprocess.run(
        [dynamo_login.HOST, "-c", host.pam_folder, "test", "alice", "auth"], input=password.encode() + b"\n",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    return result.returncode, result.stdout


def reply_to(host, password):
    """What root peers are told, but for the reason and what differs from call to call."""
    fields = dict(host.authenticate("alice", password).fields)
    for mark in (frames.REASON, frames.LATENCY_US, frames.REQUEST_ID):
        fields.pop(mark, None)
    return fields


def test_a_lock_says_what_a_wrong_password_says(guessed):
    wrong = reply_to(guessed, WRONG), conversation(guessed, WRONG)
    for _ in range(MAX - 2):
        guessed.authenticate("alice", WRONG)
    for password in (WRONG, PASSWORD):
        assert (reply_to(guessed, password), conversation(guessed, password)) == wrong
    assert reasons(guessed, "alice", MAX + 4) == {"wrong-password": MAX, "locked": 4}


def raw_reply(path, password):
    with frames.connect(path, PATIENCE_S) as client:
        client.sendall(frames.build(frames.AUTHENTICATE, {
            frames.USER: "alice", frames.PASSWORD: password, frames.SERVICE: "test"}))
        return b"".join(iter(lambda: client.recv(4096), b""))


def test_a_peer_cannot_tell_a_lock(guessed):
    """Whoever may not read the reason gets the same bytes."""
    guessed.configure(service={"trusted_users": "daemon"})
    guessed.stop()
    guessed.start()

    def ask(password):
        return as_uid(DAEMON, raw_reply, guessed.socket, password)

    wrong = ask(WRONG)
    for _ in range(MAX - 1):
        guessed.authenticate("alice", WRONG)
    assert ask(WRONG) == wrong and ask(PASSWORD) == wrong
    assert reasons(guessed, "alice", MAX + 2) == {"wrong-password": MAX, "locked": 2}


def test_what_sshd_sends_for_names_that_it_does_not_know_never_counts(guessed):
    junk = "\b\n\r\177INCORRECT"
    for length in (len(junk), 3 * len(junk) + 5, 511):
        password = (junk * 50)[:length]
        answer = guessed.authenticate("alice", password)
        assert (answer.verdict, answer.reason) == ("deny", "junk-password")
    assert guessed.command.show("alice")["failures"] == 0


# --- Guesses from one network ---------------------------------------------------------------------
SOURCE_MAX = 5
HERE, ALSO_HERE, ELSEWHERE = "192.0.2.7", "::ffff:192.0.2.7", "192.0.2.8"


@pytest.fixture
def sprayed(guessed):
    """The network is locked before any name is."""
    guessed.configure(login={"source_max_failures": SOURCE_MAX})
    guessed.stop()
    guessed.start()
    return guessed


def ask_from(host, rhost, user, password):
    return host.authenticate(user, password, fields={frames.RHOST: rhost}, timeout=PATIENCE_S)


def test_a_network_that_sprays(sprayed):
    """One guess at each of many names, half of which nobody has, many at once."""
    with concurrent.futures.ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(
            lambda i: ask_from(sprayed, HERE, "alice" if i % 2 else f"nobody{i}", f"{WRONG} {i}"),
            range(100)))
    assert {answer.verdict for answer in answers} <= {"deny", "unknown"}
    found = collections.Counter(answer.reason for answer in answers)
    assert found["wrong-password"] <= SOURCE_MAX and found["source-locked"] > 0, found
    assert found["unknown-user"] == 50
    for rhost in (HERE, ALSO_HERE):
        for user, reason in (("alice", "source-locked"), ("bob", "source-locked"),
                             ("nobody-there", "unknown-user")):
            assert ask_from(sprayed, rhost, user, PASSWORD).reason == reason
    assert ask_from(sprayed, ELSEWHERE, "bob", PASSWORD).verdict == "success"
    assert ask_from(sprayed, "client.example.org", "bob", PASSWORD).verdict == "success"
    assert frames.ask(sprayed.socket, frames.ACCOUNT, {
        frames.USER: "bob", frames.SERVICE: "test", frames.RHOST: HERE}).verdict == "success"
    assert "failures are forgotten" in sprayed.command.good("unlock", "--source", ALSO_HERE)
    assert ask_from(sprayed, HERE, "bob", PASSWORD).verdict == "success"


def test_a_locked_network_hears_what_a_wrong_password_hears(sprayed):
    wrong = ask_from(sprayed, HERE, "alice", WRONG)
    for i in range(SOURCE_MAX - 1):
        ask_from(sprayed, HERE, f"nobody{i}", WRONG)
    locked = ask_from(sprayed, HERE, "bob", PASSWORD)
    assert (locked.verdict, locked.reason) == ("deny", "source-locked")
    for answer in (wrong, locked):
        for mark in (frames.REASON, frames.LATENCY_US, frames.REQUEST_ID):
            answer.fields.pop(mark, None)
    assert locked.fields == wrong.fields


def test_networks_are_not_counted_by_default(guessed):
    """Nothing is read, written or asked for it."""
    answers = [ask_from(guessed, HERE, "alice", WRONG), ask_from(guessed, HERE, "nobody-there", WRONG)]
    assert [answer.requests for answer in answers] == [2, 2]
    assert "0 failures" in guessed.command.good("unlock", "--source", HERE)
    guessed.configure(login={"source_max_failures": SOURCE_MAX})
    guessed.stop()
    guessed.start()
    answers = [ask_from(guessed, HERE, "alice", WRONG), ask_from(guessed, HERE, "nobody-there", WRONG)]
    assert [answer.requests for answer in answers] == [3, 3]
    assert ask_from(guessed, HERE, "alice", PASSWORD).requests == 1
    assert "2 failures" in guessed.command.good("unlock", "--source", HERE)
