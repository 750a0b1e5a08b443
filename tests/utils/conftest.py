# SPDX-License-Identifier: BSD-2-Clause
"""The command on each store, every test on one of its own."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import command as command_module  # noqa: E402
import servers  # noqa: E402


@pytest.fixture(scope="session")
def dynoxide(tmp_path_factory):
    """dynoxide behind the proxy that checks every signature."""
    tmp = tmp_path_factory.mktemp("dynoxide")
    with servers.dynoxide(tmp) as upstream:
        with servers.start_proxy(tmp, upstream, access_key=command_module.ACCESS_KEY,
                                 secret_key=command_module.SECRET_KEY,
                                 region=command_module.REGION) as proxy:
            yield proxy


def make(tmp_path, engine, request):
    url = request.getfixturevalue("dynoxide").url if engine == "dynamodb" else None
    return command_module.Command(tmp_path, engine, url)


@pytest.fixture(params=["sqlite", "dynamodb"])
def empty(request, tmp_path):
    """A command whose store does not exist yet."""
    return make(tmp_path, request.param, request)


@pytest.fixture
def command(empty):
    """A command with an empty store."""
    empty.good("init", "--quiet")
    return empty


@pytest.fixture
def sqlite(tmp_path, request):
    """For what has nothing to do with the kind of store."""
    made = make(tmp_path, "sqlite", request)
    made.good("init", "--quiet")
    return made
