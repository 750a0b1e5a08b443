# SPDX-License-Identifier: BSD-2-Clause
"""The command with the keys of a container and of an instance, from endpoints on loopback."""
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import credential_endpoint  # noqa: E402
import servers  # noqa: E402
from command import REGION, Command  # noqa: E402

SOURCES = {"container": {"container_endpoint": "{url}/container/keys"},
           "imds": {"imds_endpoint": "{url}"}}


@pytest.fixture(params=SOURCES)
def command(request, tmp_path):
    with servers.dynoxide(tmp_path) as server, credential_endpoint.start() as endpoint:
        made = Command(tmp_path, "dynamodb", server.url)
        keys = {key: value.format(url=endpoint.url) for key, value in SOURCES[request.param].items()}
        made.configure(dynamodb={"region": REGION, "endpoint": server.url, "users_table": made.users,
                                 "state_table": made.state, "credentials": request.param, **keys})
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del made.environment[name]
        made.endpoint, made.source = endpoint, request.param
        yield made


def test_keys_are_taken(command):
    command.good("init", "--quiet")
    command.good("add", "alice", "--no-password")
    assert command.show("alice")["username"] == "alice"
    assert command.endpoint.given == 3  # one for each run


@pytest.mark.parametrize("settings", [{"status": 500}, {"body": "<html>"}, {"delay_s": 3}])
def test_no_keys_no_answer(command, settings):
    command.endpoint.settings.update(settings)
    assert command.bad(69, "show", "alice")


def test_an_instance_without_a_role(command):
    command.endpoint.settings.update(role="", token="wanted")
    assert command.run("show", "alice").returncode in (69, 78)


SKEW_S = 86400


@pytest.mark.parametrize("ahead", [SKEW_S, -SKEW_S])
def test_a_wrong_clock(command, tmp_path, ahead):
    """This machine's clock is a day off: to it, fresh keys have expired, or live too long. The
    server's Date sets that right before anything is decided."""
    command.endpoint.settings["life_s"] = 3600 - ahead
    with servers.start_proxy(tmp_path, command.url, access_key="AKID0001",
                             secret_key="container/secret+key",
                             session_token="session+token==") as proxy:
        proxy.control(clock_offset_s=-ahead)
        command.conf.write_text(command.conf.read_text().replace(command.url, proxy.url))
        result = command.run("init", "--quiet")
        assert result.returncode == 0, result.stderr
        assert ("expired 82800 s ago" in result.stderr) == (ahead > 0)
        assert proxy.state()["refused"] == {"InvalidSignatureException": 1}
