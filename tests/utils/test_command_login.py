# SPDX-License-Identifier: BSD-2-Clause
"""login-test: against the real service, and against services that answer nonsense."""
import json
import os
import socket
import subprocess
import threading
import time

import pexpect
import pytest

import frames
from command import BASE_ENVIRONMENT, BUILD, PASSWORD
from servers import die_with_parent


@pytest.fixture
def service(command):
    """pam-dynamod on the command's store, with alice."""
    if os.geteuid() != 0:
        pytest.skip("needs root, whom alone the service tells about others")
    command.configure(password={"memory_kib": 8192, "passes": 1}, login={"max_failures": 3})
    if command.engine == "dynamodb":
        file = command.directory / "credentials"
        file.write_text("aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n")
        file.chmod(0o600)
        command.configure(password={"memory_kib": 8192, "passes": 1}, login={"max_failures": 3},
                          dynamodb={"region": "us-east-1", "endpoint": command.url,
                                    "users_table": command.users, "state_table": command.state,
                                    "credentials": "file", "credentials_file": file})
    command.add("alice", "--hosts", "desk")
    with open(command.directory / "service.log", "wb") as log:
        process = subprocess.Popen([BUILD / "pam-dynamod", "-f", "-c", command.conf], stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL, env=BASE_ENVIRONMENT,
                                   preexec_fn=die_with_parent)
    try:
        wait_for_socket(command.socket, process)
        yield command
    finally:
        process.terminate()
        process.wait(15)


def wait_for_socket(path, process):
    end = time.monotonic() + 15
    while time.monotonic() < end:
        assert process.poll() is None, "the service ended"
        try:
            with frames.connect(path):
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the service does not listen")


def test_a_good_login(service):
    text = service.good("login-test", "alice", stdin=PASSWORD)
    assert text.count("success (good)") == 2 and "store requests" in text
    assert "ms in all" in text and "ms inside the service" in text and PASSWORD not in text


def test_a_good_login_as_json(service):
    answer = service.json("login-test", "alice", "--service", "sshd", stdin=PASSWORD)
    assert answer["success"] is True and (answer["user"], answer["service"]) == ("alice", "sshd")
    for name, requests in (("authenticate", 1), ("account", 0)):
        phase = answer[name]
        assert phase["verdict"] == "success" and phase["reason"] == "good"
        assert phase["requests"] == requests
        assert phase["total_us"] >= phase["service_us"] > 0


def test_a_wrong_password(service):
    result = service.run("login-test", "alice", stdin=PASSWORD + "x")
    assert result.returncode == 1 and "deny (wrong-password)" in result.stdout
    assert "account" not in result.stdout and PASSWORD not in result.stdout + result.stderr
    result = service.run("login-test", "alice", "--json", stdin=PASSWORD + "x")
    answer = json.loads(result.stdout)
    assert result.returncode == 1 and answer["success"] is False and "account" not in answer


def test_account_only(service):
    answer = service.json("login-test", "alice", "--account-only")
    assert "authenticate" not in answer and answer["account"]["verdict"] == "success"


@pytest.mark.parametrize("prepare, reason", [
    (["disable", "alice"], "disabled"), (["grant", "alice", "--remove", "desk"], "host-not-allowed"),
    (["set", "alice", "services=dovecot"], "service-not-allowed"), (["lock", "alice"], "locked"),
    (["set", "alice", "account_expires_at=2020-01-01"], "account-expired"),
    (["set", "alice", "password_must_change=yes"], "must-change"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_the_command_changes_is_refused(service, prepare, reason):
    service.good(*prepare)
    result = service.run("login-test", "alice", "--json", stdin=PASSWORD)
    answer = json.loads(result.stdout)
    assert result.returncode == 1 and answer["success"] is False
    assert reason in [answer[name]["reason"] for name in ("authenticate", "account")
                      if name in answer]


def test_a_lock_by_hand_holds_until_unlock(service):
    service.good("lock", "alice")
    for _ in range(4):
        assert service.run("login-test", "alice", stdin="wrong").returncode == 1
    assert service.show("alice")["locked"]
    assert service.run("login-test", "alice", stdin=PASSWORD).returncode == 1
    service.good("unlock", "alice")
    service.good("login-test", "alice", stdin=PASSWORD)


def test_failures_lock_and_unlock_forgets_them(service):
    for _ in range(3):
        service.run("login-test", "alice", stdin="wrong")
    user = service.show("alice")
    assert user["failures"] == 3 and user["locked"] and user["locked_until"] > time.time()
    assert service.run("login-test", "alice", stdin=PASSWORD).returncode == 1
    assert service.json("unlock", "alice")["failures"] == 0
    service.good("login-test", "alice", stdin=PASSWORD)


def test_the_last_login_is_shown(service):
    service.good("login-test", "alice", "--service", "sshd", stdin=PASSWORD)
    end = time.monotonic() + 10
    while "last_login" not in service.show("alice"):  # noted after the reply
        assert time.monotonic() < end
        time.sleep(0.05)
    last = service.show("alice")["last_login"]
    assert last["service"] == "sshd" and abs(last["at"] - time.time()) < 60
    assert "last_login.service:   sshd" in service.good("show", "alice")
    service.good("delete", "alice", "--yes")
    service.good("add", "alice", "--no-password")
    assert "last_login" not in service.show("alice")


def test_a_new_password_holds_at_once(service):
    service.good("passwd", "alice", stdin="another fine long passphrase")
    assert service.run("login-test", "alice", stdin=PASSWORD).returncode == 1
    service.good("login-test", "alice", stdin="another fine long passphrase")


def test_somebody_else_may_not_ask(service):
    caps = "+dac_override,+dac_read_search"  # another user, who reaches the folder of the tests
    result = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={caps}",
         f"--ambient-caps={caps}",
         *service.words("login-test", "alice")], input=PASSWORD, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=service.environment, check=False)
    assert result.returncode == 1 and "success" not in result.stdout
    assert "try as root" in result.stderr and "store requests" not in result.stdout


def test_an_unknown_user(service):
    result = service.run("login-test", "nobody-there", stdin=PASSWORD)
    assert result.returncode == 1 and "unknown" in result.stdout


def test_the_password_is_not_echoed(service):
    words = service.words("login-test", "alice")
    child = pexpect.spawn(words[0], words[1:], env=service.environment, timeout=15)
    child.expect_exact("Password: ")
    child.waitnoecho(5)
    child.sendline(PASSWORD)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0 and PASSWORD.encode() not in child.before


def test_no_service(sqlite):
    assert "start pam-dynamod" in sqlite.bad(69, "login-test", "alice", stdin=PASSWORD)
    sqlite.bad(5, "login-test", "No Name", stdin=PASSWORD)
    sqlite.bad(5, "login-test", "alice", stdin="")
    sqlite.bad(5, "login-test", "alice", stdin="x" * 600)
    sqlite.bad(5, "login-test", "alice", "--service", "s" * 5000, stdin=PASSWORD)


class Liar:
    """Answers every request with these bytes."""

    def __init__(self, path, answer):
        self.answer = answer
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()
        self.seen = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.seen.append(client.recv(65536))
                if self.answer is None:
                    time.sleep(30)
                else:
                    client.sendall(self.answer)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def reply(*fields, **keywords):
    return frames.build(frames.REPLY, list(fields), **keywords)


@pytest.mark.parametrize("answer, code", [
    (b"", 69), (b"\0\0\0", 69), (b"HTTP/1.1 200 OK\r\n\r\n", 65), (b"\xff" * 64, 65),
    (reply(), 65), (reply((frames.VERDICT, b"")), 65), (reply((frames.VERDICT, b"\x0b")), 65),
    (reply((frames.VERDICT, b"\x0a\x0a")), 65), (reply((frames.VERDICT, b"\x0a"), version=9), 65),
    (frames.build(frames.PING, [(frames.VERDICT, b"\x0a")]), 65),
    (reply((frames.VERDICT, b"\x0a"), (frames.VERDICT, b"\x0a")), 65),
    (reply((frames.VERDICT, b"\x00"), (frames.REASON, b"x" * 5000)), 1),
    (reply((frames.VERDICT, b"\x04")), 69), (reply((frames.VERDICT, b"\x05")), 65),
    (reply((frames.VERDICT, b"\x00"), (frames.REASON, b"\x1b[2J\n")), 1),
], ids=range(15))
def test_broken_replies(sqlite, answer, code):
    liar = Liar(sqlite.socket, answer)
    try:
        result = sqlite.run("login-test", "alice", stdin=PASSWORD)
    finally:
        liar.close()
    assert result.returncode == code and "\x1b" not in result.stdout
    assert "success" not in result.stdout and PASSWORD not in result.stdout + result.stderr


def test_success_needs_both(sqlite):
    """A success for the password alone is no login."""
    good = reply((frames.VERDICT, b"\x0a"))
    liar = Liar(sqlite.socket, good)
    sqlite.good("login-test", "alice", stdin=PASSWORD)
    first, second = (frames.parse(seen, operation) for seen, operation in
                     zip(liar.seen, (frames.AUTHENTICATE, frames.ACCOUNT)))
    liar.close()
    assert first[frames.USER] == b"alice" and first[frames.PASSWORD] == PASSWORD.encode()
    assert first[frames.SERVICE] == b"login" and frames.DEADLINE in first
    assert frames.PASSWORD not in second and second[frames.USER] == b"alice"


def test_a_silent_service(sqlite):
    sqlite.configure(service={"socket": sqlite.socket, "deadline_ms": 500})
    liar = Liar(sqlite.socket, None)
    start = time.monotonic()
    sqlite.bad(69, "login-test", "alice", "--account-only")
    assert time.monotonic() - start < 5
    liar.close()
    os.unlink(sqlite.socket)
