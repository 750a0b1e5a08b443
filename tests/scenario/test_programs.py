# SPDX-License-Identifier: BSD-2-Clause
"""sudo, su and login(1) with right, wrong and unknown."""
import pathlib
import pwd

import pexpect
import pytest

import machine


def as_user(name, *command, stdin=""):
    entry = pwd.getpwnam(name)
    return machine.run("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}",
                       "--clear-groups", *command, stdin=stdin)


def talk(command, *lines, expect="assword: ?"):
    """A program on a terminal: each line answers a prompt; all of its output."""
    child = pexpect.spawn(command[0], list(command[1:]), timeout=30, encoding="utf-8",
                          env=machine.ENVIRONMENT, cwd="/")
    seen = ""
    for line in lines:
        child.expect(expect)
        seen += child.before
        child.sendline(line)
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, seen + child.before


@pytest.fixture
def sudoer():
    path = pathlib.Path("/etc/sudoers.d/alice")
    path.write_text("alice ALL=(ALL:ALL) ALL\nDefaults:alice timestamp_timeout=0,!lecture\n")
    path.chmod(0o440)
    yield
    path.unlink()


def test_sudo_right(host, sudoer, password):
    result = as_user("alice", "sudo", "-S", "-k", "-p", "", "id", "-un", stdin=password + "\n")
    assert result.returncode == 0 and result.stdout.splitlines()[-1] == "root"


def test_sudo_wrong(host, sudoer, password):
    result = as_user("alice", "sudo", "-S", "-k", "-p", "", "id", "-un",
                     stdin=(password + "x\n") * 3)
    assert result.returncode == 1 and "root" not in result.stdout.splitlines()


def test_sudo_disabled(host, sudoer, password):
    host.command("disable", "alice")
    result = as_user("alice", "sudo", "-S", "-k", "-p", "", "id", "-un", stdin=password + "\n")
    host.enable("alice")
    assert result.returncode == 1 and "root" not in result.stdout.splitlines()


def su(name):
    uid = pwd.getpwnam("nobody").pw_uid
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "su", name, "-c",
            "id -un"]


def test_su_right(host, password):
    status, text = talk(su("alice"), password)
    assert status == 0 and text.split()[-1] == "alice"


def test_su_wrong(host, password):
    status, text = talk(su("alice"), password + "x")
    assert status == 1 and "failure" in text


def test_su_unknown(host):
    status, text = talk(su("mallory"))
    assert status == 1 and "does not exist" in text


def login(name, *answers):
    """login(1) on a terminal, as getty starts it; what its session says."""
    child = pexpect.spawn("login", [name], timeout=30, encoding="utf-8", env=machine.ENVIRONMENT,
                          cwd="/")
    try:
        for answer in answers:
            child.expect("assword: ?")
            child.sendline(answer)
        if child.expect(["incorrect", r"[$#] $"]) == 0:
            return "incorrect"
        child.sendline("id -un; exit")
        child.expect(pexpect.EOF)
        return child.before
    finally:
        child.close(force=True)


def test_login_right(host, password):
    assert "alice" in login("alice", password).split()


def test_login_wrong(host, password):
    assert login("alice", password + "x") == "incorrect"


def test_login_unknown(host, password):
    assert login("mallory", password) == "incorrect"


def test_local_account_needs_no_service(host):
    """root and local people answer to pam_unix while the service is away."""
    machine.run("useradd", "--create-home", "localuser", check=True)
    machine.run("chpasswd", stdin="localuser:a local password\n", check=True)
    host.stop_service()
    try:
        result = host.pam("sshd", "root", "", "acct")
        assert "acct: PAM_SUCCESS" in result.stdout
        assert "auth: PAM_SUCCESS" in host.pam("su", "localuser", "a local password", "auth").stdout
    finally:
        host.start_service()
        machine.run("userdel", "-r", "localuser")
