# SPDX-License-Identifier: BSD-2-Clause
"""Programs that give a shell, or a command of another user: sshd, login, su, sudo."""
import pathlib
import pwd

import hosts_matrix
import pexpect
import pytest

import machine

NOBODY_UID = 1899999999  # of the directory's range
PROMPT = r"(P|Current p|New p|\[sudo\] p)assword[^:\r\n]*: ?"


def ssh(method, key=None):
    def driver(host, user, password):
        result = host.ssh(user, password, "id -un", method, key)
        return " ".join([str(result.returncode), " | ".join(result.stdout.splitlines())]).strip()
    return driver


def uid(user):
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return NOBODY_UID


def talk(words, password, *ends):
    """A program on a terminal: the first prompt gets the password, others end of input. Its
    prompts, exit status and last line; or at one of the ends, that and no status."""
    child = pexpect.spawn(words[0], [str(word) for word in words[1:]], timeout=60,
                          encoding="utf-8", env=machine.ENVIRONMENT, cwd="/")
    said = []
    try:
        while True:
            at = child.expect([PROMPT, pexpect.EOF, *ends])
            if at != 0:
                break
            said.append(child.after.strip())
            if len(said) == 1:
                child.sendline(password)
            else:
                child.sendeof()
        if at > 1:
            return child, [*said, child.after]
        child.close()
        return child, [*said, f"{child.exitstatus} {child.before.split(chr(10))[-2].strip()}"]
    except BaseException:
        child.close(force=True)
        raise


def as_user(number, *words):
    return ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups", *words]


def su(_, user, password):
    return " | ".join(talk(as_user(65534, "su", user, "-c", "id -un"), password)[1])


def sudo(_, user, password):
    return " | ".join(talk(as_user(uid(user), "sudo", "-k", "id", "-un"), password)[1])


def login(_, user, password):
    """On a terminal as getty starts it."""
    child, said = talk(["login", user], password, "Login incorrect", r"[$#] $")
    try:
        if not said[-1].endswith(("$ ", "# ")):
            return " | ".join(said)
        child.sendline("id -un; exit")
        child.expect(pexpect.EOF)
        child.close()
        lines = child.before.split()
        return " | ".join([*said[:-1], f"{child.exitstatus} {lines[lines.index('exit') + 1]}"])
    finally:
        child.close(force=True)


@pytest.fixture(scope="module", autouse=True)
def sudoers(host):
    path = pathlib.Path("/etc/sudoers.d/matrix")
    path.write_text("ALL ALL=(ALL:ALL) ALL\nDefaults timestamp_timeout=0,!lecture,passwd_tries=1\n")
    path.chmod(0o440)
    yield
    path.unlink()


@pytest.fixture
def drivers(keys):
    return {"sshd-password": (ssh("password"), "sshd"),
            "sshd-keyboard-interactive": (ssh("keyboard-interactive"), "sshd"),
            "sshd-key": (ssh("publickey", keys[0].with_suffix("")), "sshd"),
            "login": (login, "login"), "su": (su, "su"), "sudo": (sudo, "sudo")}


@pytest.mark.parametrize(**hosts_matrix.cells("sshd-password", "sshd-keyboard-interactive",
                                              "sshd-key", "login", "su", "sudo"))
def test_host(matrix, drivers, program, column):
    matrix.check(program, column, *drivers[program])


@pytest.mark.parametrize("program", ["sshd-password", "sshd-keyboard-interactive"])
def test_the_time_tells_no_names(matrix, drivers, program):
    """pam_unix behind us delays what is unknown to us by 2 s, of which libpam makes 1 to 3: a wrong
    password takes as long."""
    for column in {"wrong", "locked", "unknown"} & set(matrix.columns):
        assert matrix.cell(program, column, *drivers[program])[2] > 1.0
