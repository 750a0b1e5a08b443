# SPDX-License-Identifier: BSD-2-Clause
"""add, set and delete."""
import concurrent.futures
import pathlib
import subprocess
import time

import pexpect
import pytest

from command import KEY, PASSWORD, with_file

UID_MIN, UID_MAX = 1879048192, 2147483646


def test_add_a_user_with_hosts(command):
    before = int(time.time())
    text = command.add("alice", "--hosts", "web1,web*", "--full-name", "Alice Example", "--email",
                       "Alice@Example.org", "--groups", "admins,staff", "--services", "sshd")
    user = command.show("alice")
    assert f"uid {user['uid']}" in text and PASSWORD not in text
    assert UID_MIN <= user["uid"] <= UID_MAX
    assert set(user["hosts"]) == {"web1", "web*"} and user["services"] == ["sshd"]
    assert set(user["groups"]) == {"admins", "staff"}
    assert user["home"] == "/home/alice" and user["shell"] == "/bin/bash"
    assert user["status"] == "active" and user["has_password"] and user["version"] == 1
    assert user["full_name"] == "Alice Example" and user["email"] == "Alice@Example.org"
    assert user["email_verified"] is False and user["password_must_change"] is False
    for name in ("created_at", "updated_at", "password_changed_at"):
        assert before <= user[name] <= time.time() + 1
    assert user["failures"] == 0 and user["locked"] is False and "last_login" not in user


def test_add_a_web_account(command):
    assert "web account" in command.add("wanda")
    user = command.show("wanda")
    assert not {"uid", "gid", "home", "shell"} & set(user) and user["hosts"] == []


def test_add_takes_what_is_given(command):
    command.good("add", "bob", "--hosts=*", "--uid", "1900000000", "--gid=1900000001", "--home",
                 "/srv/bob", "--shell", "/bin/sh", "--no-password")
    user = command.show("bob")
    assert (user["uid"], user["gid"]) == (1900000000, 1900000001)
    assert (user["home"], user["shell"]) == ("/srv/bob", "/bin/sh")
    assert not user["has_password"] and "password_changed_at" not in user


def test_add_prints_the_record(command):
    user = command.json("add", "alice", "--must-change", stdin=PASSWORD)
    assert user | {"notes": []} == command.show("alice") and user["password_must_change"] is True


def test_add_takes_keys(command, tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"# a comment\n\n{KEY}\r\nfrom=\"10.0.0.0/8, x\",no-pty {KEY}\n")
    command.good("add", "alice", "--no-password", "--key", file)
    command.good("add", "bob", "--no-password", "--key", "-", stdin=KEY)
    command.good("add", "carol", "--no-password", "--key", file, "--key", "-", stdin=KEY + " 2")
    assert command.show("alice")["ssh_keys"] == [KEY, f'from="10.0.0.0/8, x",no-pty {KEY}']
    assert command.show("bob")["ssh_keys"] == [KEY]
    assert len(command.show("carol")["ssh_keys"]) == 3


@pytest.mark.parametrize("text, word", [
    ("", "no key"), ("ssh-ed25519\n", "base64"), (KEY[:40] + "\n", "base64"),
    (KEY.replace("ssh-ed25519", "ssh-rsa"), "base64"), ("hello world", "key type"),
    ("-----BEGIN OPENSSH PRIVATE" + " KEY-----\n", "private"), (KEY + "\0", "NUL"),
    ("# only this\n", "no key"), ("x" * 300000, "smaller"), (KEY.replace("AAAAC3", "AAA!C3"), "64"),
    (f'command="x {KEY}', "key type"),
], ids=range(11))
def test_add_refuses_broken_keys(sqlite, tmp_path, text, word):
    file = tmp_path / "keys"
    file.write_text(text)
    assert word in sqlite.bad(5, "add", "alice", "--no-password", "--key", file)
    assert sqlite.json("list") == []


def test_add_refuses_keys_that_are_not_there(sqlite):
    sqlite.bad(3, "add", "alice", "--no-password", "--key", "/nonexistent")
    sqlite.bad(2, "add", "alice", "--key", "-", stdin=KEY)
    sqlite.bad(2, "add", "alice", "--no-password", "--key", "-", "--key", "-", stdin=KEY)


@pytest.mark.parametrize("name", ["Alice", "1alice", "al ice", "a" * 32, "", "root", "al#ice", "ä",
                                  "alice\n", "../alice", "-alice"])
def test_add_refuses_names(sqlite, name):
    words = ["add", "--no-password", "--", name]
    text = sqlite.bad(5, *words)
    assert "a-z" in text or name == "root"
    assert sqlite.json("list") == []


@pytest.mark.parametrize("words, code, expected", [
    (["--uid", "0"], 5, "number"), (["--uid", "1000"], 5, "outside"),
    (["--uid", "4294967295"], 5, "number"), (["--uid", "12x"], 5, "number"),
    (["--gid", "0x10"], 5, "number"), (["--gid", "5"], 5, "system"),
    (["--hosts", "web 1"], 5, "host"), (["--hosts", "web;1"], 5, "host"),
    (["--home", "home"], 5, "home"), (["--home", "/a:b"], 5, "home"),
    (["--shell", "bash"], 5, "shell"), (["--full-name", "a:b"], 5, "full_name"),
    (["--full-name", "a\x07b"], 5, "full_name"), (["--full-name", "x" * 300], 5, "full_name"),
    (["--email", "alice"], 5, "mail"), (["--email", "a b@c"], 5, "mail"),
    (["--groups", "Big Group"], 5, "group"), (["--groups", "root"], 5, "group"),
    (["--services", "ss/hd"], 5, "service"), (["--hosts", "a,a"], 5, "hosts"),
    (["--password-stdin"], 2, "--no-password"), (["--must-change"], 2, "--no-password"),
], ids=lambda value: "".join(value)[:24] if isinstance(value, list) else None)
def test_add_refuses_values(sqlite, words, code, expected):
    assert expected in sqlite.bad(code, "add", "alice", "--no-password", *words)
    assert sqlite.json("list") == []


def test_add_refuses_text_that_is_not_utf8(sqlite):
    words = [*sqlite.words("add", "alice", "--no-password", "--full-name"), b"\xff\xfe"]
    result = subprocess.run(words, env=sqlite.environment, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 5 and result.stderr.isascii()


def test_add_refuses_what_is_taken(command):
    command.good("add", "alice", "--no-password", "--email", "alice@example.org", "--uid",
                 "1900000000", "--hosts", "*")
    assert "exists" in command.bad(4, "add", "alice", "--no-password")
    assert "somebody else" in command.bad(4, "add", "bob", "--no-password", "--email",
                                          "ALICE@example.org")
    assert "never given twice" in command.bad(4, "add", "bob", "--no-password", "--uid",
                                              "1900000000", "--hosts", "*")
    command.bad(3, "show", "bob")
    command.good("delete", "alice", "--yes")
    assert "never given twice" in command.bad(4, "add", "bob", "--no-password", "--uid",
                                              "1900000000")
    command.good("add", "bob", "--no-password", "--email", "alice@example.org")


def test_add_refuses_local_names(sqlite):
    assert "/etc/passwd" in sqlite.bad(4, "add", "daemon", "--no-password")
    sqlite.configure(login={"local_names": "allow"})
    sqlite.good("add", "daemon", "--no-password", "--hosts", "*")


def test_add_refuses_local_uids(sqlite, tmp_path):
    sqlite.configure(users={"uid_min": 50000, "uid_max": 60000})
    passwd = tmp_path / "passwd"
    passwd.write_text(pathlib.Path("/etc/passwd").read_text() + "x:x:55000:55000::/:/bin/sh\n")
    result = subprocess.run(
        with_file(passwd, "/etc/passwd",
                  sqlite.words("add", "alice", "--no-password", "--uid", "55000")),
        env=sqlite.environment, text=True, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 4 and "/etc/passwd" in result.stderr
    sqlite.good("add", "alice", "--no-password", "--uid", "55000")


def test_set_changes_fields(command):
    command.add("alice", "--email", "a@example.org")
    before = command.show("alice")
    assert "changed" in command.good(
        "set", "alice", "full_name=Alice O'Hara", "email=b@example.org", "groups=x,y",
        "account_expires_at=2030-01-31", "password_must_change=yes", "profile=city=Bonn,floor=3",
        f"ssh_keys={KEY}\n{KEY} two")
    user = command.show("alice")
    assert user["version"] == before["version"] + 1 and user["epoch"] == before["epoch"]
    assert user["full_name"] == "Alice O'Hara" and user["account_expires_at"] == 1896048000
    assert user["password_must_change"] and set(user["groups"]) == {"x", "y"}
    assert user["profile"] == {"city": "Bonn", "floor": "3"} and len(user["ssh_keys"]) == 2
    assert "uid" not in user
    command.good("set", "alice", "full_name=", "account_expires_at=2030-01-31T00:00:01Z",
                 "profile=", "ssh_keys=", "groups=")
    user = command.show("alice")
    assert "full_name" not in user and user["account_expires_at"] == 1896048001
    assert user["profile"] == {} and user["ssh_keys"] == [] and user["groups"] == []
    command.good("add", "bob", "--no-password", "--email", "a@example.org")  # free again


def test_set_unverifies_a_new_address(command):
    command.add("alice", "--email", "a@example.org")
    command.good("set", "alice", "email_verified=yes")
    assert command.json("set", "alice", "full_name=A")["email_verified"] is True
    assert command.json("set", "alice", "email=b@example.org")["email_verified"] is False


def test_set_hosts_draws_a_uid(command):
    command.good("add", "alice", "--no-password")
    user = command.json("set", "alice", "hosts=*")
    assert UID_MIN <= user["uid"] <= UID_MAX and user["home"] == "/home/alice"
    command.bad(5, "set", "alice", "uid=")
    again = command.json("set", "alice", "hosts=")
    assert again["uid"] == user["uid"] and again["hosts"] == []


def test_set_status_ends_sessions(command):
    command.good("add", "alice", "--no-password")
    assert command.json("set", "alice", "status=closed")["epoch"] == 2
    assert command.json("set", "alice", "status=active")["epoch"] == 2


def test_set_the_same_writes_nothing(command):
    command.good("add", "alice", "--no-password", "--full-name", "A")
    assert "already" in command.good("set", "alice", "full_name=A")
    assert command.show("alice")["version"] == 1


@pytest.mark.parametrize("code, word", [
    (2, "nonsense=1"), (2, "username=bob"), (2, "version=7"), (2, "epoch=7"), (2, "created_at=1"),
    (2, "password=x"), (2, "full_name"), (2, "=x"), (2, "x" * 100 + "=1"),
    (5, "status=happy"), (5, "status="), (5, "uid=abc"), (5, "uid=1"), (5, "uid=-1"),
    (5, "password_must_change=maybe"), (5, "account_expires_at=tomorrow"),
    (5, "account_expires_at=2030-02-31"), (5, "account_expires_at=-5"), (5, "home=x"),
    (5, "email=x"), (5, "hosts=a b"), (5, "ssh_keys=hello"), (5, "profile=x"),
    (5, "full_name=a\x1bb"), (5, "groups=ROOT"),
])
def test_set_refuses(sqlite, code, word):
    sqlite.good("add", "alice", "--no-password")
    before = sqlite.show("alice")
    text = sqlite.bad(code, "set", "alice", "full_name=New", word)
    assert "\x1b" not in text
    assert sqlite.show("alice") == before


def test_set_refuses_an_address_that_is_taken(command):
    command.good("add", "alice", "--no-password", "--email", "a@example.org")
    command.good("add", "bob", "--no-password")
    command.bad(4, "set", "bob", "email=A@example.org", "full_name=B")
    assert "full_name" not in command.show("bob")


def test_set_needs_a_user(command):
    command.bad(3, "set", "nobody-there", "full_name=x")


def test_two_sets_at_once_lose_nothing(command):
    command.good("add", "alice", "--no-password")
    fields = ["full_name=A", "email=a@example.org", "groups=x"]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda field: command.run("set", "alice", field), fields))
    user = command.show("alice")
    assert [result.returncode for result in results] == [0, 0, 0], results
    assert (user["full_name"], user["email"], user["groups"]) == ("A", "a@example.org", ["x"])
    assert user["version"] == 4


def test_two_adds_at_once_give_one_user(command):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        codes = list(pool.map(lambda i: command.run("add", "alice", "--no-password", "--full-name",
                                                    f"N{i}").returncode, range(3)))
    assert sorted(codes) == [0, 4, 4]


def test_delete(command):
    command.add("alice", "--hosts", "*", "--email", "a@example.org")
    command.good("lock", "alice")
    assert "never used again" in command.good("delete", "alice", "--yes")
    command.bad(3, "show", "alice")
    command.good("add", "alice", "--no-password", "--email", "a@example.org")
    assert command.show("alice")["locked"] is False


def test_delete_prints_what_it_deleted(command):
    command.good("add", "alice", "--no-password")
    assert command.json("delete", "alice", "-y")["username"] == "alice"


def test_delete_without_a_terminal_needs_yes(sqlite):
    sqlite.good("add", "alice", "--no-password")
    assert "--yes" in sqlite.bad(2, "delete", "alice", stdin="y\n")
    assert sqlite.show("alice")
    sqlite.bad(3, "delete", "bob", "--yes")


@pytest.mark.parametrize("answer, code", [("y", 0), ("YES", 0), ("n", 1), ("", 1), ("yesterday", 1)])
def test_delete_asks(sqlite, answer, code):
    sqlite.good("add", "alice", "--no-password", "--full-name", "Alice Example")
    words = sqlite.words("delete", "alice")
    child = pexpect.spawn(words[0], words[1:], env=sqlite.environment, timeout=10)
    child.expect_exact("Delete alice (Alice Example) for good? [y/N] ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert sqlite.run("show", "alice").returncode == (3 if code == 0 else 0)


def test_addresses_as_names(command):
    command.add("alice", "--hosts", "*")
    command.configure(users={"names": "email"})
    name = "alice@example.org"
    text = command.add(name, "--hosts", "web1")
    assert f"{name} is added: may log in at web1." in text
    user = command.show(name)
    assert user["username"] == name and user["hosts"] == ["web1"] and user["notes"] == []
    assert not {"uid", "gid", "home", "shell"} & set(user)
    command.good("grant", name, "web2")
    command.good("set", name, "full_name=Alice")
    assert not {"uid", "home", "shell"} & set(command.show(name))
    command.good("lock", name)
    assert command.show(name)["locked"]
    command.good("unlock", name)
    assert not command.show(name)["locked"]
    assert name in command.run("list").stdout
    assert "user alice: attribute username" in command.bad(65, "list")
    command.good("delete", "--yes", name)
    command.bad(3, "show", name)


@pytest.mark.parametrize("name", ["alice", "Alice@example.org", "alice@example", "email#@b.c",
                                  "a@b@c.d", "a b@c.d"])
def test_what_is_no_address(sqlite, name):
    sqlite.configure(users={"names": "email"})
    assert "names = email" in sqlite.bad(5, "add", name, "--no-password")


def test_an_address_is_no_posix_name(sqlite):
    assert "is not a user name" in sqlite.bad(5, "add", "alice@example.org", "--no-password")
