# SPDX-License-Identifier: BSD-2-Clause
"""Debian's sshd: what the matrix of hosts has no cell for."""
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
