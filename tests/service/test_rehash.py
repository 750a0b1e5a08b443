# SPDX-License-Identifier: BSD-2-Clause
"""Records with hashes of other programs: what they open, what becomes of them, what the log says."""
import contextlib
import re
import sqlite3
import subprocess

import pytest

from conftest import PASSWORD, wait_for

MAKERS = {
    "sha512-crypt": ("openssl", "passwd", "-6", "-stdin"),
    "yescrypt": ("mkpasswd", "-s", "-m", "yescrypt"),
    "bcrypt": ("mkpasswd", "-s", "-m", "bcrypt", "-R", "5"),
    "argon2i": ("argon2", "saltsalt1234", "-i", "-t", "2", "-k", "64", "-p", "2", "-l", "32", "-e"),
}
REHASH = re.compile(r"^audit: .* user=alice .* phase=rehash verdict=success .* old_hash=(\S+)$", re.M)


def foreign(name):
    return subprocess.run(MAKERS[name], input=PASSWORD.encode(), stdout=subprocess.PIPE, check=True,
                          timeout=60).stdout.decode().strip()


def store(service, encoded):
    """As another program writes it, version and all."""
    with contextlib.closing(sqlite3.connect(service.database)) as database, database:
        database.execute("UPDATE users SET password = ?, version = version + 1", (encoded,))


def stored(service):
    with contextlib.closing(sqlite3.connect(service.database)) as database:
        return database.execute("SELECT password, version FROM users").fetchone()


@pytest.mark.parametrize("name", MAKERS)
def test_a_good_login_renews_and_says_so(service, name):
    encoded = foreign(name)
    store(service, encoded)
    assert service.authenticate(password=PASSWORD + "x").verdict == "deny"
    assert service.authenticate().verdict == "success"
    service.logs("phase=rehash")
    password, version = stored(service)
    assert password.startswith("$argon2id$v=19$m=8192,t=1,p=1$") and version == 3
    assert service.authenticate().verdict == "success"
    assert service.authenticate(password=PASSWORD + "x").verdict == "deny"
    service.stop()
    assert REHASH.findall(service.log()) == [name]
    assert stored(service) == (password, version)
    assert encoded not in service.log() and "$argon2id$" not in service.log()


@pytest.mark.parametrize("key,name", [("max_rounds", "sha512-crypt"), ("max_rounds", "bcrypt"),
                                      ("max_memory_kib", "yescrypt"), ("max_passes", "argon2i")])
def test_a_dear_hash_is_refused_and_stays(stopped, key, name):
    least = {"max_rounds": 1000, "max_memory_kib": 8192, "max_passes": 1}
    stopped.add("alice", "--hosts", "*")
    stopped.set("password", **{key: least[key]})
    encoded = foreign(name)
    store(stopped, encoded)
    stopped.start()
    answer = stopped.authenticate()
    assert (answer.verdict, answer.reason) == ("fault", "hash-too-expensive")
    stopped.logs("user alice: attribute password: asks for more than")
    assert stored(stopped)[0] == encoded


@pytest.mark.parametrize("encoded", ["*", "!", PASSWORD, "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"])
def test_no_hash_opens_nothing(service, encoded):
    store(service, encoded)
    answer = service.authenticate()
    assert (answer.verdict, answer.reason) == ("fault", "hash-malformed")
    service.logs("user alice: attribute password: not an encoded hash")
    service.stop()
    assert stored(service)[0] == encoded
    assert len(encoded) == 1 or encoded not in service.log()


def store_anywhere(host, encoded):
    if host.command.engine == "sqlite":
        with contextlib.closing(sqlite3.connect(host.command.database)) as database, database:
            database.execute("UPDATE users SET password = ?", (encoded,))
    else:
        host.put(host.command.users, ("username", "alice"), password={"S": encoded})


def test_each_store_keeps_the_new_one(host):
    store_anywhere(host, foreign("sha512-crypt"))
    host.start()
    assert host.command.show("alice")["password_format"] == "sha512-crypt"
    assert host.pam("alice", PASSWORD)[0] == {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}
    wait_for(lambda: REHASH.search(host.log()), "the line about the new hash")
    assert REHASH.findall(host.log()) == ["sha512-crypt"]
    assert host.command.show("alice")["password_format"] == "argon2id"
    assert host.pam("alice", PASSWORD)[0] == {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}


@pytest.mark.parametrize("host", ["dynamodb"], indirect=True)
def test_a_role_that_may_not_write_lets_in_all_the_same(host):
    """And nothing says that a hash was renewed."""
    store_anywhere(host, foreign("sha512-crypt"))
    host.start()
    host.proxy.control(fault="access_denied", operation="UpdateItem")
    for _ in range(3):
        assert host.pam("alice", PASSWORD)[0] == {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}
        wait_for(lambda: "this host may not write records" in host.log(), "the refusal")
    assert host.stop() == 0
    assert "this host may not write records" in host.log()
    assert host.log().count("AccessDenied") == 1 and "phase=rehash" not in host.log()
    assert host.command.show("alice")["password_format"] == "sha512-crypt"
