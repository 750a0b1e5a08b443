# SPDX-License-Identifier: BSD-2-Clause
"""names = email: a login by address through the module, the service and each store."""
import pytest

import varlink
from conftest import wait_for
from dynamo_login import PASSWORD, WRONG

ALICE = "alice.b+mail@example.org"
LONGEST = "l" * 64 + "@" + ".".join(["d" * 63, "d" * 63, "d" * 61])
GOOD = {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}
UNKNOWN = {"auth": "PAM_USER_UNKNOWN"}


@pytest.fixture
def addresses(host):
    """alice of the other grammar stays in the table."""
    host.userdb = host.folder / "io.pam-dynamo"
    host.configure(users={"names": "email"}, service={"userdb_socket": host.userdb})
    host.command.add(ALICE, "--hosts", "*")
    host.command.add(LONGEST, "--hosts", "*")
    host.start()
    return host


@pytest.mark.parametrize("name", [ALICE, LONGEST])
def test_an_address_logs_in(addresses, name):
    assert addresses.pam(name, PASSWORD)[0] == GOOD
    assert addresses.pam(name, WRONG)[0] == {"auth": "PAM_AUTH_ERR"}
    wait_for(lambda: f"user={name} " in addresses.log(), "the audit line, with the whole name")
    user = addresses.command.show(name)
    assert user["username"] == name and user["failures"] == 1
    assert not {"uid", "gid", "home", "shell"} & set(user)
    assert addresses.pam(name, PASSWORD)[0] == GOOD


@pytest.mark.parametrize("name", [
    "alice", "root", "Alice.b+mail@example.org", "alice.b+mail@Example.org", ALICE + ".",
    "alice@example", "email#" + ALICE, "nobody@example.org", "a/../" + ALICE, "l" + LONGEST])
def test_other_names_are_unknown(addresses, name):
    assert addresses.pam(name, PASSWORD)[0] == UNKNOWN
    assert addresses.pam(name, PASSWORD, "acct")[0] == {"acct": "PAM_USER_UNKNOWN"}


def test_the_lock_of_an_address(addresses):
    addresses.configure(login={"max_failures": 2})
    addresses.stop()
    addresses.start()
    for _ in range(2):
        addresses.pam(LONGEST, WRONG)
    assert addresses.pam(LONGEST, PASSWORD)[0] == {"auth": "PAM_AUTH_ERR"}
    assert addresses.command.show(LONGEST)["locked"]
    addresses.command.good("unlock", LONGEST)
    assert addresses.pam(LONGEST, PASSWORD)[0] == GOOD


def test_a_password_is_changed(addresses):
    new = "a longer word than the one before"
    assert addresses.pam(ALICE, f"{PASSWORD}\n{new}\n{new}", "passwd")[0] == {
        "passwd": "PAM_SUCCESS"}
    assert addresses.pam(ALICE, new)[0] == GOOD


def test_the_user_database_shows_nobody(addresses):
    addresses.command.good("set", ALICE, "uid=1900000001")
    for question in ({"userName": ALICE}, {"userName": "alice"}, {"uid": 1900000001}):
        with pytest.raises(varlink.Error) as error:
            varlink.call(addresses.userdb, "GetUserRecord", **question)
        assert error.value.name == "NoRecordFound"


def test_the_same_table_with_posix_names(host):
    """An address is no name there, whatever the module lets through."""
    host.configure(users={"names": "email"})
    host.command.add(ALICE, "--hosts", "*")
    host.configure(users={"names": "posix"})
    host.start()
    assert host.pam(ALICE, PASSWORD)[0] == UNKNOWN
    assert host.authenticate(ALICE).reason == "bad-name"
    assert host.pam("alice", PASSWORD)[0] == GOOD
