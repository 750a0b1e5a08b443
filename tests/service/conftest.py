# SPDX-License-Identifier: BSD-2-Clause
"""pam-dynamod in the foreground over the embedded store, in a folder of its own."""
import contextlib
import multiprocessing
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("PAM_DYNAMO_BUILD", "build")
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import dynamo_login  # noqa: E402
import frames  # noqa: E402
import passwords  # noqa: E402
import servers  # noqa: E402
import varlink  # noqa: E402

PASSWORD = "correct horse battery staple"
START_S = 15
# A cost for tests: they are about everything but the hash.
SETTINGS = {"service": {"workers": 4}, "store": {"engine": "sqlite"},
            "host": {"name": "testhost.example"}, "password": {"memory_kib": 8192, "passes": 1}}


def pytest_collection_modifyitems(items):
    # A peer without root may ask about its own name only, so nearly nothing could be asked.
    if os.geteuid() != 0:
        for item in items:
            if item.path.parent == pathlib.Path(__file__).parent:
                item.add_marker(pytest.mark.skip(reason="needs root, to ask as a PAM host does"))


def wait_for(condition, what, seconds=START_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError(f"{what}: not within {seconds} s")


def answer_as(uid, pipe, function, arguments, keywords):
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    try:
        pipe.send(function(*arguments, **keywords))
    except Exception as error:  # the caller raises it
        pipe.send(error)


def as_uid(uid, function, *arguments, **keywords):
    """function(...) in a process of this uid; what it returns or raises."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become another user")
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=answer_as, args=(uid, theirs, function, arguments, keywords))
    child.start()
    theirs.close()
    result = ours.recv()
    child.join()
    if isinstance(result, Exception):
        raise result
    return result


class Service:
    """configure() or set(), start(), stop(); .login and .userdb are the sockets' paths."""

    def __init__(self, folder):
        self.folder = folder
        self.conf = folder / "pam_dynamo.conf"
        self.login = folder / "run" / "login.sock"
        self.userdb = folder / "userdb" / "io.pam-dynamo"
        self.database = folder / "users.db"
        self.log_path = folder / "log"
        self.settings = {section: dict(keys) for section, keys in SETTINGS.items()}
        self.settings["service"].update(socket=self.login, userdb_socket=self.userdb)
        self.settings["store"]["path"] = self.database
        self.settings["password"]["blocklist"] = passwords.common(folder)
        self.process = None
        self.write()

    def write(self):
        lines = []
        for section, keys in self.settings.items():
            lines.append(f"[{section}]")
            lines += [f"{key} = {value}" for key, value in keys.items()]
        self.conf.write_text("\n".join(lines) + "\n")

    def set(self, section, **keys):
        self.settings.setdefault(section, {}).update(keys)
        self.write()

    def command(self, *words, stdin=""):
        result = subprocess.run([BUILD / "pam-dynamo", "-c", self.conf, *words], input=stdin,
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                timeout=60, check=False)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def add(self, name, *options, password=PASSWORD):
        self.command("add", name, "--password-stdin", *options, stdin=password + "\n")
        return self.uid(name)

    def uid(self, name):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return database.execute("SELECT uid FROM users WHERE username = ?", (name,)
                                    ).fetchone()[0]

    def start(self, *options, environment=None, **keywords):
        before = self.log().count("listening on")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BUILD / "pam-dynamod", "-f", "-c", self.conf, *options], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment or {"PATH": "/usr/bin:/bin"}, **keywords)
        wait_for(lambda: self.log().count("listening on") > before
                 or self.process.poll() is not None, "the service starts")
        assert self.process.poll() is None, self.log()

    def run(self, *options):
        """Runs it to its end: its exit status and what it said."""
        result = subprocess.run([BUILD / "pam-dynamod", "-c", self.conf, *options],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
        return result.returncode, result.stdout

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def logs(self, text, count=1):
        wait_for(lambda: self.log().count(text) >= count, f"{text!r} in the log:\n{self.log()}", 5)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def authenticate(self, user="alice", password=PASSWORD, **more):
        return frames.authenticate(self.login, user, password, **more)

    def account(self, user="alice", ticket=None, **more):
        return frames.account(self.login, user, ticket, **more)

    def lookup(self, method, **parameters):
        return varlink.call(self.userdb, method, **parameters)

    @contextlib.contextmanager
    def writes_blocked(self):
        """Wrong passwords take long in here: counting a failure waits for the database."""
        with contextlib.closing(sqlite3.connect(self.database, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")


@pytest.fixture
def stopped():
    """A service with an empty store, not started."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pam-dynamo."))
    folder.chmod(0o755)  # other users' processes reach the socket
    service = Service(folder)
    service.command("init")
    try:
        yield service
    finally:
        service.stop()
        shutil.rmtree(folder)


@pytest.fixture
def service(stopped):
    """A running service; alice may log in anywhere."""
    stopped.alice_uid = stopped.add("alice", "--hosts", "*")
    stopped.start()
    return stopped


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    """A DynamoDB server and the proxy before it, (proxy, server)."""
    with servers.proxied_dynoxide(tmp_path_factory.mktemp("directory")) as pair:
        yield pair


@pytest.fixture(params=["sqlite", "dynamodb"])
def host(request):
    """A host on each store, with the real module before it and alice in it; not started."""
    with tempfile.TemporaryDirectory(prefix="pam-dynamo.") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        with contextlib.ExitStack() as stack:
            if request.param == "sqlite":
                yield stack.enter_context(dynamo_login.FileLogin(folder))
            else:
                pair = request.getfixturevalue("directory")
                pair[0].reset()
                yield stack.enter_context(dynamo_login.Login(folder, *pair))
