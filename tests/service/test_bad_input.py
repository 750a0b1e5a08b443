# SPDX-License-Identifier: BSD-2-Clause
"""Frames that lie, connections that do not end, more of them than there is room for."""
import multiprocessing
import random
import re
import signal
import socket
import struct
import time

import pytest

import frames
from conftest import PASSWORD, as_uid, wait_for

NOBODY = 65534
GOOD = frames.build(frames.AUTHENTICATE, {frames.USER: "alice", frames.PASSWORD: PASSWORD})


def still_answers(service):
    assert service.authenticate().verdict == "success"


def send(service, data):
    """The reply to these bytes, or None where the service closed without one."""
    with frames.connect(service.login) as client:
        client.sendall(data)
        try:
            return frames.read_reply(client)
        except (frames.Closed, ConnectionResetError):
            return None


BAD = {
    "longer than allowed": struct.pack(">I", 65537) + b"x",
    "huge": struct.pack(">I", 0xffffffff) + b"x" * 100,
    "too short": struct.pack(">I", 1) + b"\1",
    "field beyond the end": struct.pack(">I", 7) + bytes([1, 2]) + struct.pack(">HH", 1, 2) + b"a",
    "trailing bytes": struct.pack(">I", 4) + bytes([1, 2, 0, 1]),
    "repeated tag": frames.build(2, [(frames.USER, "alice"), (frames.USER, "bob")]),
    "name with NUL": frames.build(2, {frames.USER: b"ali\0ce", frames.PASSWORD: PASSWORD}),
    "name too long": frames.build(2, {frames.USER: "a" * 300, frames.PASSWORD: PASSWORD}),
    "short number": frames.build(2, {frames.USER: "alice", frames.DEADLINE: b"\0\1"}),
    "unknown version": frames.build(2, {frames.USER: "alice"}, version=9),
    "unknown operation": frames.build(77, {frames.USER: "alice"}),
    "a reply": frames.build(frames.REPLY, {frames.VERDICT: b"\x0a"}),
    "too many fields": frames.build(2, [(tag, "x") for tag in range(1000, 1040)]),
}


@pytest.mark.parametrize("name", BAD)
def test_malformed_frames_are_refused(service, name):
    answer = send(service, BAD[name])
    assert answer is None or answer.verdict == "fault"
    service.logs("malformed request")
    assert service.log().count("audit: ") == 0
    still_answers(service)


def test_garbage(stopped):
    stopped.set("login", max_failures=1000)
    stopped.add("alice", "--hosts", "*")
    stopped.start()
    rng = random.Random(4)
    for _ in range(100):
        data = bytearray(GOOD)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(4, len(data))] = rng.randrange(256)
        answer = send(stopped, bytes(data))
        if answer is not None and answer.verdict == "success":
            assert b"alice" in data
            assert PASSWORD.encode() in data or data[5] != frames.AUTHENTICATE
    still_answers(stopped)


def test_a_frame_may_come_byte_by_byte(service):
    with frames.connect(service.login) as client:
        for byte in GOOD:
            client.sendall(bytes([byte]))
        assert frames.read_reply(client).verdict == "success"


def test_one_request_on_one_connection(service):
    with frames.connect(service.login) as client:
        client.sendall(GOOD + GOOD)
        assert frames.read_reply(client).verdict == "success"
        with pytest.raises((frames.Closed, ConnectionResetError)):
            frames.read_reply(client)


def pipeline(path, count):
    """Connections full of requests whose replies nobody reads."""
    data = frames.build(frames.PING, {}) * 20000
    clients = []
    for _ in range(count):
        try:
            clients.append(frames.connect(path))
            clients[-1].setblocking(False)
            clients[-1].send(data)
        except OSError:  # no room for more, or refused already
            pass
    return clients


def flood(path, connected, seconds):
    clients = pipeline(path, 32)
    connected.set()
    time.sleep(seconds)
    return len(clients)


def test_peers_that_never_read_hold_nobody_up(service):
    context = multiprocessing.get_context("fork")
    connected = context.Event()
    rough = context.Process(target=as_uid, args=(NOBODY, flood, service.login, connected, 3))
    rough.start()
    try:
        assert connected.wait(5)
        for _ in range(10):
            began = time.monotonic()
            still_answers(service)
            assert time.monotonic() - began < 0.9
            time.sleep(0.2)
    finally:
        rough.join()
    assert rough.exitcode == 0


def lookups_unread(path, connected):
    clients = []
    for _ in range(8):
        clients.append(socket.socket(socket.AF_UNIX))
        clients[-1].connect(str(path))
        clients[-1].setblocking(False)
        call = (b'{"method":"org.varlink.service.GetInterfaceDescription","parameters":'
                b'{"interface":"io.systemd.UserDatabase"}}\0')
        try:
            while True:
                clients[-1].send(call * 100)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass
    connected.set()
    time.sleep(1.5)


def test_lookups_that_nobody_reads_hold_nobody_up(service):
    context = multiprocessing.get_context("fork")
    connected = context.Event()
    rough = context.Process(target=as_uid, args=(NOBODY, lookups_unread, service.userdb, connected))
    rough.start()
    try:
        assert connected.wait(5)
        for _ in range(5):
            began = time.monotonic()
            still_answers(service)
            assert as_uid(service.alice_uid, service.account).verdict == "success"
            assert time.monotonic() - began < 0.7
    finally:
        rough.join()


def ask_often(service, count):
    for number in range(count):
        try:
            if number % 2 == 0:
                service.account("bob")
            else:
                send(service, BAD["trailing bytes"])
        except (frames.Closed, ConnectionResetError):
            pass


def test_the_log_cannot_be_filled(service):
    as_uid(NOBODY, ask_often, service, 1000)
    service.stop()
    lines = service.log().splitlines()
    assert sum("audit: " in line for line in lines) < 40
    assert sum("malformed request" in line for line in lines) < 20
    told = [re.search(r"uid 65534: not logged one by one: (\d+) slowed down, (\d+) malformed", line)
            for line in lines]
    told = [match for match in told if match]
    assert 1 <= len(told) <= 2
    assert sum(int(match[1]) for match in told) > 400
    assert sum(int(match[2]) for match in told) > 450


def test_what_was_held_back_is_told_at_any_level(service):
    service.set("log", level="error")
    service.signal(signal.SIGHUP)  # and nothing says so at this level
    time.sleep(0.3)
    as_uid(NOBODY, ask_often, service, 100)
    service.stop()
    assert "uid 65534: not logged one by one: " in service.log()


def ask_account_often(path, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            frames.ask(path, frames.ACCOUNT, {frames.USER: "alice"})
        except (frames.Closed, ConnectionResetError):
            pass
        time.sleep(0.01)


def test_strangers_take_nothing_from_those_who_may_ask(service):
    context = multiprocessing.get_context("fork")
    rough = [context.Process(target=as_uid, args=(uid, ask_account_often, service.login, 4))
             for uid in range(100000, 100016)]
    for process in rough:
        process.start()
    time.sleep(2)
    assert [as_uid(service.alice_uid, service.account).verdict for _ in range(5)] == ["success"] * 5
    for process in rough:
        process.join()


def test_the_largest_frame(service):
    room = frames.FRAME_MAX - 2 - len(frames.field(frames.USER, "alice")) - 4
    data = frames.build(2, {frames.USER: "alice", frames.PASSWORD: b"x" * room})
    assert len(data) == frames.FRAME_MAX + 4
    assert send(service, data).reason == "overlong-password"


def test_half_a_request_is_given_up_after_ten_seconds(service):
    with frames.connect(service.login, timeout=20) as client:
        client.sendall(GOOD[:20])
        began = time.monotonic()
        assert client.recv(1) == b""
        assert 9 < time.monotonic() - began < 13
    still_answers(service)


def test_peers_that_go_early(service):
    for length in (0, 1, 3, 10, len(GOOD)):
        with frames.connect(service.login) as client:
            client.sendall(GOOD[:length])
    still_answers(service)
    wait_for(lambda: connections(service) == 0, "connections are closed")


def connections(service):
    """Sockets of the service that belong to peers: it has a descriptor for each."""
    path = f"/proc/{service.process.pid}/net/unix"
    with open(path, encoding="ascii") as table:
        return sum(1 for line in table
                   if line.rstrip().endswith(str(service.login)) and line.split()[5] == "03")


def test_a_hundred_connections_at_once(service):
    clients = [frames.connect(service.login) for _ in range(100)]
    try:
        for client in clients:
            client.sendall(GOOD)
        assert [frames.read_reply(client).verdict for client in clients] == ["success"] * 100
    finally:
        for client in clients:
            client.close()


def hold(path, count):
    clients = [frames.connect(path) for _ in range(count)]
    answers = []
    for client in clients:
        client.settimeout(0.2)
        try:
            answers.append(frames.read_reply(client).verdict)
        except (TimeoutError, frames.Closed):
            answers.append(None)
    return answers


def test_one_user_cannot_take_every_connection(service):
    answers = as_uid(NOBODY, hold, service.login, 40)
    assert answers.count("unavailable") == 8 and answers.count(None) == 32
    still_answers(service)


def look_up_one_by_one(path, count):
    call = (b'{"method":"io.systemd.UserDatabase.GetUserRecord","parameters":'
            b'{"userName":"alice","service":"io.pam-dynamo"}}\0')
    found = 0
    for _ in range(count):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(call)
            found += b'"userName":"alice"' in client.recv(65536)
    return found


def test_one_after_the_other_is_no_crowd(service):
    assert as_uid(NOBODY, look_up_one_by_one, service.userdb, 8000) == 8000


def test_a_full_queue_says_so_at_once(stopped):
    stopped.set("service", workers=1, queue=1)
    stopped.add("alice", "--hosts", "*")
    stopped.start()
    wrong = frames.build(2, {frames.USER: "alice", frames.PASSWORD: "wrong"})
    clients = []
    with stopped.writes_blocked():
        for _ in range(2):
            clients.append(frames.connect(stopped.login))
            clients[-1].sendall(wrong)
            time.sleep(0.3)
        began = time.monotonic()
        answer = stopped.authenticate()
        assert (answer.verdict, answer.reason) == ("unavailable", "busy")
        assert time.monotonic() - began < 0.2
        stopped.logs("user=alice rhost=- tty=- phase=authenticate verdict=unavailable reason=busy")
    assert [frames.read_reply(client).verdict for client in clients] == ["deny", "deny"]
    for client in clients:
        client.close()
    still_answers(stopped)


def test_a_request_that_waits_in_vain_is_answered_in_time(stopped):
    """Behind a hash that takes longer than the deadline, and cannot be interrupted."""
    stopped.set("service", workers=1, queue=10, deadline_ms=1000)
    stopped.set("password", memory_kib=65536, passes=100, max_passes=100)
    stopped.start()
    slow = frames.build(2, {frames.USER: "nosuch", frames.PASSWORD: "wrong"})
    with frames.connect(stopped.login) as first, frames.connect(stopped.login) as second:
        first.sendall(slow)
        time.sleep(0.1)
        began = time.monotonic()
        second.sendall(slow)
        answer = frames.read_reply(second)
        assert (answer.verdict, answer.reason) == ("unavailable", "deadline")
        assert 0.9 < time.monotonic() - began < 1.25
    stopped.logs("user=nosuch rhost=- tty=- phase=authenticate verdict=unavailable reason=deadline")


def test_others_leave_room_for_root(stopped):
    stopped.set("service", workers=3, queue=64)
    stopped.set("login", last_login="no")  # nothing of root's waits for the database
    alice = stopped.add("alice", "--hosts", "*")
    stopped.start()
    wrong = frames.build(2, {frames.USER: "alice", frames.PASSWORD: "wrong"})
    with stopped.writes_blocked():
        context = multiprocessing.get_context("fork")
        connected = context.Event()
        rough = context.Process(target=as_uid, args=(alice, wait_wrong, stopped.login, wrong,
                                                     connected))
        rough.start()
        assert connected.wait(5)
        for _ in range(5):
            began = time.monotonic()
            assert stopped.account().verdict == "success"
            assert time.monotonic() - began < 0.5
    rough.join()


def wait_wrong(path, data, connected):
    clients = [frames.connect(path) for _ in range(10)]
    for client in clients:
        client.sendall(data)
    time.sleep(0.3)
    connected.set()
    return [frames.read_reply(client).verdict for client in clients]
