# SPDX-License-Identifier: BSD-2-Clause
"""show and list, for people and for programs."""
import hashlib
import json
import re
import sqlite3

import boto3
import pytest

from command import ACCESS_KEY, KEY, PASSWORD, REGION, SECRET_KEY


def test_show_for_people(command):
    command.add("alice", "--hosts", "web1,db*", "--full-name", "Ålice Exämple", "--groups", "staff")
    text = command.good("show", "alice")
    lines = dict(re.match(r"(\S+): +(.*)", line).groups() for line in text.splitlines())
    assert lines["username"] == "alice" and lines["password"] == "set (argon2id)"
    assert lines["full_name"] == "Ålice Exämple" and set(lines["hosts"].split()) == {"web1", "db*"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines["created_at"])
    assert lines["failures"] == "0" and lines["locked"] == "no"
    assert lines["last_login"] == "never seen" and "email" not in lines


def test_show_prints_each_key_and_each_field_of_the_form(command):
    command.good("add", "alice", "--no-password")
    command.good("set", "alice", f"ssh_keys={KEY}\n{KEY} two", "profile=city=Bonn,floor=3")
    text = command.good("show", "alice")
    assert text.count("ssh_keys:") == 2 and KEY + " two" in text
    assert re.search(r"^profile.city: +Bonn$", text, re.M) and "password:             none" in text


@pytest.mark.parametrize("encoded,format", [
    ("{SSHA}boIP38HANufRYCh/fPJtblptnOLG86CB", "ldap-ssha"),
    ("pbkdf2:sha256:1$salt$" + "0" * 64, "werkzeug-pbkdf2-sha256"),
    ("secret", None), ("*", None), ("$6$", None)])
def test_show_names_the_format_of_a_hash(sqlite, encoded, format):
    sqlite.good("add", "alice", "--no-password")
    with sqlite3.connect(sqlite.database) as database:
        database.execute("UPDATE users SET password = ?, version = version + 1", (encoded,))
    user, text = sqlite.show("alice"), sqlite.good("show", "alice")
    assert user["has_password"] and user.get("password_format") == format
    assert re.search(rf"^password: +set \({format or 'no known hash'}\)$", text, re.M)
    assert encoded not in text and encoded not in json.dumps(user)


def test_show_json_has_every_field_that_is_always_there(command):
    command.good("add", "alice", "--no-password")
    user = command.show("alice")
    assert set(user) == {"username", "schema", "version", "status", "epoch", "has_password",
                         "password_must_change", "email_verified", "groups", "services", "hosts",
                         "ssh_keys", "profile", "created_at", "updated_at", "failures", "locked",
                         "notes"}
    assert user["notes"] == []


def change_owner(command, key, owner):
    """What other programs may do to an item that keeps a uid or an address unique."""
    if command.engine == "sqlite":
        with sqlite3.connect(command.database) as database:
            database.execute("DELETE FROM aux WHERE key = ?", (key,))
            if owner is not None:
                database.execute("INSERT INTO aux (key, owner) VALUES (?, ?)", (key, owner))
        return
    table = boto3.resource("dynamodb", endpoint_url=command.url, region_name=REGION,
                           aws_access_key_id=ACCESS_KEY,
                           aws_secret_access_key=SECRET_KEY).Table(command.users)
    if owner is None:
        table.delete_item(Key={"username": key})
    else:
        table.put_item(Item={"username": key, "owner": owner})


def test_show_notes_a_uid_or_address_that_is_not_kept(command):
    command.good("add", "alice", "--no-password", "--hosts", "*", "--email", "a@example.org")
    uid = command.show("alice")["uid"]
    keys = {f"uid#{uid}": f"uid#{uid}",
            "email#" + hashlib.sha256(b"a@example.org").hexdigest(): "email#"}
    assert "note" not in command.good("show", "alice")
    for key, label in keys.items():
        for owner, text in ((None, "item is missing: "), ("bob", "item is bob's: ")):
            change_owner(command, key, owner)
            notes = command.show("alice")["notes"]
            assert len(notes) == 1 and notes[0].startswith(f"{label} {text}")
            assert re.search(rf"^note: +{re.escape(notes[0])}$", command.good("show", "alice"), re.M)
        change_owner(command, key, "alice")
    assert command.show("alice")["notes"] == []


def test_show_refuses(command):
    assert "not found" in command.bad(3, "show", "nobody-there")
    command.bad(5, "show", "No Name")
    command.bad(5, "show", "root")
    assert command.run("show", "nobody-there", "--json").stdout == ""


def test_list_of_nobody(command):
    assert command.json("list") == []
    assert command.good("list").splitlines()[0].split() == ["NAME", "STATUS", "UID", "HOSTS"]
    assert command.good("list", "--quiet") == ""


def test_list_by_status(command):
    for name in ("alice", "bob", "carol"):
        command.good("add", name, "--no-password")
    command.good("grant", "bob", "web1")
    command.good("disable", "carol")
    users = {user["username"]: user for user in command.json("list")}
    assert set(users) == {"alice", "bob", "carol"} and users["bob"]["hosts"] == ["web1"]
    assert [user["username"] for user in command.json("list", "--status", "disabled")] == ["carol"]
    assert command.json("list", "--status=closed") == []
    lines = command.good("list", "--quiet").splitlines()
    assert len(lines) == 3 and any(re.match(r"bob +active +\d+  web1$", line) for line in lines)
    assert "no status" in command.bad(5, "list", "--status", "happy")


def test_list_has_no_owner_items(command):
    """The items that keep addresses and uids unique are no users."""
    command.good("add", "alice", "--no-password", "--hosts", "*", "--email", "a@example.org")
    assert [user["username"] for user in command.json("list")] == ["alice"]


def test_list_goes_on_over_pages(command):
    """More users than one request brings."""
    names = {f"user{i:03}" for i in range(230)}
    if command.engine == "sqlite":
        command.good("add", "user000", "--no-password")
        with sqlite3.connect(command.database) as database:
            columns = [row[1] for row in database.execute("PRAGMA table_info(users)")]
            for name in sorted(names - {"user000"}):
                others = ", ".join(column for column in columns if column != "username")
                database.execute(f"INSERT INTO users (username, {others}) SELECT ?, {others} "
                                 "FROM users WHERE username = 'user000'", (name,))
        database.close()
    else:
        fill_table(command, names)
    users = command.json("list")
    assert len(users) == 230 and {user["username"] for user in users} == names


def fill_table(command, names):
    table = boto3.resource("dynamodb", endpoint_url=command.url, region_name=REGION,
                           aws_access_key_id=ACCESS_KEY,
                           aws_secret_access_key=SECRET_KEY).Table(command.users)
    with table.batch_writer() as batch:
        for name in names:
            batch.put_item(Item={"username": name, "schema": 1, "version": 1, "epoch": 1,
                                 "status": "active", "profile": {"padding": "x" * 3000}})


def test_a_corrupt_record_is_named_and_left_out(sqlite):
    for name in ("alice", "bob"):
        sqlite.good("add", name, "--no-password")
    with sqlite3.connect(sqlite.database) as database:
        database.execute("UPDATE users SET status = 'happy' WHERE username = 'alice'")
    database.close()
    result = sqlite.run("list", "--json")
    assert result.returncode == 65 and "alice" in result.stderr
    assert [user["username"] for user in json.loads(result.stdout)] == ["bob"]
    assert "breaks" in sqlite.bad(65, "show", "alice") or "corrupt" in sqlite.bad(65, "show",
                                                                                   "alice")


@pytest.mark.parametrize("words", [["show", "alice"], ["list"], ["set", "alice", "full_name=x"],
                                   ["grant", "alice", "web1"], ["disable", "alice"],
                                   ["enable", "alice"], ["lock", "alice"], ["unlock", "alice"],
                                   ["delete", "alice", "--yes"], ["check"], ["init"], ["help"]],
                         ids=lambda words: words[0])
def test_json_is_one_value_and_nothing_else(sqlite, words):
    sqlite.add("alice", "--full-name", 'quote " back \\ slash é 🦆 </script>')
    result = sqlite.run(*words, "--json", stdin=PASSWORD)
    json.loads(result.stdout)
    assert result.stdout.endswith("\n") and "$argon2" not in result.stdout


def test_quiet_prints_no_confirmation(sqlite):
    assert sqlite.good("add", "alice", "--no-password", "--quiet") == ""
    assert sqlite.good("disable", "alice", "-q") == ""
    assert "username" in sqlite.good("show", "alice", "-q")


def test_a_store_that_is_not_there(empty):
    for words in (["show", "alice"], ["list"], ["add", "alice", "--no-password"]):
        result = empty.run(*words)
        assert result.returncode in (69, 78) and "init" in result.stderr, (words, result)
