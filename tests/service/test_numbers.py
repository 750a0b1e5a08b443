# SPDX-License-Identifier: BSD-2-Clause
"""Numbers and times out of bounds in records, on each store and in a mapped table: the record is
corrupt, the log names the attribute, nobody gets in. The fields are those of FORMAT.md."""
import contextlib
import pathlib
import re
import sqlite3
import tempfile

import pytest

import existing_table
import frames
from conftest import PASSWORD, ROOT, wait_for

WRONG = PASSWORD + "x"
FAULT = "PAM_SERVICE_ERR"
GOOD = {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}
COUNT_MAX, TIME_MAX, ID_MAX = 2**53 - 1, 253402300799, 2**31 - 2
FORMAT = (ROOT / "pam_dynamo" / "core" / "FORMAT.md").read_text()


def numeric(section):
    """{attribute: type} of the table below this heading."""
    text = FORMAT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (number|time) \|", text, re.MULTILINE))


USERS, STATES = numeric("Users"), numeric("State")
HIGHEST = {"schema": 1, "uid": ID_MAX, "gid": ID_MAX}


def highest(attribute, kind):
    return HIGHEST.get(attribute, TIME_MAX if kind == "time" else COUNT_MAX)


def outside(attribute, kind):
    low = [] if attribute in ("epoch", "count") else [0]
    return low + [-1, highest(attribute, kind) + 1, 2**63 - 1, -2**63]


def set_number(host, table, key, attribute, value):
    """As another program would: past every rule of ours."""
    if host.command.engine == "sqlite":
        with contextlib.closing(sqlite3.connect(host.command.database)) as database, database:
            assert database.execute(f"UPDATE {table} SET {attribute} = ? WHERE {key[0]} = ?",
                                    (value, key[1])).rowcount == 1
    else:
        name = host.command.users if table == "users" else host.command.state
        host.put(name, key, **{attribute: {"N": str(value)}})


def told(host, since, attribute, count, about):
    """So many lines name the attribute, and what it is of."""
    found = re.compile(rf"^error: .*\b{re.escape(about)}: (attribute|column) {attribute}\b", re.M)
    wait_for(lambda: len(found.findall(host.log()[since:])) == count,
             f"{count} lines about {attribute}:\n{host.log()[since:]}", 5)


def refuses(host, attribute, about):
    since = len(host.log())
    assert host.authenticate(password=PASSWORD).verdict == "fault"
    assert host.authenticate(password=WRONG).verdict == "fault"
    assert host.account().verdict == "fault"
    told(host, since, attribute, 3, about)


def test_the_document_names_them():
    assert set(USERS) == {"schema", "version", "epoch", "password_changed_at",
                          "account_expires_at", "uid", "gid", "created_at", "updated_at"}
    assert {"version", "expires_at", "count", "window_start", "locked_until"} < set(STATES)


@pytest.mark.parametrize("attribute", USERS)
def test_a_record(host, attribute):
    host.start()
    for value in outside(attribute, USERS[attribute]):
        set_number(host, "users", ("username", "alice"), attribute, value)
        refuses(host, attribute, "alice")
    assert host.pam("alice", PASSWORD, "auth")[0] == {"auth": FAULT}
    assert host.pam("alice", PASSWORD, "acct")[0] == {"acct": FAULT}


@pytest.mark.parametrize("attribute", USERS)
def test_the_bound_itself_is_good(host, attribute):
    """Or it would be something else that is refused above."""
    host.start()
    set_number(host, "users", ("username", "alice"), attribute,
               highest(attribute, USERS[attribute]))
    assert host.pam("alice", PASSWORD)[0] == GOOD


@pytest.mark.parametrize("attribute", ["version", "expires_at", "count", "window_start",
                                       "locked_until", "at"])
def test_a_counter(host, attribute):
    """Nobody can tell whether the name is locked."""
    host.start()
    assert host.authenticate(password=WRONG).verdict == "deny"
    for value in outside(attribute, STATES[attribute]):
        set_number(host, "state", ("id", "fail#alice"), attribute, value)
        refuses(host, attribute, "fail#alice")


@pytest.mark.parametrize("attribute", ["count", "window_start", "locked_until"])
def test_a_counter_of_a_network(host, attribute):
    """Nor whether the network is."""
    host.configure(login={"source_max_failures": 5})
    host.start()
    here = {frames.RHOST: "192.0.2.7"}
    assert host.authenticate(password=WRONG, fields=here).verdict == "deny"
    for value in outside(attribute, STATES[attribute]):
        set_number(host, "state", ("id", "net#192.0.2.7"), attribute, value)
        since = len(host.log())
        for password in (PASSWORD, WRONG):
            assert host.authenticate(password=password, fields=here).verdict == "fault"
        told(host, since, attribute, 2, "net#192.0.2.7")
    assert host.authenticate(fields={frames.RHOST: "192.0.2.8"}).verdict == "success"


# What its software calls them; numbers may be strings there.
THEIRS = {attribute: f"their_{attribute}" for attribute in USERS}


@pytest.fixture
def mapped(directory):
    directory[0].reset()
    with tempfile.TemporaryDirectory(prefix="pam-dynamo.") as name:
        with existing_table.ExistingLogin(pathlib.Path(name), *directory, ["username"],
                                          default_status="active", default_hosts="*", hosts="",
                                          **THEIRS) as login:
            login.start()
            yield login


@pytest.mark.parametrize("attribute", USERS)
def test_a_mapped_record(mapped, attribute):
    good = {"username": "alice", "password": existing_table.werkzeug(PASSWORD),
            "their_schema": 1, "their_version": 1, "their_uid": 1900000001}
    mapped.table.put_item(Item=good)
    assert mapped.pam("alice", PASSWORD)[0] == GOOD
    highest_there = highest(attribute, USERS[attribute])
    # Times of other software may be milliseconds.
    above = highest_there * 1000 + 1000 if USERS[attribute] == "time" else highest_there + 1
    for value in (-1, above, str(above), 10**30, "-1"):
        mapped.table.put_item(Item={**good, THEIRS[attribute]: value})
        refuses(mapped, THEIRS[attribute], "alice")
    mapped.table.put_item(Item=good)
    assert mapped.pam("alice", PASSWORD)[0] == GOOD
