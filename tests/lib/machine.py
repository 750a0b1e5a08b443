# SPDX-License-Identifier: BSD-2-Clause
"""A host with pam_dynamo, for the demonstration and the scenarios: it writes to /etc, /usr and /var
and therefore runs inside private_machine.sh alone.

    machine = Machine(tmp)
    machine.install()
    machine.configure("sqlite")
    machine.command("init")
    machine.start_service()
    machine.start_sshd()
    machine.ssh("alice", "password", "id")
"""
import contextlib
import grp
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time

import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PAM_DYNAMO_BUILD", ROOT / "build"))
CONF = pathlib.Path("/etc/pam-dynamo/pam_dynamo.conf")
SOCKET = pathlib.Path("/run/pam-dynamo/login.sock")
USERDB = pathlib.Path("/run/systemd/userdb/io.pam-dynamo")
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI"
REGION = "us-east-1"
START_S = 15

# What the machine's own programs get to see: nothing of the caller's.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
               "TERM": "dumb"}


def run(*command, stdin="", timeout=60, check=False, env=None):
    """A finished process with its text output; standard error is in stdout as a terminal has it."""
    result = subprocess.run([str(word) for word in command], input=stdin, text=True,
                            errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=timeout, env=env or ENVIRONMENT, check=False)
    if check and result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.returncode}\n{result.stdout}")
    return result


def wait_for(condition, what, seconds=START_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{what}: not within {seconds} s")


def listens(path):
    """True when a socket of this path accepts connections."""
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.connect(str(path))
        return True
    return False


def greets(port):
    """True when a server on this port of loopback says something, as sshd does."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as probe:
        return bool(probe.recv(4))
    return False


def accepts(port):
    """True when a server on this port of loopback takes connections."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def daemon(log_path, *command, ready=None):
    """A server for as long as the block takes, ended by its pid; ready() says that it answers."""
    with open(log_path, "ab") as log:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, env=ENVIRONMENT, cwd="/")
    try:
        if ready is not None:
            wait_for(lambda: process.poll() is not None or ready(), command[0])
        if process.poll() is not None:
            raise RuntimeError(f"{command[0]} ended:\n{pathlib.Path(log_path).read_text()}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Machine:
    """Its parts: the service, an sshd, a DynamoDB-compatible server; close() ends what it began."""

    def __init__(self, tmp):
        if os.environ.get("PRIVATE_MACHINE") != "1":
            raise RuntimeError("only inside tests/lib/private_machine.sh")
        self.tmp = pathlib.Path(tmp)
        self.service = self.sshd = self.server = None
        self.ssh_port = 0
        self.service_log = self.tmp / "service.log"
        self.sshd_log = self.tmp / "sshd.log"

    # --- Installation --------------------------------------------------------------------------

    def install(self):
        """What `make install` puts where Debian looks, and the service's user."""
        triplet = run("gcc", "-print-multiarch", check=True).stdout.strip()
        run("make", "-C", ROOT, "install", f"B={BUILD}", "PREFIX=/usr",
            f"MODULEDIR=/lib/{triplet}/security", "UNITDIR=/lib/systemd/system", check=True)
        self.add_service_user()

    def add_service_user(self):
        try:
            pwd.getpwnam("pam-dynamo")
        except KeyError:
            run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir",
                "/var/lib/pam-dynamo", "--shell", "/usr/sbin/nologin", "pam-dynamo", check=True)
        run("install", "-d", "-o", "pam-dynamo", "-g", "pam-dynamo", "-m", "0700",
            "/var/lib/pam-dynamo", check=True)

    def use_in_pam(self, layout="common"):
        """The shipped PAM lines, in Debian's common-* files or in the services' own, nss-systemd."""
        pam_d = pathlib.Path("/etc/pam.d")
        before = pathlib.Path("/etc/pam.d.before")
        if not before.exists():
            shutil.copytree(pam_d, before)
        shutil.copytree(before, pam_d, dirs_exist_ok=True)
        if layout == "services":
            for service, source in (("sshd", "sshd"), ("login", "login"), ("sudo", "sudo"),
                                    ("su", "sudo"), ("passwd", "passwd")):
                shutil.copy(ROOT / "conf" / "pam.d" / source, pam_d / service)
        else:
            for kind, lines in common_lines().items():
                path = pam_d / f"common-{kind}"
                kept = [line for line in path.read_text().splitlines()
                        if kind == "session" or not PRIMARY.match(line)]
                path.write_text("\n".join(kept + lines if kind == "session" else lines + kept)
                                + "\n")
        nsswitch = pathlib.Path("/etc/nsswitch.conf")
        nsswitch.write_text("".join(
            line + (" systemd" if NAMES.match(line) and "systemd" not in line else "") + "\n"
            for line in nsswitch.read_text().splitlines()))

    def configure(self, engine, settings=None, endpoint=None):
        """Writes the configuration: {section: {key: value}} over what the engine needs."""
        sections = {"store": {"engine": engine}, "log": {"level": "debug"}}
        if engine == "dynamodb":
            sections["dynamodb"] = {"region": REGION, "endpoint": endpoint or self.server.url,
                                    "credentials": "file"}
            self.write_private("/etc/pam-dynamo/credentials",
                               f"aws_access_key_id = {ACCESS_KEY}\n"
                               f"aws_secret_access_key = {SECRET_KEY}\n")
        for section, keys in (settings or {}).items():
            sections.setdefault(section, {}).update(keys)
        CONF.parent.mkdir(mode=0o755, exist_ok=True)
        CONF.write_text("".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
            for section, keys in sections.items()))
        CONF.chmod(0o644)

    @staticmethod
    def write_private(path, text):
        path = pathlib.Path(path)
        path.parent.mkdir(mode=0o755, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
        shutil.chown(path, "root", "pam-dynamo")
        path.chmod(0o640)

    # --- Programs ------------------------------------------------------------------------------

    @staticmethod
    def command(*words, stdin="", check=True):
        """The pam-dynamo command as root."""
        return run("pam-dynamo", *words, stdin=stdin, check=check)

    def add(self, name, password, *options):
        return self.command("add", name, "--password-stdin", *options, stdin=password + "\n")

    def start_server(self, server=servers.start_dynoxide):
        self.server = server(self.tmp)

    def start_service(self):
        """In the foreground, as its own user, with the directories that systemd would make."""
        for directory in (SOCKET.parent, USERDB.parent):
            directory.mkdir(parents=True, exist_ok=True)
            shutil.chown(directory, "pam-dynamo", "pam-dynamo")
            directory.chmod(0o755)
        self.spawn_service("--regid=pam-dynamo", "--init-groups")
        wait_for(lambda: self.service.poll() is not None or (listens(SOCKET) and listens(USERDB)),
                 "pam-dynamod")
        if self.service.poll() is not None:
            raise RuntimeError("pam-dynamod ended:\n" + self.service_log.read_text())

    def activate_service(self):
        """As the unit pair does it: the sockets are made by root and handed over at the first call;
        the service may not write beside them."""
        for path in (SOCKET, USERDB):
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.chown(path.parent, "root", "root")
            path.parent.chmod(0o755)
            path.unlink(missing_ok=True)
        self.spawn_service("--regid=0", f"--groups={grp.getgrnam('pam-dynamo').gr_gid}",
                           before=["systemd-socket-activate", "-l", SOCKET, "-l", USERDB])
        wait_for(lambda: SOCKET.exists() and USERDB.exists(), "systemd-socket-activate")
        for path in (SOCKET, USERDB):
            path.chmod(0o666)

    def spawn_service(self, *groups, before=()):
        words = [*before, "setpriv", "--reuid=pam-dynamo", *groups, "--no-new-privs",
                 "/usr/sbin/pam-dynamod", "-f", "-c", CONF]
        with open(self.service_log, "ab") as log:
            self.service = subprocess.Popen([str(word) for word in words],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=ENVIRONMENT, cwd="/")

    def stop_service(self):
        """Its exit status."""
        if self.service is None:
            return None
        self.service.send_signal(signal.SIGTERM)
        status = self.service.wait(20)
        self.service = None
        return status

    def reload(self):
        """SIGHUP; names that were kept for a while are asked for again."""
        seen = self.service_log.read_text().count("configuration reloaded")
        self.service.send_signal(signal.SIGHUP)
        wait_for(lambda: self.service_log.read_text().count("configuration reloaded") > seen,
                 "reload")

    def enable(self, name):
        """And at once, whatever the user database remembers."""
        self.command("enable", name)
        self.reload()

    def audit(self, user):
        """The audit lines about a user so far."""
        return [line for line in self.service_log.read_text().splitlines()
                if f"user={user} " in line and "verdict=" in line]

    def start_sshd(self):
        pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        key = self.tmp / "host_key"
        if not key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key, check=True)
        self.ssh_port = servers.free_port()
        config = self.tmp / "sshd_config"
        config.write_text(SSHD_CONFIG.format(port=self.ssh_port, key=key, root=ROOT))
        with open(self.sshd_log, "ab") as log:
            self.sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(config)],
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         env=ENVIRONMENT, cwd="/")
        wait_for(lambda: greets(self.ssh_port), "sshd")

    def ssh(self, user, password=None, command="id", method="password", key=None):
        """Debian's ssh client; the password through its askpass program."""
        secret = self.tmp / f"askpass.{user}.secret"
        askpass = self.tmp / f"askpass.{user}"
        secret.write_text((password or "") + "\n")
        secret.chmod(0o600)
        askpass.write_text(f"#!/bin/sh\nexec cat {secret}\n")
        askpass.chmod(0o700)
        words = ["ssh", "-F", "none", "-p", self.ssh_port, "-o", "StrictHostKeyChecking=no",
                 "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                 "-o", "NumberOfPasswordPrompts=1", "-o", f"PreferredAuthentications={method}"]
        if key:
            words += ["-i", key, "-o", "IdentitiesOnly=yes"]
        try:
            return run(*words, f"{user}@127.0.0.1", command,
                       env=dict(ENVIRONMENT, SSH_ASKPASS=str(askpass), SSH_ASKPASS_REQUIRE="force"))
        finally:
            secret.unlink()

    @staticmethod
    def pam(service, user, password, *steps):
        """pam_host: the steps' results by name."""
        return run(BUILD / "tests" / "pam_host", service, user, *(steps or ("auth", "acct")),
                   stdin=password + "\n")

    def close(self):
        for process in (self.sshd, self.service):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        if self.server is not None:
            self.server.stop()
        self.sshd = self.service = self.server = None


NAMES = re.compile(r"(passwd|group):")
# What stands in the first block of Debian's common-* files.
PRIMARY = re.compile(r"\w+\s.*\bpam_(unix|deny|permit)\.so")


def common_lines():
    """{kind: lines} of conf/pam.d/common-auth-example."""
    found = {}
    kind = ""
    for line in (ROOT / "conf" / "pam.d" / "common-auth-example").read_text().splitlines():
        title = re.match(r"# /etc/pam\.d/common-(\w+)", line)
        if title:
            kind = title.group(1)
        elif kind and line and line[0] != "#":
            found.setdefault(kind, []).append(line)
    return found


SSHD_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {key}
PidFile none
LogLevel VERBOSE
UseDNS no
PasswordAuthentication yes
PermitRootLogin no
Include {root}/conf/sshd_config.d/pam_dynamo.conf
"""
