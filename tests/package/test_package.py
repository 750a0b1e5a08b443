# SPDX-License-Identifier: BSD-2-Clause
"""The Debian packages: built from the sources alone, installed, started, a user logged in, removed.
Runs in a private machine of its own."""
import os
import pathlib
import pwd
import re
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
    return {path.name.split("_")[0]: path for path in tmp.glob("*.deb")
            if "-dbgsym_" not in path.name}


@pytest.fixture(scope="module")
def installed(packages, tmp_path_factory):
    assert not pathlib.Path("/usr/sbin/pam-dynamod").exists()
    machine.run("dpkg", "-i", *packages.values(), check=True)
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


def test_contents_of_the_page(packages):
    page = machine.run("dpkg-deb", "-c", packages["pam-dynamo-web"]).stdout
    for name in ("/usr/lib/pam-dynamo/pam-dynamo.cgi", "/usr/share/pam-dynamo/static/style-1.css",
                 "/etc/pam-dynamo/web.conf", "man8/pam-dynamo.cgi.8.gz", "man5/web.conf.5.gz",
                 "locale/de/LC_MESSAGES/pam-dynamo-web.mo", "pam-dynamo-mail.path"):
        assert name in page, name
    depends = machine.run("dpkg-deb", "-f", packages["pam-dynamo-web"], "Depends").stdout
    assert sorted(word.split()[0] for word in depends.split(",")) == [
        "adduser", "libc6", "libsodium23", "pam-dynamo"]


def test_lintian_finds_no_error(packages):
    """The maintainers have no address of their own yet."""
    machine.run("lintian", "--fail-on", "error", "--suppress-tags",
                "bogus-mail-host,bogus-mail-host-in-debian-changelog",
                *packages.values(), check=True, timeout=170)


def test_the_module_depends_on_libc_and_libpam_alone(packages):
    depends = machine.run("dpkg-deb", "-f", packages["libpam-dynamo"], "Depends").stdout
    assert sorted(word.split()[0] for word in depends.split(",")) == ["libc6", "libpam0g"]


def test_the_packaged_programs_are_hardened(installed, tmp_path):
    for path in [*pathlib.Path("/usr/sbin").glob("pam-dynamo*"),
                 pathlib.Path("/usr/lib/pam-dynamo/pam-dynamo.cgi"),
                 *pathlib.Path("/lib").glob("*/security/pam_dynamo.so")]:
        shutil.copy(path, tmp_path)
    machine.run(machine.ROOT / "tests/lint/hardening.sh", tmp_path, check=True)


def test_user_and_directory(installed):
    entry = pwd.getpwnam("pam-dynamo")
    state = os.stat("/var/lib/pam-dynamo")
    assert entry.pw_uid < 1000 and entry.pw_shell == "/usr/sbin/nologin"
    assert state.st_uid == entry.pw_uid and stat.S_IMODE(state.st_mode) == 0o700


def test_the_page_has_a_user_and_a_key_of_its_own(installed):
    group = pwd.getpwnam("pam-dynamo-web").pw_gid
    assert pwd.getpwnam("pam-dynamo-web").pw_uid < 1000
    for name in ("web.conf", "web.key"):
        status = os.stat(f"/etc/pam-dynamo/{name}")
        assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, group, 0o640)
    assert re.fullmatch(r"[0-9]{8} [0-9a-f]{64}\n",
                        pathlib.Path("/etc/pam-dynamo/web.key").read_text())
    spool = os.stat("/var/lib/pam-dynamo/mail")
    assert spool.st_uid == pwd.getpwnam("pam-dynamo").pw_uid
    assert stat.S_IMODE(spool.st_mode) == 0o700


def test_the_units_are_sound(installed):
    units = [f"/lib/systemd/system/{name}" for name in (
        "pam-dynamod.service", "pam-dynamod.socket", "pam-dynamo-mail.service",
        "pam-dynamo-mail.path", "pam-dynamo-mail.timer")]
    machine.run("systemd-analyze", "verify", "--man=no", *units, check=True)
    mail = [f"/lib/systemd/system/pam-dynamo-mail.{kind}" for kind in ("service", "path", "timer")]
    machine.run("systemd-analyze", "verify", "--man=no", *mail, check=True)
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


def test_the_page_reinstalled_keeps_its_key(installed, packages):
    key = pathlib.Path("/etc/pam-dynamo/web.key").read_text()
    machine.run("dpkg", "-i", packages["pam-dynamo-web"], check=True)
    assert pathlib.Path("/etc/pam-dynamo/web.key").read_text() == key


def test_the_page_answers_as_it_is_installed(installed):
    """Its own user may read what it needs; only the address is to be named."""
    conf = pathlib.Path("/etc/pam-dynamo/web.conf")
    assert "base_url = https://login.example.org/account\n" in conf.read_text()
    installed.start_service()
    environment = {"REQUEST_METHOD": "GET", "PATH_INFO": "/signin", "HTTPS": "on",
                   "REMOTE_ADDR": "192.0.2.1"}
    result = machine.run("setpriv", "--reuid=pam-dynamo-web", "--regid=pam-dynamo-web",
                         "--clear-groups", "/usr/lib/pam-dynamo/pam-dynamo.cgi", env=environment)
    assert "Status: 200 OK" in result.stdout, result.stdout
    assert 'action="https://login.example.org' not in result.stdout
    assert 'action="/account/signin"' in result.stdout
    assert installed.stop_service() == 0


def test_a_purge_keeps_the_users(installed):
    machine.run("dpkg", "--purge", "libpam-dynamo", "pam-dynamo-web", "pam-dynamo", check=True)
    assert not pathlib.Path("/usr/sbin/pam-dynamod").exists()
    assert not pathlib.Path("/etc/pam-dynamo").exists()
    assert pathlib.Path("/var/lib/pam-dynamo/users.db").exists()
