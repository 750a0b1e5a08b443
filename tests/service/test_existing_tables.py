# SPDX-License-Identifier: BSD-2-Clause
"""Logins by tables that other software made: filled by boto3 with the hashes of that software, read
through [attributes], left as they were."""
import json
import pathlib
import tempfile

import pytest

import existing_table
import servers
from existing_table import PASSWORD

WRONG = "wrong horse battery staple"
GOOD = {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}
# A host for service logins: no user of such a table has a uid.
SERVICE_HOST = {"login": {"local_names": "allow"}}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    with servers.proxied_dynoxide(tmp_path_factory.mktemp("existing")) as pair:
        yield pair


@pytest.fixture
def existing(directory):
    """existing(keys, **attributes): a host, not started, over a new table with these keys."""
    opened = []

    def make(*keys, sections=None, **attributes):
        folder = tempfile.TemporaryDirectory(prefix="pam-dynamo.")
        made = existing_table.ExistingLogin(pathlib.Path(folder.name), *directory, keys,
                                            sections=sections or SERVICE_HOST, **attributes)
        opened.append((folder, made))
        return made

    directory[0].reset()
    yield make
    for folder, made in opened:
        made.stop()
        folder.cleanup()
    directory[0].reset()


def test_users_of_a_sign_up_page_log_in(existing):
    login = existing("username", profile="flask-boto3", default_hosts="*")
    login.table.put_item(Item={"username": "alice", "name": "Alice Example",
                               "email": "alice@example.org", "created_at": "2025-01-31T08:00:00",
                               "password": existing_table.werkzeug(PASSWORD)})
    login.start()
    before = login.users()
    assert login.pam("alice", PASSWORD)[0] == GOOD
    assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert login.failures() == 1
    assert login.pam("nobody-there", PASSWORD, "auth")[0] == {"auth": "PAM_USER_UNKNOWN"}
    assert login.users() == before
