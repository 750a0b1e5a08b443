# SPDX-License-Identifier: BSD-2-Clause
"""The Debian packages: built from the sources alone, installed, started, a user logged in, removed.
Runs in a private machine of its own."""
import os
import pathlib
import pwd
import shutil
import stat
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import machine  # noqa: E402

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.skipif(os.environ.get("PRIVATE_MACHINE") != "1",
                                reason="run through tests/lib/private_machine.sh")


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """{name: path} of what dpkg-buildpackage -b makes of a copy of the sources."""
    tmp = tmp_path_factory.mktemp("package")
    tree = tmp / "pam-dynamo"
    for name in machine.run(machine.ROOT / "tests/lint/files.sh", check=True).stdout.split():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(machine.ROOT / name, tree / name)
    env = dict(machine.ENVIRONMENT, DEB_BUILD_PROFILES="nocheck",
               DEB_BUILD_OPTIONS=f"nocheck parallel={os.cpu_count()}")
    result = subprocess.run(["dpkg-buildpackage", "-b", "-us", "-uc"], cwd=tree, env=env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
                            check=False)
    assert result.returncode == 0, result.stdout[-3000:]
    return {path.name.split("_")[0]: path for path in tmp.glob("*.deb")}


@pytest.fixture(scope="module")
def installed(packages, tmp_path_factory):
    assert not pathlib.Path("/usr/sbin/pam-dynamod").exists()
    machine.run("dpkg", "-i", packages["libpam-dynamo"], packages["pam-dynamo"], check=True)
    host = machine.Machine(tmp_path_factory.mktemp("host"))
    host.use_in_pam()
    yield host
    host.close()


def test_contents(packages):
    module = machine.run("dpkg-deb", "-c", packages["libpam-dynamo"]).stdout
    service = machine.run("dpkg-deb", "-c", packages["pam-dynamo"]).stdout
    assert "/security/pam_dynamo.so" in module and "man8/pam_dynamo.8.gz" in module
    for name in ("/usr/sbin/pam-dynamod", "/usr/sbin/pam-dynamo", "pam-dynamod.socket",
                 "pam-dynamod.service", "/etc/pam-dynamo/pam_dynamo.conf", "man8/pam-dynamo.8.gz",
                 "man8/pam-dynamod.8.gz", "man5/pam_dynamo.conf.5.gz",
                 "/usr/share/pam-dynamo/common-passwords", "/usr/share/pam-dynamo/reserved-names",
                 "examples/pam.d/common-auth-example"):
        assert name in service, name


def test_the_module_depends_on_libc_and_libpam_alone(packages):
    depends = machine.run("dpkg-deb", "-f", packages["libpam-dynamo"], "Depends").stdout
    assert sorted(word.split()[0] for word in depends.split(",")) == ["libc6", "libpam0g"]


def test_the_packaged_programs_are_hardened(installed, tmp_path):
    for path in [*pathlib.Path("/usr/sbin").glob("pam-dynamo*"),
                 *pathlib.Path("/lib").glob("*/security/pam_dynamo.so")]:
        shutil.copy(path, tmp_path)
    machine.run(machine.ROOT / "tests/lint/hardening.sh", tmp_path, check=True)


def test_user_and_directory(installed):
    entry = pwd.getpwnam("pam-dynamo")
    state = os.stat("/var/lib/pam-dynamo")
    assert entry.pw_uid < 1000 and entry.pw_shell == "/usr/sbin/nologin"
    assert state.st_uid == entry.pw_uid and stat.S_IMODE(state.st_mode) == 0o700


def test_the_units_are_sound(installed):
    units = [f"/lib/systemd/system/pam-dynamod.{kind}" for kind in ("service", "socket")]
    machine.run("systemd-analyze", "verify", "--man=no", *units, check=True)
    machine.run("systemd-analyze", "security", "--offline=true", "--threshold=20", units[0],
                check=True)


def test_a_login(installed):
    """With the configuration as it is shipped."""
    installed.command("init")
    installed.add("alice", PASSWORD, "--hosts", "*")
    installed.start_service()
    installed.start_sshd()
    assert installed.ssh("alice", PASSWORD, "id -un").stdout == "alice\n"
    assert installed.ssh("alice", PASSWORD + "x").returncode == 255
    assert installed.stop_service() == 0


def test_a_login_through_handed_over_sockets(installed):
    installed.activate_service()
    assert machine.run("getent", "passwd", "alice").stdout.startswith("alice:x:")
    assert installed.ssh("alice", PASSWORD, "id -un").stdout == "alice\n"
    assert installed.stop_service() == 0
    assert machine.SOCKET.exists()


def test_a_purge_keeps_the_users(installed):
    machine.run("dpkg", "--purge", "libpam-dynamo", "pam-dynamo", check=True)
    assert not pathlib.Path("/usr/sbin/pam-dynamod").exists()
    assert not pathlib.Path("/etc/pam-dynamo").exists()
    assert pathlib.Path("/var/lib/pam-dynamo/users.db").exists()
