# SPDX-License-Identifier: BSD-2-Clause
"""lock, unlock, enable, disable and grant."""
import concurrent.futures
import time

import pytest


@pytest.fixture
def alice(command):
    command.good("add", "alice", "--no-password", "--hosts", "web1")
    return command


def test_disable_and_enable(alice):
    assert "disabled" in alice.good("disable", "alice")
    user = alice.show("alice")
    assert user["status"] == "disabled" and user["epoch"] == 2
    assert "already" in alice.good("disable", "alice")
    assert alice.show("alice")["version"] == user["version"]
    user = alice.json("enable", "alice")
    assert user["status"] == "active" and user["epoch"] == 2
    assert alice.json("disable", "alice")["epoch"] == 3


def test_enable_approves(alice):
    alice.good("set", "alice", "status=pending_approval")
    assert alice.json("enable", "alice")["status"] == "active"


@pytest.mark.parametrize("name", ["enable", "disable", "lock", "unlock"])
def test_they_need_a_user(command, name):
    command.bad(3, name, "nobody-there")
    command.bad(5, name, "No Name")


def test_the_refusals_by_name(command):
    command.bad(3, "enable", "nobody-there")
    command.bad(3, "disable", "nobody-there")
    command.bad(3, "unlock", "nobody-there")


def test_lock_for_a_time(alice):
    now = time.time()
    assert "locked until 20" in alice.good("lock", "alice", "--for", "2h")
    user = alice.show("alice")
    assert user["locked"] and abs(user["locked_until"] - now - 7200) < 60
    assert user["status"] == "active" and user["version"] == 1
    assert "locked_until:" in alice.good("show", "alice")
    shorter = alice.json("lock", "alice", "--for=90s")
    assert abs(shorter["locked_until"] - now - 90) < 60


def test_lock_ends_by_itself(alice):
    alice.good("lock", "alice", "--for", "1s")
    end = time.monotonic() + 10
    while alice.show("alice")["locked"]:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_lock_until_unlock(alice):
    assert "until `pam-dynamo unlock alice`" in alice.good("lock", "alice")
    user = alice.show("alice")
    assert user["locked_until"] > time.time() + 50 * 365 * 86400
    assert "not locked" in alice.good("unlock", "alice")
    user = alice.show("alice")
    assert user["locked"] is False and "locked_until" not in user
    assert alice.json("unlock", "alice")["locked"] is False


@pytest.mark.parametrize("duration", ["", "h", "0h", "-1h", "1", "1y", "1.5h", "1hh", "99999999999w",
                                      " 1h", "12345678901234567890s"])
def test_lock_refuses_durations(sqlite, duration):
    sqlite.good("add", "alice", "--no-password")
    assert "duration" in sqlite.bad(5, "lock", "alice", "--for", duration)
    assert sqlite.show("alice")["locked"] is False


@pytest.mark.parametrize("duration, seconds", [("5s", 5), ("2m", 120), ("3h", 10800),
                                               ("4d", 345600), ("1w", 604800)])
def test_durations(sqlite, duration, seconds):
    sqlite.good("add", "alice", "--no-password")
    until = sqlite.json("lock", "alice", "--for", duration)["locked_until"]
    assert abs(until - time.time() - seconds) < 5


def test_unlock_tells_of_a_disabled_account(alice):
    alice.good("lock", "alice")
    alice.good("disable", "alice")
    result = alice.run("unlock", "alice")
    assert result.returncode == 0 and "pam-dynamo enable alice" in result.stderr


def test_grant_adds_hosts(alice):
    uid = alice.show("alice")["uid"]
    text = alice.good("grant", "alice", "db1.example.org", "@lab", "web1")
    assert "db1.example.org" in text
    user = alice.show("alice")
    assert set(user["hosts"]) == {"web1", "db1.example.org", "@lab"} and user["uid"] == uid
    assert "already" in alice.good("grant", "alice", "web1")
    assert alice.show("alice")["version"] == user["version"]


def test_grant_makes_a_web_account_a_login(command):
    command.good("add", "wanda", "--no-password")
    user = command.json("grant", "wanda", "*")
    assert user["uid"] >= 1879048192 and user["hosts"] == ["*"]
    assert user["home"] == "/home/wanda" and user["shell"] == "/bin/bash"


def test_grant_takes_away(alice):
    alice.good("grant", "alice", "web2", "web3")
    alice.good("grant", "alice", "--remove", "web1", "web3")
    assert alice.show("alice")["hosts"] == ["web2"]
    assert "at no host" in alice.good("grant", "--remove", "alice", "web2")
    user = alice.show("alice")
    assert user["hosts"] == [] and "uid" in user


def test_grant_warns_of_a_pattern_that_is_left(alice):
    alice.good("grant", "alice", "web*")
    result = alice.run("grant", "alice", "--remove", "web1")
    assert result.returncode == 0 and "may still log in at web1" in result.stderr


def test_grant_refuses(alice):
    before = alice.show("alice")
    assert "not among" in alice.bad(3, "grant", "alice", "--remove", "web1", "web9")
    alice.bad(5, "grant", "alice", "web 1")
    alice.bad(5, "grant", "alice", "web1,web2")
    alice.bad(5, "grant", "alice", "")
    alice.bad(3, "grant", "nobody-there", "web1")
    alice.bad(4, "grant", "daemon", "web1")
    assert alice.show("alice") == before


def test_grants_at_once_lose_nothing(command):
    command.good("add", "alice", "--no-password")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda i: command.run("grant", "alice", f"web{i}"), range(3)))
    assert [result.returncode for result in results] == [0, 0, 0], results
    assert set(command.show("alice")["hosts"]) == {"web0", "web1", "web2"}


def test_unlock_of_a_network(command):
    assert "0 failures are forgotten" in command.good("unlock", "--source", "192.0.2.7")
    assert command.json("unlock", "--source", "2001:db8:1:2:3::7") == {
        "source": "2001:db8:1:2::/64", "forgotten": 0}
    for address in ("", "client.example.org", "192.0.2.0/24", "fe80::1%eth0"):
        assert "no address" in command.bad(5, "unlock", "--source", address)


def test_unlock_takes_one_of_the_two(alice):
    for words in ((), ("alice", "--source", "192.0.2.7")):
        assert "one of the two" in alice.bad(2, "unlock", *words)
