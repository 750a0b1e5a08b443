# SPDX-License-Identifier: BSD-2-Clause
"""The user database: who becomes a user of this host, who sees what."""
import contextlib
import json
import re
import sqlite3

import pytest

import varlink
from conftest import as_uid

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx6bq0Y8a6mvZ1YV3dQeYkWkWcF1cYj5V2y8m1hO4rT alice@example"
NOBODY = 65534


def refused(daemon, method, **parameters):
    with pytest.raises(varlink.Error) as error:
        daemon.lookup(method, **parameters)
    return error.value.name


@pytest.fixture
def users(stopped):
    keys = stopped.folder / "keys.pub"
    keys.write_text(KEY + "\n")
    stopped.set("userdb", groups="staff, nosuchgroup")
    stopped.set("users", home="/srv/home/%u", shell="/bin/sh")
    stopped.alice_uid = stopped.add("alice", "--hosts", "testhost", "--full-name", "Alice Example",
                                    "--groups", "staff,adm,nosuchgroup", "--key", keys)
    stopped.start()
    return stopped


def test_a_user_by_name_and_uid(users):
    answer = users.lookup("GetUserRecord", userName="alice")
    assert answer == users.lookup("GetUserRecord", uid=users.alice_uid)
    record = answer["record"]
    home = record.pop("homeDirectory")
    assert home.endswith("/alice")
    assert record.pop("privileged") == {"sshAuthorizedKeys": [KEY]}
    assert record.pop("shell").startswith("/bin/")
    assert record == {"userName": "alice", "realName": "Alice Example", "uid": users.alice_uid,
                      "gid": users.alice_uid, "disposition": "regular", "service": "io.pam-dynamo"}
    assert answer["incomplete"] is False


def test_no_password_hash_for_anyone(users):
    text = json.dumps(users.lookup("GetUserRecord", userName="alice"))
    assert "argon2" not in text and "hashedPassword" not in text


def test_keys_are_for_root_alone(users):
    answer = as_uid(NOBODY, users.lookup, "GetUserRecord", userName="alice")
    assert "privileged" not in answer["record"] and answer["incomplete"] is True
    assert answer["record"]["uid"] == users.alice_uid


def test_the_private_group(users):
    group = users.lookup("GetGroupRecord", groupName="alice")
    assert group == users.lookup("GetGroupRecord", gid=users.alice_uid)
    assert group["record"] == {"groupName": "alice", "gid": users.alice_uid,
                               "disposition": "regular", "service": "io.pam-dynamo"}


def test_memberships_of_allowed_local_groups_only(users):
    expected = [{"userName": "alice", "groupName": "staff"}]
    assert users.lookup("GetMemberships", userName="alice", more=True) == expected
    assert users.lookup("GetMemberships", userName="alice", groupName="staff", more=True) == expected
    assert refused(users, "GetMemberships", userName="alice", groupName="adm") == "NoRecordFound"
    assert refused(users, "GetMemberships", userName="nosuch") == "NoRecordFound"
    assert refused(users, "GetMemberships", groupName="adm", more=True) == "NoRecordFound"
    assert refused(users, "GetMemberships", groupName="staff", more=True) == "NoRecordFound"


@pytest.mark.parametrize("parameters", [
    {"userName": "nosuch"}, {"userName": "root"}, {"userName": "daemon"}, {"userName": "No Such"},
    {"userName": ""}, {"userName": "a" * 500}, {"uid": 0}, {"uid": 1}, {"uid": 65534},
    {"uid": 65535}, {"uid": 2147483646}, {"uid": 2147483647}, {"uid": 2147483648},
    {"uid": 4294967295},
])
def test_not_ours(users, parameters):
    assert refused(users, "GetUserRecord", **parameters) == "NoRecordFound"


def test_groups_not_ours(users):
    for parameters in ({"groupName": "root"}, {"groupName": "staff"}, {"gid": 0},
                       {"gid": 50}, {"gid": 65534}, {"gid": 65535}, {"gid": 2147483646},
                       {"gid": 2147483648}, {"gid": 4294967295}):
        assert refused(users, "GetGroupRecord", **parameters) == "NoRecordFound"


def test_only_users_with_a_grant(stopped):
    stopped.add("alice", "--hosts", "testhost")
    stopped.command("grant", "alice", "--remove", "testhost")
    stopped.start()
    assert refused(stopped, "GetUserRecord", userName="alice") == "NoRecordFound"


def rewrite(service, **columns):
    """As another program would: past every rule of ours."""
    with sqlite3.connect(service.database) as database:
        for name, value in columns.items():
            database.execute(f"UPDATE users SET {name} = ? WHERE username = 'alice'", (value,))


BAD_IDS = [{name: value} for name in ("uid", "gid")
           for value in (1, 1000, 65536, 1879048191)]
CORRUPT_IDS = [{name: value} for name in ("uid", "gid")
               for value in (-1, 0, 65534, 65535, 2147483647, 2147483648, 4294967296)]


@pytest.mark.parametrize("columns", BAD_IDS, ids=str)
def test_system_ids_are_never_served(stopped, columns):
    stopped.add("alice", "--hosts", "*")
    rewrite(stopped, **columns)
    stopped.start()
    assert refused(stopped, "GetUserRecord", userName="alice") == "NoRecordFound"
    assert refused(stopped, "GetGroupRecord", groupName="alice") == "NoRecordFound"


@pytest.mark.parametrize("columns", CORRUPT_IDS, ids=str)
def test_impossible_ids_make_a_record_corrupt(stopped, columns):
    """Nobody knows who that would be: that is no absence, and no login either."""
    stopped.add("alice", "--hosts", "*")
    rewrite(stopped, **columns)
    stopped.start()
    assert refused(stopped, "GetUserRecord", userName="alice") == "ServiceNotAvailable"
    answer = stopped.authenticate()
    assert (answer.verdict, answer.reason) == ("fault", "corrupt-record")
    assert re.search(rf"user alice: (attribute|column) {list(columns)[0]}\b", stopped.log())


def test_a_uid_of_somebody_else_is_not_shown(stopped):
    """Two records with one uid, as another program may leave them: the item decides."""
    uid = stopped.add("bob", "--hosts", "*")
    stopped.add("alice", "--hosts", "*")
    rewrite(stopped, uid=uid)
    stopped.start()
    for uid_first in (False, True):
        if uid_first:
            assert stopped.lookup("GetUserRecord", uid=uid)["record"]["userName"] == "bob"
        for name in ("userName", "groupName"):
            method = "GetUserRecord" if name == "userName" else "GetGroupRecord"
            assert refused(stopped, method, **{name: "alice"}) == "NoRecordFound"
            assert stopped.lookup(method, **{name: "bob"})
    assert refused(stopped, "GetMemberships", userName="alice") == "NoRecordFound"
    stopped.logs(f"alice is not shown: its uid {uid} is bob's; give it another")


def test_nobody_becomes_a_member_of_roots_group(stopped):
    stopped.set("userdb", groups="root staff")
    stopped.add("alice", "--hosts", "*", "--groups", "staff")
    with contextlib.closing(sqlite3.connect(stopped.database)) as database:
        database.execute("UPDATE users SET groups = replace(groups, 'staff', 'root')")
        database.commit()
    stopped.start()
    assert refused(stopped, "GetMemberships", userName="alice", more=True) == "NoRecordFound"


@pytest.mark.parametrize("group", ["sudo", "adm", "shadow", "nosuchgroup"])
def test_a_group_is_joined_where_the_host_says_so(stopped, group):
    stopped.add("alice", "--hosts", "*", "--groups", "sudo,adm,shadow,nosuchgroup,staff")
    stopped.start()
    assert refused(stopped, "GetMemberships", userName="alice", more=True) == "NoRecordFound"
    stopped.stop()
    stopped.set("userdb", groups=f"staff {group}")
    stopped.start()
    found = {row["groupName"] for row in stopped.lookup("GetMemberships", userName="alice",
                                                        more=True)}
    assert found == {"staff"} | ({group} - {"nosuchgroup"})


def test_a_record_without_an_item_for_its_uid_resolves_after_a_login(stopped):
    uid = stopped.add("alice", "--hosts", "*")
    with sqlite3.connect(stopped.database) as database:
        database.execute("DELETE FROM aux WHERE key = ?", (f"uid#{uid}",))
    stopped.start()
    assert refused(stopped, "GetUserRecord", uid=uid) == "NoRecordFound"
    assert stopped.account("alice").verdict == "success"
    assert stopped.lookup("GetUserRecord", uid=uid)["record"]["userName"] == "alice"


def test_wrong_service_and_parameters(users):
    assert refused(users, "GetUserRecord", service="io.systemd.Other",
                   userName="alice") == "BadService"
    assert refused(users, "GetUserRecord", userName=5) == "InvalidParameter"
    assert refused(users, "GetUserRecord", uid="5") == "InvalidParameter"
    for uid in (-1, 2**32, 2**63, 2**64, 1.5, True, [], ""):
        assert refused(users, "GetUserRecord", uid=uid) == "InvalidParameter"
        assert refused(users, "GetGroupRecord", gid=uid) == "InvalidParameter"
    assert refused(users, "GetUserRecord", userName="alice", uid=5) == "ConflictingRecordFound"
    assert refused(users, "Nothing") == "MethodNotFound"


def test_enumeration_is_off_by_default(users):
    assert refused(users, "GetUserRecord", more=True) == "EnumerationNotSupported"
    assert refused(users, "GetGroupRecord", more=True) == "EnumerationNotSupported"
    assert refused(users, "GetMemberships", more=True) == "NoRecordFound"


def test_enumeration_where_allowed(stopped):
    stopped.set("userdb", enumerate="yes", groups="staff")
    for name in ("alice", "bob", "carol"):
        stopped.add(name, "--hosts", "*", "--groups", "staff")
    stopped.add("web")
    stopped.start()
    rows = stopped.lookup("GetUserRecord", more=True)
    assert sorted(row["record"]["userName"] for row in rows) == ["alice", "bob", "carol"]
    assert len(stopped.lookup("GetGroupRecord", more=True)) == 3
    assert len(stopped.lookup("GetMemberships", groupName="staff", more=True)) == 3
    with varlink.Connection(stopped.userdb) as connection:
        with pytest.raises(varlink.Error) as error:
            connection.call(varlink.USER_DATABASE + "GetUserRecord", {"service": "io.pam-dynamo"})
    assert error.value.name == "ExpectedMore"


def test_an_error_of_the_store_is_never_an_absence(users):
    users.database.rename(users.folder / "away")
    users.database.write_text("not a database " * 1000)
    users.stop()
    users.start()
    for parameters in ({"userName": "alice"}, {"uid": users.alice_uid}):
        assert refused(users, "GetUserRecord", **parameters) == "ServiceNotAvailable"
    assert refused(users, "GetMemberships", userName="alice") == "ServiceNotAvailable"


def test_a_login_refreshes_what_is_kept(users):
    assert users.lookup("GetUserRecord", userName="alice")["record"]["realName"] == "Alice Example"
    users.command("set", "alice", "full_name=Another Name")
    assert users.lookup("GetUserRecord", userName="alice")["record"]["realName"] == "Alice Example"
    users.account("alice")
    assert users.lookup("GetUserRecord", userName="alice")["record"]["realName"] == "Another Name"


def gone(users):
    users.command("delete", "alice", "--yes")


def not_granted(users):
    users.command("grant", "alice", "--remove", "testhost")


def moved(users):
    rewrite(users, uid=users.alice_uid + 1)


def corrupt(users):
    rewrite(users, status="nonsense")


def disabled(users):
    users.command("disable", "alice")


def disabled_by_another_program(users):
    """Which does not count its versions."""
    rewrite(users, status="disabled")


@pytest.mark.parametrize("change, expected", [
    (gone, "NoRecordFound"), (not_granted, "NoRecordFound"), (corrupt, "ServiceNotAvailable"),
])
def test_a_login_hides_at_once_what_it_finds_gone(users, change, expected):
    names = ({"userName": "alice"}, {"uid": users.alice_uid})
    for parameters in names:
        assert users.lookup("GetUserRecord", **parameters)
    change(users)
    for parameters in names:
        assert users.lookup("GetUserRecord", **parameters), "kept for a minute"
    assert users.account("alice").verdict != "success"
    for parameters in names:
        assert refused(users, "GetUserRecord", **parameters) == expected


@pytest.mark.parametrize("change", [disabled, disabled_by_another_program])
def test_a_login_takes_the_keys_of_who_was_disabled(users, change):
    assert "privileged" in users.lookup("GetUserRecord", userName="alice")["record"]
    change(users)
    assert "privileged" in users.lookup("GetUserRecord", userName="alice")["record"]
    assert users.authenticate("alice").verdict == "expired"
    record = users.lookup("GetUserRecord", userName="alice")["record"]
    assert "privileged" not in record and record["uid"] == users.alice_uid


def test_a_login_finds_a_uid_that_moved(users):
    assert users.lookup("GetUserRecord", uid=users.alice_uid)
    moved(users)
    assert users.account("alice").verdict == "success"
    assert refused(users, "GetUserRecord", uid=users.alice_uid) == "NoRecordFound"
    assert users.lookup("GetUserRecord", uid=users.alice_uid + 1)["record"]["userName"] == "alice"
    assert users.lookup("GetUserRecord", userName="alice")["record"]["uid"] == users.alice_uid + 1


def test_who_came_is_seen_after_its_first_login(users):
    assert refused(users, "GetUserRecord", userName="bob") == "NoRecordFound"
    users.add("bob", "--hosts", "*")
    assert refused(users, "GetUserRecord", userName="bob") == "NoRecordFound", "kept for 10 s"
    assert users.authenticate("bob").verdict == "success"
    assert users.lookup("GetUserRecord", userName="bob")["record"]["userName"] == "bob"


def test_mail_addresses_are_no_system_users(users):
    users.stop()
    users.set("users", names="email")
    users.set("userdb", enumerate="yes")
    users.start()
    for parameters in ({"userName": "alice"}, {"uid": users.alice_uid}, {"more": True},
                       {"userName": "alice@example.org"}):
        assert refused(users, "GetUserRecord", **parameters) == "NoRecordFound"
    assert refused(users, "GetGroupRecord", groupName="alice") == "NoRecordFound"
    assert refused(users, "GetMemberships", userName="alice", more=True) == "NoRecordFound"


def test_calls_on_one_connection(users):
    with varlink.Connection(users.userdb) as connection:
        info = connection.call("org.varlink.service.GetInfo")
        assert info["interfaces"] == ["org.varlink.service", "io.systemd.UserDatabase"]
        text = connection.call("org.varlink.service.GetInterfaceDescription",
                               {"interface": "io.systemd.UserDatabase"})["description"]
        assert text.startswith("interface io.systemd.UserDatabase\n")
        with pytest.raises(varlink.Error):
            connection.call("org.varlink.service.GetInterfaceDescription", {"interface": "x.y"})
        connection.send("org.varlink.service.GetInfo", oneway=True)
        connection.send("org.varlink.service.GetInfo")
        assert connection.receive()["parameters"] == info


@pytest.mark.parametrize("data", [
    b"\0", b"{}\0", b"[]\0", b"{\"method\": 5}\0", b"{\"method\": \"x\", \"parameters\": []}\0",
    b"{" * 5000 + b"\0", b"\xff\xfe\0", b"{\"method\":\"" + b"a" * 500 + b"\"}\0",
    b"{\"method\": \"x\", \"more\": 1}\0", b"x" * 70000,
])
def test_malformed_calls_end_the_connection(users, data):
    with varlink.Connection(users.userdb) as connection:
        try:
            connection.socket.sendall(data)
            assert connection.socket.recv(10) == b""
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert users.lookup("GetUserRecord", userName="alice")


def flood(service, count):
    names = []
    for number in range(count):
        try:
            service.lookup("GetUserRecord", userName=f"nosuch{number}")
        except varlink.Error as error:
            names.append(error.name)
    return names


def test_foreign_floods_stop_at_the_store(users):
    names = as_uid(NOBODY, flood, users, 2600)
    assert set(names) == {"NoRecordFound", "ServiceNotAvailable"}
    assert names.count("NoRecordFound") >= 2048
    assert users.lookup("GetUserRecord", userName="alice")


def owners(service, uids):
    found = 0
    for uid in uids:
        try:
            found += service.lookup("GetUserRecord", uid=uid)["record"]["uid"] == uid
        except varlink.Error:
            pass
    return found


def test_a_crowded_folder_is_listed_whole(stopped):
    """ls -l of 400 owners' files: two questions for each, asked by a uid that nobody has."""
    first = stopped.add("u0", "--hosts", "*")
    uids = [first] + list(range(1900000001, 1900000400))
    with contextlib.closing(sqlite3.connect(stopped.database)) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(users)")]
        row = database.execute("SELECT * FROM users").fetchone()
        for number, uid in enumerate(uids[1:], 1):
            more = dict(zip(columns, row), username=f"u{number}", uid=uid)
            database.execute(f"INSERT INTO users VALUES ({','.join('?' * len(columns))})",
                             [more[column] for column in columns])
            database.execute("INSERT INTO aux VALUES (?, ?)", (f"uid#{uid}", f"u{number}"))
        database.commit()
    stopped.start()
    for _ in range(2):
        assert as_uid(70000, owners, stopped, uids) == len(uids)
