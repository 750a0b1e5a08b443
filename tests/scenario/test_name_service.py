# SPDX-License-Identifier: BSD-2-Clause
"""What programs see of a user: all of them the same; homes, groups, and many threads."""
import grp
import json
import os
import pathlib
import pwd
import shutil
import stat

import pytest

import machine

THREADS = """
import collections, pwd, sys, threading
uids = {name: int(uid) for name, uid in (word.split("=") for word in sys.argv[2:])}
wrong, barrier = collections.Counter(), threading.Barrier(200)
def look(number):
    barrier.wait()
    for turn in range(int(sys.argv[1])):
        name = list(uids)[(number + turn) % len(uids)]
        try:
            wrong["name"] += pwd.getpwnam(name).pw_uid != uids[name]
            wrong["uid"] += pwd.getpwuid(uids[name]).pw_name != name
        except KeyError as error:
            wrong[str(error)] += 1
        try:
            pwd.getpwnam(f"nosuch{number % 5}")
            wrong["nosuch"] += 1
        except KeyError:
            pass
threads = [threading.Thread(target=look, args=(number,)) for number in range(200)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print({what: count for what, count in wrong.items() if count})
"""


@pytest.fixture
def newcomer(host, password):
    """Somebody who has never logged in."""
    host.add("newcomer", password, "--hosts", "*", "--full-name", "New Comer")
    host.reload()  # or the name's absence is kept
    yield pwd.getpwnam("newcomer")
    host.command("delete", "newcomer", "--yes")
    host.reload()
    shutil.rmtree("/home/newcomer", ignore_errors=True)


def check_home(entry):
    home = pathlib.Path("/home/newcomer").stat()
    assert (home.st_uid, home.st_gid) == (entry.pw_uid, entry.pw_gid)
    assert stat.S_ISDIR(home.st_mode) and not home.st_mode & 0o022
    inside = pathlib.Path("/home/newcomer/.profile").stat()
    assert (inside.st_uid, inside.st_gid) == (entry.pw_uid, entry.pw_gid)


def test_the_first_login_makes_the_home(host, newcomer, password):
    assert not pathlib.Path(newcomer.pw_dir).exists()
    result = host.ssh("newcomer", password, "pwd; touch mine; stat -c %U:%G . mine")
    assert result.stdout == "/home/newcomer\n" + "newcomer:newcomer\n" * 2, result.stdout
    check_home(newcomer)
    assert host.ssh("newcomer", password, "ls mine").stdout == "mine\n"


def test_a_session_of_any_program_makes_the_home(host, newcomer, password):
    result = host.pam("login", "newcomer", password, "auth", "acct", "open", "close")
    assert "open: PAM_SUCCESS" in result.stdout, result.stdout
    check_home(newcomer)


def test_no_home_without_a_login(host, newcomer, password):
    assert host.ssh("newcomer", password + "x").returncode == 255
    assert not pathlib.Path(newcomer.pw_dir).exists()


def test_everybody_agrees(host, password, tmp_path):
    entry = pwd.getpwnam("alice")
    line = ":".join(["alice", "x", str(entry.pw_uid), str(entry.pw_gid), "Alice Example",
                     "/home/alice", "/bin/bash"]) + "\n"
    ids = f"uid={entry.pw_uid}(alice) gid={entry.pw_uid}(alice) groups={entry.pw_uid}(alice)\n"
    for key in ("alice", str(entry.pw_uid)):
        assert machine.run("getent", "passwd", key).stdout == line
        assert machine.run("getent", "group", key).stdout.startswith(f"alice:x:{entry.pw_uid}:")
        assert machine.run("id", key).stdout == ids
    record = json.loads(machine.run("userdbctl", "user", "alice", "--output=json").stdout)
    assert (record["userName"], record["uid"], record["gid"], record["realName"],
            record["homeDirectory"], record["shell"]) == (
                "alice", entry.pw_uid, entry.pw_uid, "Alice Example", "/home/alice", "/bin/bash")
    group = json.loads(machine.run("userdbctl", "group", "alice", "--output=json").stdout)
    assert (group["groupName"], group["gid"]) == ("alice", entry.pw_uid)
    file = tmp_path / "file"
    file.write_text("x")
    os.chown(file, entry.pw_uid, entry.pw_gid)
    assert machine.run("ls", "-l", file).stdout.split()[2:4] == ["alice", "alice"]
    assert machine.run("find", file, "-user", "alice", "-group", "alice").stdout == f"{file}\n"
    assert host.ssh("alice", password, "id").stdout == ids
    assert host.ssh("alice", password, "getent passwd alice").stdout == line


@pytest.fixture
def with_groups(host):
    """alice's record names four groups; the host lets two of them through, and one that is not."""
    host.command("set", "alice", "groups=staff,video,sudo,nosuchgroup")
    host.configure(host.engine, {"userdb": {"groups": "staff, video, nosuchgroup, root"}})
    host.reload()
    yield
    host.command("set", "alice", "groups=")
    host.configure(host.engine)
    host.reload()


def test_groups_that_the_host_lets_through(host, with_groups, password):
    wanted = {"alice", "staff", "video"}
    assert set(machine.run("id", "-Gn", "alice").stdout.split()) == wanted
    assert set(host.ssh("alice", password, "id -Gn").stdout.split()) == wanted
    assert {grp.getgrgid(gid).gr_name
            for gid in os.getgrouplist("alice", pwd.getpwnam("alice").pw_gid)} == wanted
    rows = machine.run("userdbctl", "groups-of-user", "alice", "--output=classic").stdout
    assert sorted(rows.split()) == ["alice:staff", "alice:video"]
    assert machine.run("getent", "group", "staff").stdout.startswith("staff:x:50:")
    # what the groups are for
    shared = pathlib.Path("/srv/shared")
    shared.mkdir(mode=0o770)
    try:
        shutil.chown(shared, "root", "staff")
        shared.chmod(0o770)
        assert host.ssh("alice", password, "touch /srv/shared/x && echo ok").stdout == "ok\n"
    finally:
        shutil.rmtree(shared)


@pytest.mark.parametrize("file, line, shown", [
    ("/etc/passwd", "localone:x:{uid}:100::/:/bin/sh", ("localone", None, None)),
    ("/etc/group", "localones:x:{uid}:", (None, "localones", None)),
    ("/etc/passwd", "newcomer:x:1999:1999::/:/bin/sh", (None, None, "1999")),
    ("/etc/group", "newcomer:x:1999:", ("newcomer", None, "{uid}")),
], ids=["uid", "gid", "name", "group name"])
def test_local_entries_win_at_once(host, newcomer, file, line, shown):
    """Whose are the uid and the gid, and what is the name's uid?"""
    uid = str(newcomer.pw_uid)
    file, line = pathlib.Path(file), line.format(uid=uid) + "\n"
    before = file.read_text()
    assert machine.run("getent", "passwd", "newcomer").returncode == 0
    file.write_text(before + line)
    try:
        def field(database, key, number):
            found = machine.run("getent", database, key).stdout
            return found.split(":")[number] if found else None

        assert (field("passwd", uid, 0), field("group", uid, 0), field("passwd", "newcomer", 2)
                ) == tuple(word and word.format(uid=uid) for word in shown)
    finally:
        file.write_text(before)
    assert machine.run("getent", "passwd", uid).stdout.startswith("newcomer:")


@pytest.mark.parametrize("uid", [0, 65534], ids=["root", "nobody"])
def test_two_hundred_threads_of_one_program(host, password, uid):
    """getpwnam_r and getpwuid_r in each, through libnss-systemd."""
    words = [f"{entry.pw_name}={entry.pw_uid}"
             for entry in [pwd.getpwnam("alice"), pwd.getpwnam("daemon")]]
    result = machine.run("setpriv", f"--reuid={uid}", "--clear-groups", "/usr/bin/python3", "-c",
                         THREADS, "10", *words, timeout=120)
    assert result.stdout == "{}\n"
    assert "acct: PAM_SUCCESS" in host.pam("sshd", "alice", password).stdout
