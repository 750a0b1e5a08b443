# SPDX-License-Identifier: BSD-2-Clause
"""Registering on each store, many at once: what must happen once happens once."""
import concurrent.futures
import contextlib
import json
import re
import time

import pytest

import frames
from conftest import PASSWORD, ROOT, as_uid

DAEMON = 1  # of every Debian's passwd file
PARALLEL = 40
TOKEN = re.compile(r"\?t=([A-Za-z0-9_-]{48})$", re.M)


@pytest.fixture
def desk(host):
    host.folder.chmod(0o755)
    host.spool = host.folder / "mail"
    host.spool.mkdir(mode=0o700)

    def begin(mode, **registration):
        host.configure(
            service={"deadline_ms": 20000, "queue": 256}, web={"user": "daemon"},
            dynamodb={"attempt_timeout_ms": 5000},
            registration={"mode": mode, "reserved_names": ROOT / "conf" / "reserved-names",
                          **registration},
            mail={"spool": host.spool, "sender": "accounts@example.org",
                  "url": "https://login.example.org/account"})
        host.start()
        return host
    return begin


def ask_many(path, operation, requests):
    """The results, all asked at once. Who was told to come again comes again."""
    def one(fields):
        result = "unavailable"
        for _n in range(200):
            with contextlib.suppress(OSError, frames.Closed):  # the crowd was turned away
                result = frames.ask_web(path, operation, fields, timeout=60).result
            if result != "unavailable":
                break
            time.sleep(0.02)
        return result
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(one, requests))


def form(n, name):
    return {frames.USER: name, frames.PASSWORD: PASSWORD,
            frames.NETWORK: f"10.1.{n // 250}.{n % 250 + 1}",
            frames.PAIRS: frames.write_pairs({"given_name": "A"})}


def register(host, forms):
    return as_uid(DAEMON, ask_many, host.socket, frames.WEB_REGISTER, forms)


def names(host):
    return {row["username"] for row in json.loads(host.command.good("list", "--json"))} - {"alice"}


def test_w55_one_name_and_one_address(desk):
    host = desk("open")
    results = register(host, [form(n, "bob") for n in range(PARALLEL)])
    assert sorted(results) == ["done"] + (PARALLEL - 1) * ["taken"]
    results = register(host, [form(100 + n, f"user{n}") | {frames.EMAIL: "one@example.org"}
                              for n in range(PARALLEL)])
    assert results.count("done") == 1
    assert len(names(host)) == 2


def test_w59_an_invitation_for_three(desk):
    host = desk("invite")
    made = json.loads(host.command.good("invite", "create", "--uses", "3", "--json"))["secret"]
    results = register(host, [form(n, f"user{n}") | {frames.TOKEN: made} for n in range(20)])
    assert sorted(results) == 3 * ["done"] + 17 * ["invalid"]
    assert len(names(host)) == 3
    assert json.loads(host.command.good("invite", "list", "--json")) == []


def test_w61_as_many_wait_as_may(desk):
    host = desk("approval", pending_max=5)
    results = register(host, [form(n, f"user{n}") for n in range(20)])
    assert sorted(results) == 5 * ["done"] + 15 * ["full"]
    waiting = json.loads(host.command.good("pending", "list", "--json"))
    assert {row["username"] for row in waiting} == names(host) and len(waiting) == 5


def test_w57_a_token_is_used_once(desk):
    host = desk("email")
    assert register(host, [form(0, "bob") | {frames.EMAIL: "bob@example.org"}]) == ["done"]
    [mail] = host.spool.glob("*.mail")
    token = TOKEN.search(mail.read_text()).group(1)
    results = as_uid(DAEMON, ask_many, host.socket, frames.WEB_VERIFY, [
        {frames.TOKEN: token, frames.PASSWORD: PASSWORD, frames.NETWORK: f"10.2.0.{n + 1}"}
        for n in range(4)])
    assert sorted(results) == ["done"] + 3 * ["gone"]
    record = json.loads(host.command.good("show", "bob", "--json"))
    assert record["status"] == "active" and record["email_verified"] is True
    assert "uid" not in record and record["hosts"] == []
