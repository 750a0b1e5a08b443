# SPDX-License-Identifier: BSD-2-Clause
"""Logins by tables that other software made: filled by boto3 with the hashes of that software, read
through [attributes], left as they were."""
import json
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

import pytest

import command
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


@pytest.fixture
def sign_up(existing):
    """sign_up(**attributes): alice of a sign-up page, with these attributes beside her name."""
    def make(item=None, sections=None, **attributes):
        login = existing("username", sections=sections, profile="flask-boto3", default_hosts="*",
                         **attributes)
        login.table.put_item(Item={"username": "alice", "name": "Alice Example",
                                   "password": existing_table.werkzeug(PASSWORD), **(item or {})})
        return login
    return make


@pytest.mark.parametrize("stored", [
    existing_table.werkzeug(PASSWORD), existing_table.werkzeug(PASSWORD, "scrypt:1024:8:1"),
    existing_table.werkzeug(PASSWORD, "scrypt:32768:8:1"),
    existing_table.werkzeug(PASSWORD, "pbkdf2:sha256:600000"),
    existing_table.bcrypt(PASSWORD), existing_table.bcrypt(PASSWORD).decode()],
    ids=["pbkdf2", "scrypt", "scrypt-default", "pbkdf2-default", "bcrypt-binary", "bcrypt-text"])
def test_hashes_of_such_pages(sign_up, stored):
    login = sign_up({"password": stored})
    login.start()
    before = login.users()
    assert login.pam("alice", PASSWORD)[0] == GOOD
    assert login.pam("alice", PASSWORD[:-1], "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert login.failures() == 1
    assert login.users() == before


def test_a_login_is_one_request(sign_up, directory):
    login = sign_up(sections={**SERVICE_HOST, "login": {"local_names": "allow",
                                                        "last_login": "no"}})
    login.start()
    before = directory[0].counts()
    assert login.pam("alice", PASSWORD)[0] == GOOD
    after = directory[0].counts()
    assert {name: after[name] - before.get(name, 0) for name in after
            if after[name] != before.get(name, 0)} == {"BatchGetItem": 1}


def test_a_plain_text_password_lets_nobody_in(sign_up):
    login = sign_up({"password": PASSWORD})
    login.start()
    assert login.pam("alice", PASSWORD, "auth")[0] == {"auth": "PAM_SERVICE_ERR"}
    assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_SERVICE_ERR"}
    assert "user alice: attribute password:" in login.log()
    assert PASSWORD not in login.log()


@pytest.mark.parametrize("item,code", [
    ({"is_active": True}, "PAM_SUCCESS"), ({"is_active": False}, "PAM_ACCT_EXPIRED"),
    ({"active": 1}, "PAM_SUCCESS"), ({"active": 0}, "PAM_ACCT_EXPIRED"),
    ({"active": "T"}, "PAM_SUCCESS"), ({"enabled": "no"}, "PAM_ACCT_EXPIRED"),
    ({"status": "Active"}, "PAM_SUCCESS"), ({"status": "suspended"}, "PAM_ACCT_EXPIRED"),
    ({"status": "active", "is_active": False}, "PAM_ACCT_EXPIRED"),
    ({"status": "pending", "is_active": True}, "PAM_ACCT_EXPIRED"),
    ({"status": None}, "PAM_ACCT_EXPIRED"), ({}, "PAM_SUCCESS")],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else value)
def test_who_is_active(sign_up, item, code):
    login = sign_up(item)
    login.start()
    assert login.pam("alice", PASSWORD, "acct")[0] == {"acct": code}
    assert login.pam("alice", PASSWORD, "auth")[0] == {"auth": code}
    assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_AUTH_ERR"}


@pytest.mark.parametrize("attribute,item", [
    ("status", {"status": "offline"}), ("is_active", {"is_active": ["yes"]}),
    ("active", {"status": "active", "active": 2}), ("name", {"name": {"first": "A"}}),
    ("name", {"name": "A:B"}), ("email", {"email": 5}), ("created_at", {"created_at": "yesterday"}),
    ("password", {"password": 5}), ("password", {"password": "x" * 512})],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else value)
def test_what_is_not_understood_is_corrupt(sign_up, attribute, item):
    """The log names the attribute as the table does."""
    login = sign_up(item)
    login.start()
    assert login.pam("alice", PASSWORD, "auth")[0] == {"auth": "PAM_SERVICE_ERR"}
    assert login.pam("alice", PASSWORD, "acct")[0] == {"acct": "PAM_SERVICE_ERR"}
    assert f"item alice: attribute {attribute}:" in login.log()


def test_nobody_without_hosts(existing):
    """That everybody of a sign-up page may log in is for the administrator to say."""
    login = existing("username", profile="flask-boto3")
    login.table.put_item(Item={"username": "alice",
                               "password": existing_table.werkzeug(PASSWORD)})
    login.start()
    assert login.pam("alice", PASSWORD, "auth")[0] == {"auth": "PAM_PERM_DENIED"}
    assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_AUTH_ERR"}


def test_hosts_of_the_record_count_where_the_table_has_them(existing):
    login = existing("username", profile="flask-boto3", hosts="machines")
    for name, more in (("alice", {"machines": ["other", "desk"]}),
                       ("bob", {"machines": {"other"}}), ("carol", {})):
        login.table.put_item(Item={"username": name, **more,
                                   "password": existing_table.werkzeug(PASSWORD)})
    login.start()
    codes = [login.pam(name, PASSWORD, "acct")[0]["acct"] for name in ("alice", "bob", "carol")]
    assert codes == ["PAM_SUCCESS", "PAM_PERM_DENIED", "PAM_PERM_DENIED"]


def test_a_lock_is_ours(sign_up):
    login = sign_up(sections={"login": {"local_names": "allow", "max_failures": 3}})
    login.start()
    before = login.users()
    for _ in range(3):
        assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert login.pam("alice", PASSWORD, "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert login.failures() == 3
    login.command.good("unlock", "alice")
    assert login.pam("alice", PASSWORD)[0] == GOOD
    assert login.users() == before


def test_realms(existing):
    """The same name in two realms is two users."""
    login = existing("realm", "user", profile="pam-dynamo-realm", partition_value="example.org",
                     default_hosts="*")
    salt = "5a" * 32
    for item in ({"realm": "example.org", "user": "alice", "salt": salt,
                  "password": existing_table.sha3(PASSWORD, salt), "scopes": ["admin"]},
                 {"realm": "example.org", "user": "bob", "password": existing_table.sha3(PASSWORD)},
                 {"realm": "other", "user": "alice", "password": existing_table.sha3(WRONG)},
                 {"realm": "other", "user": "eve", "password": existing_table.sha3(PASSWORD)}):
        login.table.put_item(Item=item)
    login.start()
    before = login.users()
    assert login.pam("alice", PASSWORD)[0] == GOOD
    assert login.pam("bob", PASSWORD)[0] == GOOD
    assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert login.pam("alice", salt + PASSWORD, "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert login.pam("eve", PASSWORD, "auth")[0] == {"auth": "PAM_USER_UNKNOWN"}
    assert [user["username"] for user in login.command.json("list")] == ["alice", "bob"]
    assert login.users() == before


def test_addresses_as_names(existing):
    """The key is the address; what the page did not put into lower case nobody can be called."""
    login = existing("email", profile="flask-boto3", default_hosts="*",
                     sections={"users": {"names": "email"}})
    for address in ("alice@example.org", "Bob@example.org"):
        login.table.put_item(Item={"email": address, "name": "A",
                                   "password": existing_table.werkzeug(PASSWORD)})
    login.start()
    before = login.users()
    assert login.pam("alice@example.org", PASSWORD)[0] == GOOD
    assert login.pam("alice@example.org", WRONG, "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert login.failures("alice@example.org") == 1
    for name in ("alice", "bob@example.org", "Bob@example.org"):
        assert login.pam(name, PASSWORD, "auth")[0] == {"auth": "PAM_USER_UNKNOWN"}
    assert login.command.json("map", "check")["bad_names"] == {"Bob@example.org": 1}
    assert login.users() == before


def test_nothing_of_a_table_that_is_only_read_is_changed(sign_up):
    login = sign_up({"email": "alice@example.org"})
    login.start()
    before = login.users()
    assert login.pam("alice", PASSWORD)[0] == GOOD
    codes, _ = login.pam("alice", f"{PASSWORD}\nanother long password\nanother long password",
                         "passwd")
    assert codes == {"passwd": "PAM_PERM_DENIED"}
    for words in (("passwd", "alice"), ("set", "alice", "full_name=Alice Elsewhere"),
                  ("disable", "alice"), ("grant", "alice", "web"), ("delete", "alice", "--yes"),
                  ("add", "bob", "--no-password")):
        if words[0] == "passwd":
            words += ("--password-stdin",)
        login.command.run(*words, stdin="another long password here\n")
    login.command.good("init", "--quiet")
    assert login.pam("alice", PASSWORD)[0] == GOOD
    assert login.users() == before


def test_a_changed_password_is_written_where_the_map_says_so(sign_up):
    login = sign_up({"role": "admin", "updated_at": "2025-01-31"}, writable="yes")
    login.start()
    old = login.table.get_item(Key={"username": "alice"})["Item"]
    new = "another long password"
    codes, _ = login.pam("alice", f"{PASSWORD}\n{new}\n{new}", "passwd")
    assert codes == {"passwd": "PAM_SUCCESS"}
    item = login.table.get_item(Key={"username": "alice"})["Item"]
    assert item.pop("password").startswith("$argon2id$")
    assert item == {name: value for name, value in old.items() if name != "password"}
    assert login.pam("alice", new)[0] == GOOD
    assert login.pam("alice", PASSWORD, "auth")[0] == {"auth": "PAM_AUTH_ERR"}
    assert len(login.users()) == 1


@pytest.mark.parametrize("stored", [existing_table.werkzeug(PASSWORD),
                                    existing_table.bcrypt(PASSWORD)], ids=["text", "binary"])
def test_an_old_hash_is_renewed_where_the_map_says_so(sign_up, stored):
    login = sign_up({"password": stored}, writable="yes")
    login.start()
    assert login.pam("alice", PASSWORD)[0] == GOOD
    login.stop()  # waits for what comes after a reply
    assert login.table.get_item(Key={"username": "alice"})["Item"]["password"].startswith(
        "$argon2id$")
    login.start()
    assert login.pam("alice", PASSWORD)[0] == GOOD


@pytest.mark.parametrize("fault", ["drop", "drop_after", "500_after"])
def test_a_lost_answer_is_settled_by_what_the_table_holds(sign_up, directory, fault):
    login = sign_up(writable="yes")
    login.start()
    new = "another long password"
    directory[0].control(fault=fault, operation="UpdateItem", times=1)
    codes, _ = login.pam("alice", f"{PASSWORD}\n{new}\n{new}", "passwd")
    directory[0].reset()
    assert codes == {"passwd": "PAM_SUCCESS"}
    assert login.pam("alice", new)[0] == GOOD


def test_a_change_of_others_wins(sign_up, directory):
    """The page changes the password between our read and our write: what it wrote stays."""
    login = sign_up({"password": existing_table.werkzeug(PASSWORD)}, writable="yes")
    login.start()
    theirs = existing_table.werkzeug("what the page wrote")
    directory[0].control(delay_ms=300)  # between the table's answer and our reading it

    def meanwhile():
        end = time.monotonic() + 30
        while "BatchGetItem" not in directory[0].counts() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)
        login.table.update_item(Key={"username": "alice"}, UpdateExpression="SET password = :p",
                                ExpressionAttributeValues={":p": theirs})

    other = threading.Thread(target=meanwhile)
    other.start()
    login.pam("alice", PASSWORD)
    other.join()
    directory[0].reset()
    login.stop()  # after what follows the reply
    item = login.table.get_item(Key={"username": "alice"})["Item"]
    assert item["password"] == theirs


def test_another_map_is_taken_up_by_a_reload(existing):
    login = existing("username", profile="flask-boto3")
    login.table.put_item(Item={"username": "alice", "pw": existing_table.werkzeug(PASSWORD),
                               "password": existing_table.werkzeug(WRONG), "place": "desk"})
    login.start()
    assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_PERM_DENIED"}
    login.configure(attributes={"password": "pw", "default_hosts": "*"})
    login.signal(signal.SIGHUP)
    end = time.monotonic() + 30
    while "configuration reloaded" not in login.log():
        assert time.monotonic() < end, login.log()
        time.sleep(0.01)
    assert login.pam("alice", PASSWORD)[0] == GOOD
    assert login.pam("alice", WRONG, "auth")[0] == {"auth": "PAM_AUTH_ERR"}


BAD_MAPS = [
    ({"full_name": "password"}, "full_name: would show the secret that password holds"),
    ({"profile_fields": "city api_token"}, "profile_fields: would show api_token, which holds"),
    ({"email": "name"}, "email: name is named twice, by full_name and email"),
    ({"email": "username"}, "email: username is the key of the table already"),
    ({"displayName": "name"}, "displayName: unknown key"),
]


@pytest.mark.parametrize("bad,told", BAD_MAPS, ids=[list(bad)[0] for bad, _ in BAD_MAPS])
def test_a_bad_map_is_refused_at_start_and_at_a_reload(sign_up, bad, told):
    login = sign_up()
    login.start()
    login.configure(attributes=bad)
    login.signal(signal.SIGHUP)
    line = re.compile(r"service\.conf:\d+: \[attributes\] " + re.escape(told) + ".*; ")
    end = time.monotonic() + 30
    while not line.search(login.log()):
        assert time.monotonic() < end, login.log()
        time.sleep(0.01)
    assert login.pam("alice", PASSWORD)[0] == GOOD  # by the map it had
    assert login.stop() == 0
    result = subprocess.run([command.BUILD / "pam-dynamod", "-f", "-c", login.conf], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30,
                            check=False, env={"PATH": "/usr/bin:/bin"})
    assert result.returncode != 0 and line.search(result.stdout)
