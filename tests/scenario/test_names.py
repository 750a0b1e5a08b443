# SPDX-License-Identifier: BSD-2-Clause
"""Names, uids, groups and keys through libnss-systemd and userdbctl."""
import json

import pytest

import machine


def show(host, name):
    record = json.loads(host.command("show", name, "--json").stdout)
    return record[0] if isinstance(record, list) else record


def test_passwd_entry(host):
    uid = show(host, "alice")["uid"]
    entry = machine.run("getent", "passwd", "alice").stdout.strip().split(":")
    assert entry[0] == "alice" and entry[1] == "x"
    assert entry[2:] == [str(uid), str(uid), "Alice Example", "/home/alice", "/bin/bash"]
    assert machine.run("getent", "passwd", str(uid)).stdout.startswith("alice:")


def test_group_entry(host):
    uid = show(host, "alice")["uid"]
    assert machine.run("getent", "group", "alice").stdout.startswith(f"alice:x:{uid}:")
    assert machine.run("id", "-gn", "alice").stdout == "alice\n"


def test_no_hash_anywhere(host):
    for command in (["getent", "passwd", "alice"], ["getent", "shadow", "alice"],
                    ["userdbctl", "user", "alice", "--output=json"]):
        assert "argon2" not in machine.run(*command).stdout


@pytest.mark.parametrize("name", ["mallory", "Alice", "alice#x", "nosuch-user"])
def test_not_ours(host, name):
    assert machine.run("getent", "passwd", name).returncode == 2


def test_local_entries_stay(host):
    assert machine.run("getent", "passwd", "root").stdout.startswith("root:x:0:0:")
    assert machine.run("getent", "passwd", "0").stdout.startswith("root:")


def test_a_record_named_like_a_local_user_is_hidden(host):
    host.command("add", "daemon", "--no-password", "--hosts", "*", check=False)
    assert machine.run("getent", "passwd", "daemon").stdout.split(":")[2] == "1"
    host.command("delete", "daemon", "--yes", check=False)


def test_userdbctl(host):
    result = machine.run("userdbctl", "user", "alice", "--output=json")
    record = json.loads(result.stdout)
    assert record["userName"] == "alice" and record["service"] == "io.pam-dynamo"


def test_enumeration_is_off(host):
    assert "alice" not in machine.run("getent", "passwd").stdout


def test_a_change_is_seen_at_the_next_login(host, password):
    assert machine.run("getent", "passwd", "alice").stdout.endswith("/bin/bash\n")
    for shell in ("/bin/sh", "/bin/bash"):
        host.command("set", "alice", f"shell={shell}")
        assert "acct: PAM_SUCCESS" in host.pam("sshd", "alice", password).stdout
        assert machine.run("getent", "passwd", "alice").stdout.endswith(shell + "\n")
