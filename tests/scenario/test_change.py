# SPDX-License-Identifier: BSD-2-Clause
"""New passwords through Debian's programs: demanded at a login by sshd or login, with passwd by the
user, and by root."""
import contextlib
import json
import pwd
import shutil

import pexpect
import pytest

import machine

NEW = "a quite new one for the winter"
WEAK = "short"
USER = "turner"
EXPIRED = "Your password has expired"


def spawn(*words):
    return pexpect.spawn(str(words[0]), [str(word) for word in words[1:]], timeout=60,
                         encoding="utf-8", env=machine.ENVIRONMENT, cwd="/")


def talk(child, *pairs):
    """Answers each prompt that comes; everything said until the end, and the exit status."""
    seen = ""
    try:
        for prompt, answer in pairs:
            child.expect(prompt)
            seen += child.before + child.after
            child.sendline(answer)
        child.expect(pexpect.EOF)
        return seen + child.before, child.wait()
    except (pexpect.EOF, pexpect.TIMEOUT) as error:
        raise AssertionError(f"{prompt}: not in {seen + str(child.before)}") from error
    finally:
        child.close(force=True)


def ssh(host, method, *command):
    """Debian's client on a terminal of its own."""
    return spawn("ssh", "-F", "none", "-p", host.ssh_port, "-o", "StrictHostKeyChecking=no",
                 "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                 "-o", "NumberOfPasswordPrompts=1", "-o", f"PreferredAuthentications={method}",
                 "-tt", f"{USER}@127.0.0.1", *command)


def passwd(*words, user=None):
    """passwd(1) on a terminal, by a user or by root."""
    if user is None:
        return spawn("passwd", *words)
    entry = pwd.getpwnam(user)
    return spawn("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups",
                 "passwd", *words)


@contextlib.contextmanager
def settings(host, text):
    """More lines of the configuration for a while."""
    before = machine.CONF.read_text()
    machine.CONF.write_text(before + text)
    host.reload()
    try:
        yield
    finally:
        machine.CONF.write_text(before)
        host.reload()


def record(host):
    shown = json.loads(host.command("show", USER, "--json").stdout)
    return shown[0] if isinstance(shown, list) else shown


@pytest.fixture
def turner(host, password):
    """A user who may log in; a fresh one for each test."""
    host.add(USER, password, "--hosts", "*")
    host.reload()
    yield USER
    host.command("delete", USER, "--yes")
    host.reload()
    shutil.rmtree(f"/home/{USER}", ignore_errors=True)


@pytest.fixture
def demanded(host, turner, password):
    """Who must change the password at the next login."""
    host.command("passwd", turner, "--must-change", "--password-stdin", stdin=password + "\n")
    return record(host)


def expect_changed(host, before, password):
    after = record(host)
    assert not after.get("password_must_change")
    assert after["epoch"] == before["epoch"] + 1
    assert after["password_changed_at"] >= before["password_changed_at"]
    assert host.ssh(USER, password).returncode == 255
    assert host.ssh(USER, NEW, "id -un").stdout == f"{USER}\n"


def test_sshd_keyboard_interactive(host, demanded, password):
    """The new one within the authentication; the session then opens."""
    said, status = talk(ssh(host, "keyboard-interactive", "id -un"),
                        ("Password: ", password), ("Current password: ", password),
                        ("New password: ", NEW), ("Retype new password: ", NEW))
    assert status == 0 and said.split()[-1] == USER, said
    expect_changed(host, demanded, password)


def test_sshd_asks_again_for_a_better_one(host, demanded, password):
    said, status = talk(ssh(host, "keyboard-interactive", "id -un"),
                        ("Password: ", password), ("Current password: ", password),
                        ("New password: ", WEAK), ("Retype new password: ", WEAK),
                        ("15 characters[^$]*New password: ", NEW), ("Retype new password: ", NEW))
    assert status == 0 and said.split()[-1] == USER, said
    expect_changed(host, demanded, password)


def test_sshd_demands_the_old_one_again(host, demanded, password):
    """sshd is root, and yet no root's reset."""
    with settings(host, "[password]\nroot_may_reset = yes\n"):
        said, status = talk(ssh(host, "keyboard-interactive", "id -un"),
                            ("Password: ", password), ("Current password: ", password + "x"))
    assert status == 255 and "Permission denied" in said, said
    assert record(host)["version"] == demanded["version"]


def test_sshd_password(host, demanded, password):
    """The session is passwd, as the user; then one logs in again."""
    said, _ = talk(ssh(host, "password"), ("password: ", password),
                   (f"{EXPIRED}[^$]*Current password: ", password), ("New password: ", NEW),
                   ("Retype new password: ", NEW))
    assert "password updated successfully" in said, said
    expect_changed(host, demanded, password)


def test_login(host, demanded, password):
    said, _ = talk(spawn("login", USER), ("assword: ", password), ("Current password: ", password),
                   ("New password: ", NEW), ("Retype new password: ", NEW),
                   (r"[$#] $", "id -un; exit"))
    assert USER in said.split(), said
    expect_changed(host, demanded, password)


def test_login_without_a_new_one(host, demanded, password):
    """Three that are refused, and no session."""
    pairs = [("New password: ", WEAK), ("Retype new password: ", WEAK)] * 3
    said, _ = talk(spawn("login", USER), ("assword: ", password), ("Current password: ", password),
                   *pairs)
    assert "$ " not in said and said.count("15 characters") == 3, said
    assert record(host)["version"] == demanded["version"]


def test_the_user_with_passwd(host, turner, password):
    before = record(host)
    said, status = talk(passwd(user=turner), ("Current password: ", password),
                        ("New password: ", NEW), ("Retype new password: ", NEW))
    assert status == 0 and "password updated successfully" in said, said
    expect_changed(host, before, password)


def test_the_user_with_a_wrong_one(host, turner, password):
    """It counts, also where root may reset: passwd is root's, who started it is not."""
    with settings(host, "[password]\nroot_may_reset = yes\n"):
        said, status = talk(passwd(user=turner), ("Current password: ", password + "x"))
    assert status != 0 and "updated" not in said, said
    assert "phase=change-check verdict=deny reason=wrong-password" in host.audit(turner)[-1]
    assert host.ssh(turner, password).returncode == 0


def test_the_user_of_another(host, turner):
    """passwd itself refuses."""
    said, status = talk(passwd("alice", user=turner))
    assert status != 0 and "may not view or modify" in said, said


def test_root_with_passwd(host, turner, password):
    """Root too is asked for the current one."""
    before = record(host)
    said, status = talk(passwd(turner), ("Current password: ", password), ("New password: ", NEW),
                        ("Retype new password: ", NEW))
    assert status == 0, said
    expect_changed(host, before, password)


def test_root_resets(host, demanded, password):
    """The lock by failures ends, and nothing is demanded any more."""
    for _ in range(10):
        host.pam("sshd", USER, password + "x")
    with settings(host, "[password]\nroot_may_reset = yes\n"):
        said, status = talk(passwd(USER), ("New password: ", WEAK), ("Retype new password: ", WEAK),
                            ("15 characters[^$]*New password: ", NEW), ("Retype new password: ", NEW))
        assert status == 0 and "Current" not in said, said
        machine.wait_for(lambda: "acct: PAM_SUCCESS" in host.pam("sshd", USER, NEW).stdout,
                         "what follows the reply")
    assert "reason=reset-by-root" in "".join(host.audit(USER))
    expect_changed(host, demanded, password)


def test_root_resets_with_chpasswd(host, turner, password):
    """Which knows no old password."""
    shutil.copy("/etc/pam.d/passwd", "/etc/pam.d/chpasswd")
    before = record(host)
    with settings(host, "[password]\nroot_may_reset = yes\n"):
        result = machine.run("chpasswd", stdin=f"{USER}:{NEW}\n")
    assert result.returncode == 0, result.stdout
    expect_changed(host, before, password)


def test_an_outage_is_told(host, turner, password):
    """And the old one stays good."""
    child = passwd(user=turner)
    child.expect("Current password: ")
    host.stop_service()
    try:
        child.sendline(password)
        child.expect(pexpect.EOF)
        assert "the password stays as it is" in child.before
        assert child.wait() != 0
    finally:
        child.close(force=True)
        host.start_service()
    assert host.ssh(turner, password).returncode == 0


def test_a_login_warns(host, turner, password):
    with settings(host, "[password]\nmax_age_days = 10\n"):
        said, _ = talk(spawn("login", USER), ("assword: ", password), (r"[$#] $", "exit"))
    assert "Your password expires in" in said, said
