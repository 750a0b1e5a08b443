#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The IAM policies in conf/iam allow what the client asks for, by its own table of operations."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Allowed through the operations that a transaction is made of.
COMPOSED = {"TransactWriteItems"}
USERS, STATE = "table/pam_dynamo_users", "table/pam_dynamo_state"
# What changing a password writes (login_change.c, login_finish.c), with the condition's attributes.
PASSWORD_ATTRIBUTES = {"username", "version", "password", "password_changed_at",
                       "password_must_change", "epoch", "updated_at"}


def operations():
    found = set()
    for path in (ROOT / "pam_dynamo" / "core").glob("dynamodb*.c"):
        found.update(re.findall(r'\[DYNAMODB_[A-Z_]+\] = \{"(\w+)"', path.read_text()))
    assert len(found) > 10
    return found


def statements(name):
    return json.loads((ROOT / "conf" / "iam" / f"{name}.json").read_text())["Statement"]


def allowed(name, table):
    actions = set()
    for statement in statements(name):
        resources = statement["Resource"]
        resources = [resources] if isinstance(resources, str) else resources
        assert statement["Effect"] == "Allow"
        if any(resource.endswith(table) for resource in resources):
            actions.update(action.removeprefix("dynamodb:") for action in statement["Action"])
    return actions


def test_an_administrator_may_do_all_that_the_client_can():
    for table in (USERS, STATE):
        assert operations() - COMPOSED <= allowed("administrator", table)


def test_a_host_reads_users_and_writes_states():
    writes = {"PutItem", "UpdateItem", "DeleteItem"}
    assert {"GetItem", "BatchGetItem"} <= allowed("host", USERS)
    assert not writes & allowed("host", USERS)
    assert writes | {"GetItem", "BatchGetItem"} <= allowed("host", STATE)


def test_a_host_may_be_let_write_passwords_alone():
    (statement,) = statements("host-passwords")
    assert statement["Action"] == ["dynamodb:UpdateItem"]
    condition = statement["Condition"]["ForAllValues:StringEquals"]
    assert set(condition["dynamodb:Attributes"]) == PASSWORD_ATTRIBUTES


def test_w52_the_pages_host_makes_no_logins():
    """Everything that registration and profiles write, and nothing that lets anybody log in."""
    fields = set(re.findall(r"\{(?:STRING|NUMBER|BOOL|TIME|MANY)\((\w+)",
                            (ROOT / "pam_dynamo/core/user.c").read_text()))
    (statement,) = statements("web-host")
    assert set(statement["Action"]) == {f"dynamodb:{verb}Item" for verb in
                                        ("Put", "Update", "Delete")}
    allowed_ones = set(statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"])
    logins = {"hosts", "uid", "gid", "home", "shell", "groups", "services", "ssh_keys",
              "account_expires_at"}
    assert fields == (allowed_ones - {"owner"}) | logins and not allowed_ones & logins
    code = "".join(path.read_text() for path in [
        *(ROOT / "pam_dynamo/core").glob("registration*.c"),
        *(ROOT / "pam_dynamo/service").glob("web*.c"), ROOT / "pam_dynamo/core/profile.c"])
    for name in ("hosts", "uid", "gid", "home", "shell", "services", "ssh_keys"):
        assert not re.search(rf"(?:user|after)(?:\.|->){name} *=[^=]", code), name
