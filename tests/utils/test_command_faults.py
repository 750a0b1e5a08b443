# SPDX-License-Identifier: BSD-2-Clause
"""The command when the directory refuses, hangs up or loses its answers."""
import json
import subprocess
import time

import boto3
import pytest

from command import ACCESS_KEY, PASSWORD, REGION, SECRET_KEY, Command


@pytest.fixture
def command(tmp_path, dynoxide):
    made = Command(tmp_path, "dynamodb", dynoxide.url)
    made.good("init", "--quiet")
    made.good("add", "alice", "--no-password", "--hosts", "*")
    yield made
    dynoxide.reset()


def despite_warnings(command, *words, stdin=""):
    """Standard output of a success; each attempt that failed is a line on standard error."""
    result = command.run(*words, stdin=stdin)
    assert result.returncode == 0 and "attempt 1" in result.stderr, result
    return result.stdout


def test_a_wrong_secret_key(command):
    command.environment["AWS_SECRET_ACCESS_KEY"] = "wrong" + SECRET_KEY
    for words in (["show", "alice"], ["list"], ["set", "alice", "full_name=x"]):
        text = command.bad(78, *words)
        assert SECRET_KEY not in text and "check" in text
    result = command.run("check", "--json")
    assert result.returncode == 78
    assert [row for row in json.loads(result.stdout) if row["finding"] == "bad"]
    command.environment["AWS_SECRET_ACCESS_KEY"] = SECRET_KEY
    assert "full_name" not in command.show("alice")


def test_a_wrong_region(command, dynoxide):
    command.configure(dynamodb={"region": "eu-west-9", "endpoint": dynoxide.url,
                                "users_table": command.users, "state_table": command.state})
    command.bad(78, "show", "alice")


@pytest.mark.parametrize("fault, code", [
    ("500", 69), ("503", 69), ("502_html", 69), ("throttle", 69), ("drop", 69), ("truncated", 69),
    ("hang", 69), ("access_denied", 78), ("expired_token", 78), ("not_found", 78),
    ("wrong_key", 65),
])
def test_faults_that_stay(command, dynoxide, fault, code):
    dynoxide.control(fault=fault)
    start = time.monotonic()
    command.bad(code, "show", "alice")
    assert time.monotonic() - start < 12
    dynoxide.reset()
    assert command.show("alice")["version"] == 1


@pytest.mark.parametrize("fault", ["500", "throttle", "drop", "truncated", "wrong_crc"])
def test_faults_that_pass(command, dynoxide, fault):
    dynoxide.control(fault=fault, times=1)
    assert json.loads(despite_warnings(command, "show", "alice", "--json"))["version"] == 1


@pytest.mark.parametrize("fault", ["500_after", "drop_after"])
def test_a_write_whose_answer_is_lost_is_written_once(command, dynoxide, fault):
    dynoxide.control(fault=fault, operation="UpdateItem", times=1)
    despite_warnings(command, "set", "alice", "full_name=Alice")
    user = command.show("alice")
    assert user["full_name"] == "Alice" and user["version"] == 2


@pytest.mark.parametrize("fault", ["500_after", "drop_after"])
def test_an_add_whose_answer_is_lost_is_no_conflict(command, dynoxide, fault):
    dynoxide.control(fault=fault, operation="TransactWriteItems", times=1)
    despite_warnings(command, "add", "bob", "--hosts", "*", stdin=PASSWORD)
    assert command.show("bob")["version"] == 1


def test_a_list_that_is_cut_does_not_look_whole(command, dynoxide):
    table = boto3.resource("dynamodb", endpoint_url=command.url, region_name=REGION,
                           aws_access_key_id=ACCESS_KEY,
                           aws_secret_access_key=SECRET_KEY).Table(command.users)
    with table.batch_writer() as batch:
        for i in range(150):
            batch.put_item(Item={"username": f"user{i:03}", "schema": 1, "version": 1, "epoch": 1,
                                 "status": "active"})
    dynoxide.reset()
    dynoxide.control(delay_ms=500)
    with subprocess.Popen(command.words("list", "--json"), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=command.environment) as process:
        while dynoxide.counts().get("Scan", 0) < 2:  # the second waits for its reply
            assert process.poll() is None
            time.sleep(0.01)
        dynoxide.control(fault="500")
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 69 and errors and output.startswith(b"[")
    assert b"user" in output
    with pytest.raises(json.JSONDecodeError):
        json.loads(output)
    dynoxide.reset()
    assert len(command.json("list")) == 151
