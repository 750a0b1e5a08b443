# SPDX-License-Identifier: BSD-2-Clause
"""Logins against DynamoDB: one pair of servers for all tests, tables and a service for each."""
import os
import pathlib
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import dynamo_login  # noqa: E402
import servers  # noqa: E402


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    """(proxy, server)"""
    with servers.proxied_dynoxide(tmp_path_factory.mktemp("directory")) as pair:
        yield pair


@pytest.fixture
def login(directory):
    """A host with alice in its tables; the service is not started, no fault is on."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to ask as a PAM host does")
    directory[0].reset()
    with tempfile.TemporaryDirectory(prefix="pam-dynamo.") as folder:
        with dynamo_login.Login(pathlib.Path(folder), *directory) as made:
            yield made
    directory[0].reset()
