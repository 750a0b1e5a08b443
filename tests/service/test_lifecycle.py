# SPDX-License-Identifier: BSD-2-Clause
"""Starting, reloading, stopping."""
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import pytest

import frames
from conftest import BUILD, PASSWORD, wait_for

EX_CONFIG, EX_TEMPFAIL, EX_UNAVAILABLE, EX_USAGE = 78, 75, 69, 64
# Hands listening sockets over as a service manager does: descriptors from 3 on, LISTEN_*.
ACTIVATE = """
import os, socket, sys
count = int(sys.argv[1])
held = []
for path in sys.argv[2:2 + count]:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen(64)
    held.append(os.dup(listener.fileno()))
for number, fd in enumerate([os.dup2(fd, 100 + i) for i, fd in enumerate(held)]):
    os.dup2(fd, 3 + number, inheritable=True)
os.environ["LISTEN_FDS"] = str(count)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


@pytest.mark.parametrize("text,words", [
    ("[service]\nno_such_key = 1\n", ["pam_dynamo.conf", "2", "no_such_key"]),
    ("[service]\nworkers = many\n", ["pam_dynamo.conf", "2", "workers"]),
    ("[nothing]\nkey = 1\n", ["pam_dynamo.conf", "1", "nothing"]),
    ("[service]\nworkers = 2\nworkers = 3\n", ["pam_dynamo.conf", "3", "workers"]),
])
def test_a_bad_configuration_is_refused_by_file_line_and_key(stopped, text, words):
    stopped.conf.write_text(text)
    for options in (["-f"], ["-t"]):
        status, said = stopped.run(*options)
        assert status == EX_CONFIG
        for word in words:
            assert word in said
    assert not stopped.login.exists()


def test_a_configuration_that_others_may_write_is_refused(stopped):
    stopped.conf.chmod(0o666)
    status, said = stopped.run("-f")
    assert status == EX_CONFIG and "pam_dynamo.conf" in said


def test_a_missing_configuration_is_refused(stopped):
    stopped.conf.unlink()
    status, said = stopped.run("-f")
    assert status == EX_CONFIG and "pam_dynamo.conf" in said


def change_password(service, new):
    return frames.ask(service.login, frames.CHANGE, {
        frames.USER: "alice", frames.PASSWORD: PASSWORD, frames.SERVICE: "passwd",
        frames.NEW_PASSWORD: new})


@pytest.mark.parametrize("content, what", [(None, "does not exist"),
                                           (b"good\n\xff\n", "line 2: not UTF-8")])
def test_without_its_list_of_passwords_it_changes_none(stopped, content, what):
    listed = stopped.folder / "common-passwords"
    stopped.add("alice", "--hosts", "*")
    listed.unlink()
    if content is not None:
        listed.write_bytes(content)
        listed.chmod(0o644)
    stopped.start()
    stopped.logs(f"{listed}: {what}")
    assert stopped.authenticate().verdict == "success"
    reply = change_password(stopped, "a quite unlikely sentence")
    assert reply.verdict == "refused"
    assert "cannot be changed now" in reply.text(frames.MESSAGE)
    listed.write_text("good\n")
    listed.chmod(0o644)
    stopped.signal(signal.SIGHUP)
    stopped.logs("configuration reloaded")
    assert change_password(stopped, "a quite unlikely sentence").verdict == "success"


def test_options(stopped):
    assert stopped.run("-t")[0] == 0
    status, said = stopped.run("-V")
    assert status == 0 and said.startswith("pam-dynamod ")
    assert stopped.run("-x")[0] == EX_USAGE
    assert stopped.run("extra")[0] == EX_USAGE


def test_it_starts_without_a_store_and_says_unavailable(stopped):
    stopped.set("store", engine="dynamodb")
    stopped.set("dynamodb", region="eu-central-1", endpoint="http://127.0.0.1:9",
                credentials="file", credentials_file=stopped.folder / "keys")
    del stopped.settings["store"]["path"]
    stopped.write()
    (stopped.folder / "keys").write_text(
        "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\n")
    (stopped.folder / "keys").chmod(0o600)
    stopped.start()
    began = time.monotonic()
    assert stopped.authenticate().verdict == "unavailable"
    assert time.monotonic() - began < 5.25


def test_the_process_keeps_its_secrets(service):
    pid = service.process.pid
    status = open(f"/proc/{pid}/status", encoding="ascii").read()
    limits = open(f"/proc/{pid}/limits", encoding="ascii").read()
    assert "Max core file size        0                    0 " in limits
    assert "Umask:\t0077" in status
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0  # not dumpable: root's, whoever runs it


def test_the_environment_is_not_used(stopped):
    stopped.add("alice", "--hosts", "*")
    keys = stopped.folder / "tls-keys"
    stopped.start(environment={"SSLKEYLOGFILE": str(keys), "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
                               "PATH": "/bin"})
    assert stopped.authenticate().verdict == "success"
    assert not keys.exists()


def test_the_sockets_are_for_everyone(service):
    for path in (service.login, service.userdb):
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755


def test_idle_memory(service):
    for _ in range(20):
        service.authenticate()
    status = open(f"/proc/{service.process.pid}/status", encoding="ascii").read()
    (line,) = [row for row in status.splitlines() if row.startswith("VmRSS:")]
    if "asan" not in str(BUILD):
        assert int(line.split()[1]) < 20 * 1024


def test_a_second_one_is_refused(service):
    status, said = service.run("-f")
    assert status == EX_UNAVAILABLE and "in use" in said
    assert service.authenticate().verdict == "success"


def test_a_stale_socket_is_replaced(service):
    service.process.kill()
    service.process.wait()
    assert service.login.exists()
    service.start()
    assert service.authenticate().verdict == "success"


def test_a_file_in_the_sockets_place_is_kept(stopped):
    stopped.login.parent.mkdir()
    stopped.login.write_text("mine")
    status, _ = stopped.run("-f")
    assert status == EX_UNAVAILABLE
    assert stopped.login.read_text() == "mine"


def test_reload_takes_the_new_configuration(service):
    assert service.authenticate().verdict == "success"
    service.set("host", name="other.example")
    service.signal(signal.SIGHUP)
    service.logs("configuration reloaded")
    service.authenticate()
    service.logs("audit: host=other.example")


def test_a_bad_reload_keeps_the_old_configuration(service):
    service.conf.write_text("[service]\nno_such_key = 1\n")
    service.signal(signal.SIGHUP)
    service.logs("reload refused")
    assert "no_such_key" in service.log()
    assert service.authenticate().verdict == "success"


def test_a_reload_takes_a_new_list_of_passwords(service):
    site = service.folder / "site-passwords"

    service.set("password", site_blocklist=site)
    service.signal(signal.SIGHUP)
    service.logs("reload refused")
    assert f"{site}: does not exist" in service.log()
    site.write_text("Velvet Teapot Ceremony\n")
    site.chmod(0o644)
    service.signal(signal.SIGHUP)
    service.logs("configuration reloaded")
    refused = change_password(service, "velvet teapot ceremony")
    assert refused.verdict == "refused" and "commonly used" in refused.text(frames.MESSAGE)
    site.write_text("")
    service.signal(signal.SIGHUP)
    service.logs("configuration reloaded", 2)
    assert change_password(service, "velvet teapot ceremony").verdict == "success"


def test_a_reload_says_what_needs_a_restart(service):
    service.set("service", socket=service.folder / "elsewhere.sock", workers=2)
    service.signal(signal.SIGHUP)
    service.logs("configuration reloaded")
    assert "[service] socket changed: takes effect after a restart" in service.log()
    assert "[service] workers changed" in service.log()
    assert service.authenticate().verdict == "success"


def test_a_reload_moves_no_socket(service):
    service.set("service", userdb_socket=service.folder / "userdb" / "io.elsewhere")
    service.signal(signal.SIGHUP)
    service.logs("configuration reloaded")
    assert service.lookup("GetUserRecord", userName="alice")["record"]["userName"] == "alice"


def test_a_reload_sets_the_log_level(service):
    service.set("log", level="error")
    service.signal(signal.SIGHUP)
    service.authenticate()
    service.signal(signal.SIGHUP)
    service.authenticate()
    assert service.stop() == 0
    assert service.log().count("configuration reloaded") <= 1
    assert "stopp" not in service.log()


def test_a_ticket_serves_its_own_configuration(service):
    ticket = service.authenticate().ticket
    service.signal(signal.SIGHUP)
    service.logs("configuration reloaded")
    assert service.account(ticket=ticket).requests == 1


def test_reloads_under_load_lose_nothing(service):
    verdicts = []

    def login():
        for _ in range(25):
            verdicts.append(service.account().verdict)

    threads = [threading.Thread(target=login) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        service.signal(signal.SIGHUP)
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert verdicts == ["success"] * 100


def test_sigterm_finishes_what_was_accepted(service):
    wrong = frames.build(2, {frames.USER: "alice", frames.PASSWORD: "wrong"})
    with frames.connect(service.login) as slow, frames.connect(service.login) as idle:
        with service.writes_blocked():
            slow.sendall(wrong)
            time.sleep(0.3)
            service.signal(signal.SIGTERM)
            service.logs("stopping")
            assert idle.recv(1) == b""
            assert service.process.poll() is None
        assert frames.read_reply(slow).verdict == "deny"
    assert service.process.wait(10) == 0
    assert not service.login.exists() and not service.userdb.exists()


def test_sigterm_waits_for_half_a_request(service):
    data = frames.build(frames.ACCOUNT, {frames.USER: "alice"})
    with frames.connect(service.login) as client:
        client.sendall(data[:10])
        time.sleep(0.1)
        service.signal(signal.SIGTERM)
        service.logs("stopping")
        client.sendall(data[10:])
        assert frames.read_reply(client).verdict == "success"
    assert service.process.wait(10) == 0


def test_sigterm_does_not_wait_for_ever(stopped):
    """For a hash that takes longer than everything that a request may."""
    stopped.set("service", deadline_ms=100)
    stopped.set("password", memory_kib=65536, passes=250, max_passes=250)
    stopped.start()
    with frames.connect(stopped.login) as client:
        client.sendall(frames.build(2, {frames.USER: "nosuch", frames.PASSWORD: "wrong"}))
        time.sleep(0.2)
        began = time.monotonic()
        assert stopped.stop() == EX_TEMPFAIL
        assert time.monotonic() - began < 3
    assert "stopped with requests unfinished" in stopped.log()
    assert not stopped.login.exists() and not stopped.userdb.exists()


def test_sigterm_when_idle_is_quick(service):
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 1


def activate(service, *paths):
    with open(service.log_path, "ab") as log:
        service.process = subprocess.Popen(
            [sys.executable, "-c", ACTIVATE, str(len(paths)), *map(str, paths),
             str(BUILD / "pam-dynamod"), "-f", "-c", str(service.conf)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    wait_for(lambda: "listening on" in service.log(), "the service starts")


def test_socket_activation(stopped):
    stopped.add("alice", "--hosts", "*")
    activate(stopped, stopped.userdb, stopped.login)  # told apart by address, not by order
    assert stopped.authenticate().verdict == "success"
    assert stopped.lookup("GetUserRecord", userName="alice")["record"]["userName"] == "alice"
    assert stopped.stop() == 0
    assert stopped.login.exists() and stopped.userdb.exists()  # the service manager's


def test_a_foreign_socket_is_not_served(stopped):
    foreign = stopped.folder / "foreign.sock"
    activate(stopped, foreign)
    stopped.logs("it is not served")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(0.3)
        client.connect(str(foreign))
        try:
            client.sendall(frames.build(frames.PING, {}))
            assert client.recv(1) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert stopped.log().count("it is not served") == 1
    assert str(foreign) in stopped.log()


def test_ready_reloading_stopping_watchdog(stopped):
    path = stopped.folder / "notify"
    said = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(5)
        stopped.start(environment={"NOTIFY_SOCKET": str(path)})
        said.append(manager.recv(4096).decode())
        assert said == ["READY=1"]
        stopped.signal(signal.SIGHUP)
        stopped.logs("configuration reloaded")
        while said[-1] != "READY=1" or len(said) < 3:
            said.append(manager.recv(4096).decode())
        assert any(text.startswith("RELOADING=1\nMONOTONIC_USEC=") for text in said)
        while "WATCHDOG=1" not in said:
            said.append(manager.recv(4096).decode())
        stopped.signal(signal.SIGTERM)
        while said[-1] != "STOPPING=1":
            said.append(manager.recv(4096).decode())


def test_secrets_are_not_passed_on(service):
    with open(f"/proc/{service.process.pid}/cmdline", "rb") as cmdline:
        assert PASSWORD.encode() not in cmdline.read()
