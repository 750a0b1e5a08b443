# SPDX-License-Identifier: BSD-2-Clause
"""Hosts that are not root, that have many threads, and that ask for the account alone."""
import pathlib
import pwd
import re
import shutil

import hosts_matrix
import pytest

import machine
from test_hosts_shells import as_user, uid

LOCKER = pathlib.Path("/etc/pam.d/locker")
PROGRAMS = ("pam_host", "pam_threads")
CRONTABS = pathlib.Path("/var/spool/cron/crontabs")
REBOOTED = pathlib.Path("/run/crond.reboot")
JOBS = pathlib.Path("/run/cron_jobs")


@pytest.fixture(scope="module", autouse=True)
def small_hosts(host):
    """The programs where everybody can run them, and their PAM file."""
    for name in PROGRAMS:
        shutil.copy(machine.BUILD / "tests" / name, "/usr/local/bin")
    LOCKER.write_text("auth required pam_dynamo.so\naccount required pam_dynamo.so\n")
    hosts_matrix.use_directory(host, "cron")
    yield
    LOCKER.unlink()


def ask(asker, user, password):
    result = machine.run(*as_user(asker, "pam_host", "locker", user, "auth", "acct"),
                         stdin=password + "\n",
                         env=dict(machine.ENVIRONMENT, PATH="/usr/local/bin:/usr/bin:/bin"))
    return codes(result.stdout)


def codes(text):
    return " | ".join(line for line in text.splitlines() if ": PAM_" in line)


def ask_own(host, user, password):
    """A user whom this host does not resolve has a process here all the same."""
    return ask(recorded_uid(host, user), user, password)


def recorded_uid(host, user):
    shown = host.command("show", user, "--json", check=False)
    found = re.search(r'"uid": *(\d+)', shown.stdout)
    return int(found[1]) if found else uid(user)


def ask_other(_, user, password):
    return ask(pwd.getpwnam(hosts_matrix.UNTRUSTED).pw_uid, user, password)


def ask_trusted(_, user, password):
    return ask(pwd.getpwnam(hosts_matrix.TRUSTED).pw_uid, user, password)


def cron_calls(host, user, password):
    return codes(host.pam("cron", user, password, "acct", "cred", "open", "close").stdout)


def children(process):
    return pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


@pytest.fixture(scope="module")
def cron(host, matrix, tmp_path_factory):
    """Debian's cron starts, and with it what is to run at each start; it is over when no child is
    left. Everybody had a crontab while they could."""
    tmp = tmp_path_factory.mktemp("cron")
    host.command("set", hosts_matrix.user("no-grant"), "hosts=*")
    host.reload()
    JOBS.mkdir()
    JOBS.chmod(0o1777)

    def driver(_, user, __):
        job = JOBS / user
        return f"ran as {job.read_text().strip()}" if job.exists() else "did not run"

    for column in matrix.columns:
        name = hosts_matrix.user(column)
        (tmp / "crontab").write_text(f"@reboot id -un >{JOBS / name}\n")
        result = machine.run("crontab", "-u", name, tmp / "crontab")
        assert (result.returncode == 0) == (column != "unknown"), result.stdout
    host.command("set", hosts_matrix.user("no-grant"), "hosts=elsewhere")
    host.reload()
    REBOOTED.unlink(missing_ok=True)

    def run():
        with machine.daemon(tmp / "cron.log", "cron", "-f") as process:
            machine.wait_for(lambda: REBOOTED.exists() and not children(process), "cron's jobs")

    matrix.prepare("cron", run)
    yield driver
    shutil.rmtree(JOBS)
    for path in CRONTABS.glob("*-one"):
        path.unlink()


@pytest.fixture
def drivers():
    return {"locker-own": (ask_own, "locker"), "locker-other": (ask_other, "locker"),
            "locker-trusted": (ask_trusted, "locker"), "cron-calls": (cron_calls, "cron")}


@pytest.mark.parametrize(**hosts_matrix.cells("locker-own", "locker-other", "locker-trusted",
                                              "cron-calls"))
def test_host(matrix, drivers, program, column):
    matrix.check(program, column, *drivers[program])


@pytest.mark.parametrize(**hosts_matrix.cells("cron"))
def test_cron(matrix, cron, program, column):
    matrix.check(program, column, cron, "cron")


def test_a_host_with_many_threads(host, matrix):
    """32 at once, twice, each with a handle of its own; then nothing is left of them."""
    host.command("unlock", hosts_matrix.user("wrong"))
    asked = [matrix.columns[i % len(matrix.columns)] for i in range(32)]
    result = machine.run("pam_threads", "locker", "2", stdin="".join(
        f"{hosts_matrix.user(column)} {hosts_matrix.password(column)}\n" for column in asked),
        env=dict(machine.ENVIRONMENT, PATH="/usr/local/bin:/usr/bin:/bin"))
    answers = hosts_matrix.ANSWERS["locker-trusted"]
    expected = [f"{hosts_matrix.user(column)} | {answers[column]}" for column in asked]
    *lines, left = result.stdout.splitlines()
    assert lines == expected * 2
    assert left == "left: 0 descriptors, 0 threads"
