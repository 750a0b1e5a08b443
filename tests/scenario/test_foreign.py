# SPDX-License-Identifier: BSD-2-Clause
"""boto3 and the AWS command line on the same items, while people log in."""
import json
import time

import boto3
import pytest

import machine

USERS = "pam_dynamo_users"


@pytest.fixture
def table(host):
    """boto3's view of the users."""
    return boto3.resource("dynamodb", endpoint_url=host.server.url, region_name=machine.REGION,
                          aws_access_key_id=machine.ACCESS_KEY,
                          aws_secret_access_key=machine.SECRET_KEY).Table(USERS)


def aws(host, *words):
    result = machine.run(
        "/usr/bin/aws", "--endpoint-url", host.server.url, "--output", "json", "dynamodb", *words,
        env=dict(machine.ENVIRONMENT, AWS_ACCESS_KEY_ID=machine.ACCESS_KEY,
                 AWS_SECRET_ACCESS_KEY=machine.SECRET_KEY, AWS_DEFAULT_REGION=machine.REGION,
                 AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null"), check=True)
    return json.loads(result.stdout) if result.stdout.strip() else None


@pytest.fixture
def boto_user(table):
    """A user whom only boto3 wrote, with alice's hash."""
    uid = 1900000001
    table.put_item(Item={"username": "boto", "schema": 1, "version": 1, "epoch": 1,
                         "status": "active", "uid": uid, "hosts": {"*"},
                         "password": table.get_item(Key={"username": "alice"})["Item"]["password"]})
    table.put_item(Item={"username": f"uid#{uid}", "owner": "boto"})
    yield "boto"
    table.delete_item(Key={"username": "boto"})


def test_a_user_of_boto3_logs_in(host, boto_user, password):
    assert host.ssh("boto", password, "id -un").stdout == "boto\n"
    assert machine.run("getent", "passwd", "1900000001").stdout.startswith("boto:x:1900000001:")
    assert host.ssh("boto", password + "x").returncode == 255


def test_boto3_reads_our_user(host, table):
    item = table.get_item(Key={"username": "alice"}, ConsistentRead=True)["Item"]
    assert item["status"] == "active" and item["full_name"] == "Alice Example"
    assert item["hosts"] == {"*"} and item["password"].startswith("$argon2id$")
    assert table.get_item(Key={"username": f"uid#{item['uid']}"})["Item"]["owner"] == "alice"


def test_a_foreign_attribute_survives(host, table):
    table.update_item(Key={"username": "alice"}, UpdateExpression="SET badge = :b",
                      ExpressionAttributeValues={":b": {"colour": "green", "n": [1, None, b"x"]}})
    host.command("set", "alice", "full_name=Alice Elsewhere")
    item = table.get_item(Key={"username": "alice"}, ConsistentRead=True)["Item"]
    assert item["full_name"] == "Alice Elsewhere" and item["badge"]["colour"] == "green"
    assert item["badge"]["n"][1] is None
    host.command("set", "alice", "full_name=Alice Example")


def test_the_aws_command_line_switches_off(host, password):
    def set_status(status):
        aws(host, "update-item", "--table-name", USERS, "--key", '{"username": {"S": "alice"}}',
            "--update-expression", "SET #s = :s ADD version :one",
            "--expression-attribute-names", '{"#s": "status"}',
            "--expression-attribute-values",
            json.dumps({":s": {"S": status}, ":one": {"N": "1"}}))

    set_status("disabled")
    try:
        assert host.ssh("alice", password).returncode == 255
    finally:
        set_status("active")
        host.reload()
    assert host.ssh("alice", password, "id -un").stdout == "alice\n"


def test_the_aws_command_line_reads(host):
    item = aws(host, "get-item", "--table-name", USERS, "--key",
               '{"username": {"S": "alice"}}')["Item"]
    assert item["username"] == {"S": "alice"} and item["version"]["N"].isdigit()


def test_a_login_is_one_request(host, password):
    """Neither the account step nor, within the hour of the last one noted, the reply's aftermath
    asks for more."""
    def counts():
        time.sleep(0.5)  # what follows a reply
        return host.server.proxy.counts()

    assert "acct: PAM_SUCCESS" in host.pam("sshd", "alice", password).stdout
    before = counts()
    assert "acct: PAM_SUCCESS" in host.pam("sshd", "alice", password).stdout
    after = counts()
    assert {name: after[name] - before.get(name, 0) for name in after
            if after[name] != before.get(name, 0)} == {"BatchGetItem": 1}
