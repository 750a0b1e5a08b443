# SPDX-License-Identifier: BSD-2-Clause
"""The account step alone, as after a login by key: every rule, from the record and the configuration
to the answer."""
import time

import pytest

import frames
from conftest import PASSWORD

GOOD = ("success", "good")
HOST = ("forbidden", "host-not-allowed")
SERVICE = ("forbidden", "service-not-allowed")
FULL = "desk7.lab.example.org"


@pytest.fixture
def desk(stopped):
    """A host with a long name, in two groups."""
    stopped.set("host", name=FULL, groups="lab, desks")
    stopped.add("alice", "--hosts", "*")
    stopped.start()
    return stopped


def answer(host, **more):
    reply = host.account(**more)
    return reply.verdict, reply.reason


@pytest.mark.parametrize("hosts,expected", [
    ("*", GOOD),
    ("desk7", GOOD),
    ("Desk7", GOOD),
    (FULL, GOOD),
    ("desk[0-9]", GOOD),
    ("*.lab.example.org", GOOD),
    ("other,@desks", GOOD),
    ("@lab", GOOD),
    ("desk", HOST),
    ("desk7.lab", HOST),
    ("*.example.com", HOST),
    ("@servers", HOST),
    ("lab", HOST),
    ("", HOST),
])
def test_hosts(desk, hosts, expected):
    desk.command("set", "alice", f"hosts={hosts}")
    assert answer(desk) == expected
    assert (desk.authenticate().verdict, desk.authenticate(password="x").verdict) == (
        expected[0], "deny")


@pytest.mark.parametrize("services,service,expected", [
    ("", "sshd", GOOD),
    ("*", "sshd", GOOD),
    ("sshd,sudo", "sudo", GOOD),
    ("postgres*", "postgresql", GOOD),
    ("sshd", "SSHD", GOOD),
    ("sshd", "login", SERVICE),
    ("sshd", "", SERVICE),
    ("ssh?", "ssh", SERVICE),
])
def test_services(desk, services, service, expected):
    desk.command("set", "alice", f"services={services}")
    assert answer(desk, service=service) == expected


@pytest.mark.parametrize("status,expected", [
    ("disabled", ("expired", "disabled")), ("closed", ("expired", "closed")),
    ("pending_email", ("expired", "pending")), ("pending_approval", ("expired", "pending")),
    ("active", GOOD)])
def test_status(desk, status, expected):
    desk.command("set", "alice", f"status={status}")
    assert answer(desk) == expected
    assert (desk.account().text(frames.MESSAGE) is None) == (expected == GOOD)


def test_expiry_to_the_second(desk):
    """The account ends while we look: good before, expired after, and nothing in between."""
    end = int(time.time()) + 2
    desk.command("set", "alice", f"account_expires_at={end}")
    seen = set()
    while time.time() < end + 1:
        before = time.time()
        said = answer(desk)
        if time.time() < end:
            assert said == GOOD
        elif before >= end + 0.1:  # the service may look at a coarser clock
            assert said == ("expired", "account-expired")
        seen.add(said)
        time.sleep(0.02)
    assert ("expired", "account-expired") in seen


def test_locked(desk):
    desk.command("lock", "alice", "--for", "1d")
    assert answer(desk) == ("forbidden", "locked")
    assert desk.authenticate().reason == "locked"
    desk.command("unlock", "alice")
    assert answer(desk) == GOOD


def test_age(stopped):
    stopped.add("alice", "--hosts", "*")
    stopped.set("password", max_age_days=1)
    stopped.start()
    assert answer(stopped) == GOOD
    stopped.command("passwd", "alice", "--must-change", "--password-stdin",
                    stdin=PASSWORD + "\n")
    assert answer(stopped) == ("change", "must-change")
    assert stopped.authenticate().verdict == "success"


def test_a_web_account(desk):
    desk.add("web")
    assert answer(desk, user="web") == HOST
    desk.command("grant", "web", "desk7")
    assert answer(desk, user="web") == GOOD
