# SPDX-License-Identifier: BSD-2-Clause
"""`map check`: in plain words what is understood of a table that other software made."""
import json

import boto3
import pytest

import command as command_module
import existing_table
from existing_table import PASSWORD


@pytest.fixture
def table(dynoxide, tmp_path):
    """table(keys, items, attributes, **sections): a command over such a table."""
    def make(keys, items, attributes, **sections):
        made = command_module.Command(tmp_path, "dynamodb", dynoxide.url)
        resource = boto3.resource(
            "dynamodb", endpoint_url=dynoxide.url, region_name=command_module.REGION,
            aws_access_key_id=command_module.ACCESS_KEY,
            aws_secret_access_key=command_module.SECRET_KEY)
        users = resource.create_table(TableName=made.users, **existing_table.schema(*keys))
        for item in items:
            users.put_item(Item=item)
        made.configure(attributes=attributes, login={"local_names": "allow"}, **sections)
        return made
    return make


def hashed(user, **more):
    return {"username": user, "password": existing_table.werkzeug(PASSWORD), **more}


FLASK = {"profile": "flask-boto3", "default_hosts": "*"}


def test_a_table_that_is_understood(table):
    command = table(["username"], [hashed("alice", name="Alice Example", is_active=True),
                                   hashed("bob", phone="0123", created_at="2025-01-31")], FLASK)
    text = command.good("map", "check")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0].endswith("not ours, only read: 2 items read")
    assert "name full_name 1 S 1 Alice Example" in lines
    assert "is_active status 1 BOOL 1 true" in lines
    assert "active status 0 -" in lines
    assert "password password 2 S 2 (not shown)" in lines
    assert "attributes that mean nothing here: phone 1" in lines
    assert "understood: 2 users, 0 of them with a uid" in lines
    assert "status: active 2" in lines
    assert "on this host (desk.example.org) 2 of 2 may log in by password" in lines
    assert "pbkdf2" in text and "$" not in text and PASSWORD not in text


def test_for_programs(table):
    command = table(["username"], [hashed("alice", name="Alice Example"),
                                   {"username": "bob", "password": existing_table.bcrypt("x")}],
                    FLASK)
    found = command.json("map", "check")
    assert found["items"] == found["understood"] == found["may_log_in"] == 2
    assert found["mapped"] and not found["writable"]
    rows = {row["attribute"]: row for row in found["attributes"]}
    assert rows["username"]["field"] == "username" and rows["username"]["items"] == 2
    assert rows["password"] == {"attribute": "password", "field": "password", "items": 2,
                                "types": {"S": 1, "B": 1}, "example": ""}
    assert rows["name"]["example"] == "Alice Example"
    assert sum(found["passwords"].values()) == 2 and len(found["passwords"]) == 2


def test_what_is_wrong_is_named(table):
    command = table(["username"], [
        hashed("alice"), hashed("Alice Example"), hashed("root"),
        hashed("carol", created_at="yesterday"), hashed("dave", is_active=False),
        {"username": "erin", "password": PASSWORD}, {"username": "frank"}], FLASK)
    result = command.run("map", "check")
    assert result.returncode == 65
    assert "1 records break a rule" in result.stderr
    assert "carol: attribute created_at: not of its type" in result.stdout
    assert "names that no user can have, who cannot log in: 2\n" in result.stdout
    assert "    Alice Example\n" in result.stdout and "    root\n" in result.stdout
    assert "passwords not understood: 1; plain text" in result.stdout
    assert "    disabled: 1\n" in result.stdout
    assert "1 of 7 may log in by password" in result.stdout
    assert "none 1" in result.stdout and PASSWORD not in result.stdout


@pytest.mark.parametrize("attributes,login,advice", [
    ({"profile": "flask-boto3"}, "allow", "host-not-allowed: 1; their hosts do not hold this one"),
    (FLASK, "refuse", "no-uid: 1; they have no uid: name the attribute with uid")])
def test_which_rule_keeps_everybody_out(table, attributes, login, advice):
    command = table(["username"], [hashed("alice")], attributes)
    command.configure(attributes=attributes, login={"local_names": login})
    result = command.run("map", "check")
    assert result.returncode == 1 and advice in result.stdout
    assert "nobody could log in on this host" in result.stderr


@pytest.mark.parametrize("uid,login,users,count", [
    (1900000001, "refuse", {}, 0), (20001, "refuse", {}, 1), (20001, "allow", {}, 0),
    (20001, "refuse", {"uid_min": 20000, "uid_max": 20001}, 0),
    (20001, "refuse", {"uid_min": 20002, "uid_max": 30000}, 1)])
def test_who_is_found_by_no_program_is_told(table, uid, login, users, count):
    command = table(["username"], [hashed("alice", uid=uid)], {**FLASK, "uid": "uid"})
    command.configure(attributes={**FLASK, "uid": "uid"}, login={"local_names": login},
                      users=users)
    found = command.json("map", "check")
    assert (found["may_log_in"], found["not_resolved"]) == (1, count)
    told = "not shown by the user database: 1 of these; their uid or gid is not between uid_min"
    assert (told in command.good("map", "check")) == bool(count)


def test_secrets_are_not_shown(table):
    salt = "5a" * 16
    command = table(["realm", "user"], [
        {"realm": "r", "user": "alice", "password": existing_table.sha3(PASSWORD, salt),
         "salt": salt, "api_token": "t0k3n"},
        {"realm": "other", "user": "bob", "password": existing_table.sha3(PASSWORD)}],
        {"profile": "pam-dynamo-realm", "partition_value": "r", "default_hosts": "*"})
    for text in (command.good("map", "check"), command.good("map", "check", "--json")):
        assert salt not in text and "t0k3n" not in text and "bob" not in text
        assert existing_table.sha3(PASSWORD, salt) not in text
    found = command.json("map", "check")
    assert found["items"] == 1 and found["may_log_in"] == 1
    assert found["other_attributes"] == {"api_token": 1}
    assert list(found["passwords"].values()) == [1]


def test_as_many_items_as_were_asked_for(table):
    command = table(["username"], [hashed(f"user{i}") for i in range(12)], FLASK)
    assert command.json("map", "check", "--limit", "5")["items"] == 5
    assert command.json("map", "check", "--limit=12")["items"] == 12
    assert command.json("map", "check")["items"] == 12
    for limit in ("0", "-1", "x", "100001", ""):
        assert "give a number from 1" in command.bad(2, "map", "check", "--limit", limit)


def test_our_own_table(command):
    if command.engine == "sqlite":
        assert "only tables in DynamoDB" in command.bad(78, "map", "check")
        return
    command.add("alice", "--hosts", "*", "--email", "alice@example.org")
    found = command.json("map", "check")
    assert found["items"] == found["may_log_in"] == 1 and not found["mapped"]
    assert found["writable"] and found["passwords"] == {"argon2id": 1}


def test_an_empty_table(table):
    command = table(["username"], [], FLASK)
    assert "nobody could log in" in command.bad(1, "map", "check", "--quiet")


def test_other_words(sqlite):
    assert "there is `map check`" in sqlite.bad(2, "map", "chart")


def test_values_are_escaped(table):
    command = table(["username"], [hashed("alice", name="A\x1b[31m\nB" + "x" * 200)], FLASK)
    result = command.run("map", "check")
    assert result.returncode == 65 and "\x1b" not in result.stdout and "x" * 60 not in result.stdout


def test_check_judges_the_keys(table):
    items = [{"realm": "r", "user": "alice", "password": existing_table.sha3(PASSWORD)}]
    command = table(["realm", "user"], items, {"profile": "pam-dynamo-realm",
                                               "partition_value": "r"})
    command.good("init", "--quiet")
    found = {row["subject"]: row for row in json.loads(command.run("check", "--json").stdout)}
    assert found["users table"]["finding"] == "ok"
    assert found["users table"]["text"].endswith("key realm and user")
    assert "never" in found["writing users"]["text"]
    command.configure(attributes={"profile": "flask-boto3"})
    result = command.run("check", "--json")
    found = {row["subject"]: row for row in json.loads(result.stdout)}
    assert found["users table"]["finding"] == "bad"
    assert "its key must be username, a string, alone: correct partition_key" \
        in found["users table"]["text"]
    assert result.returncode == 78
    command.configure(attributes=FLASK, dynamodb={"users_table": "no_such_table"})
    found = {row["subject"]: row for row in json.loads(command.run("check", "--json").stdout)}
    assert found["users table"]["text"] == "no such table in region us-east-1: correct the name " \
        "or region"


def test_other_commands_on_such_a_table(table):
    items = [hashed("alice", email="alice@example.org")]
    command = table(["username"], items, FLASK)
    assert "`pam-dynamo map check`" in command.good("init")
    shown = command.json("show", "alice")
    assert shown["notes"] == [] and shown["email"] == "alice@example.org"
    assert [user["username"] for user in command.json("list")] == ["alice"]
    command.good("lock", "alice")
    assert command.json("show", "alice")["locked"]
    command.good("unlock", "alice")
    for words in (("add", "bob", "--no-password"), ("delete", "alice", "--yes"),
                  ("set", "alice", "full_name=A"), ("disable", "alice"), ("grant", "alice", "x")):
        assert "not ours and only read; see writable" in command.bad(78, *words)


def test_what_may_be_written_in_such_a_table(table):
    command = table(["username"], [hashed("alice", name="Alice", email="a@example.org")],
                    dict(FLASK, writable="yes"))
    command.good("init", "--quiet")
    command.good("set", "alice", "full_name=Alice Elsewhere")
    assert command.show("alice")["full_name"] == "Alice Elsewhere"
    for words, text in ((("set", "alice", "uid=1900000001"), "uid: kept unique by the software"),
                        (("set", "alice", "email=b@example.org"), "email: kept unique"),
                        (("set", "alice", "hosts=web"), "hosts: not in the table"),
                        (("disable", "alice"), "status: changed by the software that keeps"),
                        (("delete", "alice", "--yes"), "added and deleted by the software"),
                        (("add", "bob", "--no-password"), "added and deleted by the software")):
        assert text in command.bad(78, *words)
    assert command.json("map", "check")["items"] == 1
