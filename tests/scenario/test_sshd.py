# SPDX-License-Identifier: BSD-2-Clause
"""Debian's sshd: what the matrix of hosts has no cell for."""
import os
import pathlib
import pwd
import shutil

import pytest

import machine

METHODS = ["password", "keyboard-interactive"]


@pytest.mark.parametrize("method", METHODS)
def test_right_password(host, password, method):
    result = host.ssh("alice", password, "id -un; pwd; echo $SHELL", method)
    assert (result.returncode, result.stdout) == (0, "alice\n/home/alice\n/bin/bash\n")


@pytest.mark.parametrize("bad", ["", "x" * 600, "correct horse battery stapl\u00e9"],
                         ids=["empty", "long", "accent"])
def test_odd_password(host, bad):
    assert host.ssh("alice", bad).returncode == 255


@pytest.fixture
def key(host, tmp_path):
    """A user who logs in by key alone: no password."""
    path = tmp_path / "key"
    machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path, check=True)
    host.command("add", "keyed", "--no-password", "--hosts", "*", "--key", tmp_path / "key.pub")
    yield path
    host.command("delete", "keyed", "--yes")
    host.reload()
    shutil.rmtree("/home/keyed", ignore_errors=True)


def by_key(host, key, user="keyed"):
    return host.ssh(user, None, "id -un", "publickey", key)


def test_public_key(host, key):
    assert by_key(host, key).stdout == "keyed\n"


def test_key_of_a_disabled_user(host, key):
    host.command("disable", "keyed")
    result = by_key(host, key)
    assert result.returncode == 255, result.stdout
    host.enable("keyed")
    assert by_key(host, key).stdout == "keyed\n"


def test_a_key_in_the_home_opens_no_disabled_account(host, key):
    """sshd knows it without us: the account step alone refuses."""
    assert by_key(host, key).stdout == "keyed\n"  # which makes the home
    entry = pwd.getpwnam("keyed")
    own = pathlib.Path(entry.pw_dir, ".ssh")
    own.mkdir(mode=0o700)
    shutil.copy(key.with_suffix(".pub"), own / "authorized_keys")
    for path in (own, own / "authorized_keys"):
        os.chown(path, entry.pw_uid, entry.pw_gid)
    host.command("set", "keyed", "ssh_keys=")
    host.reload()
    assert by_key(host, key).stdout == "keyed\n"
    for words, reason in ((("disable", "keyed"), "expired reason=disabled"),
                          (("set", "keyed", "status=active", "account_expires_at=2020-01-01"),
                           "expired reason=account-expired"),
                          (("set", "keyed", "account_expires_at=", "services=sudo"),
                           "forbidden reason=service-not-allowed")):
        host.command(*words)
        result = by_key(host, key)
        assert result.returncode == 255 and "keyed\n" != result.stdout, result.stdout
        assert f"phase=account verdict={reason}" in host.audit("keyed")[-1]


def test_key_without_a_grant(host, key):
    host.command("set", "keyed", "hosts=elsewhere")
    assert by_key(host, key).returncode == 255


def test_no_service_no_login(host, password):
    host.stop_service()
    try:
        assert host.ssh("alice", password).returncode == 255
    finally:
        host.start_service()
    assert host.ssh("alice", password).returncode == 0


def test_too_many_failures(host, password):
    """Ten wrong ones lock the name, also for the right one, until it is unlocked."""
    host.add("guessed", password, "--hosts", "*")
    for _ in range(10):
        assert "auth: PAM_AUTH_ERR" in host.pam("sshd", "guessed", password + "x").stdout
    assert host.ssh("guessed", password).returncode == 255
    host.command("unlock", "guessed")
    assert host.ssh("guessed", password, "id -un").stdout == "guessed\n"
    host.command("delete", "guessed", "--yes")
