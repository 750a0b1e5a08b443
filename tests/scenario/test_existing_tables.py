# SPDX-License-Identifier: BSD-2-Clause
"""sshd and the name service on a table that a sign-up page made and fills: its administrator has
given the users uids, and says in [attributes] where they stand."""
import shutil

import boto3
import pytest

import existing_table
import hosts_matrix
import machine

UID = 1900000077
WRONG = "wrong horse battery staple"


@pytest.fixture(scope="module")
def page(host):
    """The host, and the page's table, which replaces ours for as long as this file takes."""
    resource = boto3.resource("dynamodb", endpoint_url=host.server.url,
                              region_name=machine.REGION, aws_access_key_id=machine.ACCESS_KEY,
                              aws_secret_access_key=machine.SECRET_KEY)
    table = resource.create_table(TableName="signups", **existing_table.schema("username"))
    hashed = existing_table.werkzeug(hosts_matrix.PASSWORD, "pbkdf2:sha256")
    table.put_item(Item={"username": "zoe", "name": "Zoe Example", "password_hash": hashed,
                         "created_at": "2025-01-31T08:00:00", "is_active": True, "uid": UID})
    table.put_item(Item={"username": "yan", "password_hash": hashed, "is_active": False,
                         "uid": str(UID + 1)})
    table.put_item(Item={"username": "xia", "password_hash": hashed})  # without a uid
    ours = machine.CONF.read_text()
    machine.CONF.write_text(
        ours.replace("[dynamodb]\n", "[dynamodb]\nusers_table = signups\n") +
        "[attributes]\nprofile = flask-boto3\npassword = password_hash\nuid = uid\n"
        "default_hosts = *\n")
    host.reload()
    yield host, table
    machine.CONF.write_text(ours)
    host.reload()
    table.delete()
    shutil.rmtree("/home/zoe", ignore_errors=True)


def items(table):
    return sorted(repr(sorted(item.items())) for item in table.scan(ConsistentRead=True)["Items"])


def test_sshd_lets_such_a_user_in(page, password):
    host, table = page
    before = items(table)
    result = host.ssh("zoe", password, "id -un; id -u; pwd")
    assert result.stdout.splitlines() == ["zoe", str(UID), "/home/zoe"]
    assert host.ssh("zoe", WRONG).returncode == 255
    assert host.ssh("yan", password).returncode == 255  # is not active
    assert host.ssh("xia", password).returncode == 255  # nobody without a uid is on the machine
    assert items(table) == before


def test_names_of_such_users(page):
    assert machine.run("getent", "passwd", "zoe").stdout == \
        f"zoe:x:{UID}:{UID}:Zoe Example:/home/zoe:/bin/bash\n"
    assert machine.run("getent", "passwd", "xia").returncode == 2


def test_the_command_says_what_it_understands(page):
    host, _ = page
    text = host.command("map", "check").stdout
    assert "3 items read" in text and "on this host" in text and "1 of 3 may log in" in text
    assert "no-uid: 1; they have no uid" in text and "disabled: 1" in text
    host.command("check", check=False)
    assert "not ours, and only read" in host.command("check", check=False).stdout
