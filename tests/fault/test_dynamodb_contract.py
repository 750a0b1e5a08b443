# SPDX-License-Identifier: BSD-2-Clause
"""The contract of the store through the checking proxy: every request that the engine makes carries
a signature that botocore makes too, with and without a session token, and on kept connections."""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import servers  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PAM_DYNAMO_BUILD", ROOT / "build"))
PROGRAM = BUILD / "contract" / "test_store"
TOKEN = "FwoGZXIvYXdzEBYaD+session/token=="
OPERATIONS = {"BatchGetItem", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Scan",
              "TransactWriteItems"}


def run(url, token=""):
    environment = dict(os.environ, AWS_SESSION_TOKEN=token)
    if not token:
        environment.pop("AWS_SESSION_TOKEN")
    return subprocess.run([PROGRAM, "dynamodb", url], text=True, errors="replace", timeout=150,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                          check=False)


@pytest.mark.parametrize("token", ["", TOKEN])
def test_every_request_is_signed(tmp_path, token):
    with servers.proxied_dynoxide(tmp_path, session_token=token) as (proxy, _):
        proxy.reset()
        result = run(proxy.url, token)
        assert result.returncode == 0, result.stdout
        state = proxy.state()
        assert state["refused"] == {}
        assert OPERATIONS <= set(state["counts"])
        assert state["connections"] <= 10  # one of each thread, kept


def test_a_wrong_key_does_nothing(tmp_path):
    with servers.proxied_dynoxide(tmp_path, access_key="AKIDOTHER") as (proxy, _):
        proxy.reset()
        assert run(proxy.url).returncode != 0
        state = proxy.state()
        assert set(state["refused"]) == {"UnrecognizedClientException"}
        assert sum(state["refused"].values()) == sum(state["counts"].values())


@pytest.mark.parametrize("fault", ["500", "drop", "drop_after", "500_after", "truncated",
                                   "wrong_crc", "half_json", "garbage"])
def test_faults_that_pass(tmp_path, fault):
    """A fault at the first writes and reads changes no answer of the contract."""
    with servers.proxied_dynoxide(tmp_path) as (proxy, _):
        for operation in ("PutItem", "TransactWriteItems", "UpdateItem"):
            proxy.control(fault=fault, operation=operation, times=2)
            result = run(proxy.url)
            assert result.returncode == 0, result.stdout
            assert proxy.state()["settings"]["times"] == 0
