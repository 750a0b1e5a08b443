# SPDX-License-Identifier: BSD-2-Clause
"""boto3 and the AWS command line on the same items as the command."""
import json
import subprocess

import boto3
import pytest

from command import ACCESS_KEY, KEY, PASSWORD, REGION, SECRET_KEY, Command


@pytest.fixture
def command(tmp_path, dynoxide):
    made = Command(tmp_path, "dynamodb", dynoxide.url)
    made.good("init", "--quiet")
    return made


@pytest.fixture
def users(command):
    return boto3.resource("dynamodb", endpoint_url=command.url, region_name=REGION,
                          aws_access_key_id=ACCESS_KEY,
                          aws_secret_access_key=SECRET_KEY).Table(command.users)


def get(users, name):
    return users.get_item(Key={"username": name}, ConsistentRead=True).get("Item")


def aws(command, *words):
    result = subprocess.run(
        ["/usr/bin/aws", "--endpoint-url", command.url, "--region", REGION, "--output", "json",
         "dynamodb", *words], text=True, stdout=subprocess.PIPE, check=True,
        env=dict(command.environment, AWS_CONFIG_FILE="/dev/null",
                 AWS_SHARED_CREDENTIALS_FILE="/dev/null"))
    return json.loads(result.stdout) if result.stdout.strip() else None


def test_boto3_reads_what_we_write(command, users):
    command.add("alice", "--hosts", "web1,web2", "--email", "Alice@example.org", "--groups", "a,b")
    command.good("set", "alice", f"ssh_keys={KEY}", "profile=city=Bonn")
    item = get(users, "alice")
    shown = command.show("alice")
    assert item["hosts"] == {"web1", "web2"} and item["groups"] == {"a", "b"}
    assert item["ssh_keys"] == [KEY] and item["profile"] == {"city": "Bonn"}
    assert item["uid"] == shown["uid"] and item["version"] == 2 and item["schema"] == 1
    assert item["status"] == "active" and item["password"].startswith("$argon2id$")
    assert "full_name" not in item and "services" not in item
    assert get(users, f"uid#{item['uid']}")["owner"] == "alice"
    others = [row for row in users.scan()["Items"] if row["username"].startswith("email#")]
    assert [row["owner"] for row in others] == ["alice"]


def test_we_read_what_boto3_writes(command, users):
    users.put_item(Item={"username": "boto", "schema": 1, "version": 1, "status": "active",
                         "epoch": 1, "hosts": {"*"}, "uid": 1900000001, "full_name": "Boto",
                         "profile": {"floor": "3"}, "ssh_keys": [KEY], "email_verified": False})
    user = command.show("boto")
    assert user["hosts"] == ["*"] and user["uid"] == 1900000001 and user["full_name"] == "Boto"
    assert user["profile"] == {"floor": "3"} and user["ssh_keys"] == [KEY]
    assert user["has_password"] is False
    assert command.json("passwd", "boto", stdin=PASSWORD)["has_password"] is True


def test_foreign_attributes_survive_every_change(command, users):
    command.add("alice", "--email", "a@example.org")
    foreign = {"badge": {"colour": "green", "n": [1, None, True, b"x"]}, "tags": {b"a", b"b"}}
    users.update_item(Key={"username": "alice"}, UpdateExpression="SET badge = :b, tags = :t",
                      ExpressionAttributeValues={":b": foreign["badge"], ":t": foreign["tags"]})
    before = get(users, "alice")
    for words in (["set", "alice", "full_name=Alice"], ["disable", "alice"], ["enable", "alice"],
                  ["grant", "alice", "web1"], ["set", "alice", "email=b@example.org"]):
        command.good(*words)
        item = get(users, "alice")
        assert item["badge"] == before["badge"] and item["tags"] == before["tags"], words
    command.good("passwd", "alice", stdin=PASSWORD + "!")
    assert get(users, "alice")["badge"] == before["badge"]
    assert "badge" not in command.show("alice")


def test_a_change_by_boto3_is_not_overwritten(command, users):
    """Fields that we do not change keep what others wrote, also without a new version."""
    command.good("add", "alice", "--no-password", "--full-name", "A")
    users.update_item(Key={"username": "alice"}, UpdateExpression="SET full_name = :n ADD version :o",
                      ExpressionAttributeValues={":n": "Boto's", ":o": 1})
    command.good("grant", "alice", "web1")
    item = get(users, "alice")
    assert item["full_name"] == "Boto's" and item["version"] == 3 and item["hosts"] == {"web1"}


@pytest.mark.parametrize("change", [
    {"status": "happy"}, {"uid": "twelve"}, {"version": -1}, {"hosts": "web1"}, {"username": "alice",
                                                                            "ssh_keys": {"a": "b"}},
], ids=range(5))
def test_items_that_break_the_format(command, users, change):
    item = {"username": "alice", "schema": 1, "version": 1, "status": "active", "epoch": 1}
    users.put_item(Item=item | change)
    users.put_item(Item=item | {"username": "bob"})
    text = command.bad(65, "show", "alice")
    assert "alice" in text
    result = command.run("list", "--json")
    assert result.returncode == 65
    assert [user["username"] for user in json.loads(result.stdout)] == ["bob"]
    command.bad(65, "set", "alice", "full_name=x")
    assert get(users, "alice") == item | change


def test_the_aws_command_line_edits(command, users):
    command.add("alice", "--hosts", "*")
    key = '{"username": {"S": "alice"}}'
    item = aws(command, "get-item", "--table-name", command.users, "--key", key)["Item"]
    assert item["hosts"] == {"SS": ["*"]} and item["version"] == {"N": "1"}
    aws(command, "update-item", "--table-name", command.users, "--key", key,
        "--update-expression", "SET #s = :s ADD version :o", "--expression-attribute-names",
        '{"#s": "status"}', "--expression-attribute-values",
        '{":s": {"S": "disabled"}, ":o": {"N": "1"}}')
    user = command.show("alice")
    assert user["status"] == "disabled" and user["version"] == 2
    assert command.json("enable", "alice")["version"] == 3
    assert get(users, "alice")["status"] == "active"


def test_delete_leaves_the_uid_taken(command, users):
    command.add("alice", "--hosts", "*", "--email", "a@example.org")
    uid = command.show("alice")["uid"]
    command.good("delete", "alice", "--yes")
    assert get(users, "alice") is None
    assert {row["username"] for row in users.scan()["Items"]} == {f"uid#{uid}"}


def test_lock_writes_the_state_table_alone(command, users):
    command.add("alice", "--hosts", "*")
    before = users.scan()["Items"]
    command.good("lock", "alice", "--for", "1h")
    assert users.scan()["Items"] == before
    state = boto3.resource("dynamodb", endpoint_url=command.url, region_name=REGION,
                           aws_access_key_id=ACCESS_KEY,
                           aws_secret_access_key=SECRET_KEY).Table(command.state)
    item = state.get_item(Key={"id": "fail#alice"})["Item"]
    assert item["expires_at"] >= item["locked_until"] > 0


def test_credentials_of_an_aws_profile(command):
    """The command takes them where the AWS command line does."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del command.environment[name]
    command.environment["AWS_EC2_METADATA_DISABLED"] = "true"
    command.bad(78, "list")
    folder = command.directory / ".aws"
    folder.mkdir()
    text = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n"
    (folder / "credentials").write_text(f"[default]\n{text}")
    (folder / "credentials").chmod(0o600)
    assert command.json("list") == []
    elsewhere = command.directory / "elsewhere"
    elsewhere.write_text(f"[admin]\n{text}")
    elsewhere.chmod(0o600)
    command.environment.update(AWS_SHARED_CREDENTIALS_FILE=str(elsewhere), AWS_PROFILE="admin")
    assert command.json("list") == []
    command.environment["AWS_PROFILE"] = "nobody"
    command.bad(78, "list")
