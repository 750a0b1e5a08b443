# SPDX-License-Identifier: BSD-2-Clause
"""The user database under many threads at once, and beside logins while the store is slow."""
import collections
import http.server
import multiprocessing
import os
import pathlib
import threading
import time

import pytest

import frames
import varlink
from conftest import as_uid, wait_for
from test_outage import Directory, use_server

NOBODY = 65534
THREADS, TIMES = 200, 10


@pytest.fixture
def people(stopped):
    """Twenty users, by name."""
    stopped.uids = {f"user{number}": stopped.add(f"user{number}", "--hosts", "*")
                    for number in range(20)}
    stopped.start()
    return stopped


def expect(service, method, wanted, **parameters):
    """What is wrong with the answer, "" for nothing; wanted None: nobody."""
    try:
        record = service.lookup(method, **parameters)["record"]
    except varlink.Error as error:
        return "" if (error.name, wanted) == ("NoRecordFound", None) else error.name
    except OSError as error:
        return type(error).__name__
    name = record.get("userName") or record.get("groupName")
    return "" if (name, record.get("uid", record.get("gid"))) == wanted else f"not {wanted}"


def look_around(service, number, wrong):
    """One thread's lookups, a different user in each."""
    names = list(service.uids)
    for time_ in range(TIMES):
        name = names[(number + time_) % len(names)]
        wanted = (name, service.uids[name])
        for answer in (expect(service, "GetUserRecord", wanted, userName=name),
                       expect(service, "GetUserRecord", wanted, uid=wanted[1]),
                       expect(service, "GetGroupRecord", wanted, gid=wanted[1]),
                       expect(service, "GetUserRecord", None, userName=f"nosuch{number % 7}")):
            wrong[answer] += bool(answer)


def crowd(service):
    """Everything that went wrong, counted."""
    wrong = collections.Counter()
    at_once = threading.Barrier(THREADS)

    def run(number):
        at_once.wait()
        look_around(service, number, wrong)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if any(thread.is_alive() for thread in threads):
        wrong["not answered"] += 1
    return {what: count for what, count in wrong.items() if count}


def descriptors(service):
    return len(list(pathlib.Path(f"/proc/{service.process.pid}/fd").iterdir()))


def resident_kib(service):
    for line in pathlib.Path(f"/proc/{service.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def test_two_hundred_threads_at_once(people):
    """Of one process, as root (systemd-userdbd asks so) and as a user of no rank."""
    assert crowd(people) == {}, people.log()
    wait_for(lambda: descriptors(people) < 100, "connections are closed")
    before = descriptors(people), resident_kib(people)
    for _ in range(2):
        assert crowd(people) == {}, people.log()
        assert as_uid(NOBODY, crowd, people) == {}, people.log()
    wait_for(lambda: descriptors(people) <= before[0], "connections are closed")
    assert resident_kib(people) - before[1] < 8 * 1024
    assert "turned away" not in people.log()


def hold(service, count):
    """What becomes of so many connections that ask nothing, then of a lookup and a login."""
    clients, refused = [], 0
    for _ in range(count):
        connection = varlink.Connection(service.userdb)
        connection.socket.settimeout(0.05)
        try:
            connection.receive()
            refused += 1
        except TimeoutError:
            pass
        clients.append(connection)
    answers = [expect(service, "GetUserRecord", ("user0", service.uids["user0"]),
                      userName="user0"), frames.ask(service.login, frames.PING, {}).verdict]
    for connection in clients:
        connection.socket.close()
    return refused, answers


def test_one_user_cannot_take_every_connection(people):
    context = multiprocessing.get_context("fork")
    done = context.Event()

    def take_all():
        os.setresuid(NOBODY, NOBODY, NOBODY)
        clients = [varlink.Connection(people.userdb) for _ in range(600)]
        done.set()
        time.sleep(30)
        return len(clients)

    rough = context.Process(target=take_all)
    rough.start()
    try:
        assert done.wait(60)
        assert as_uid(NOBODY, hold, people, 3)[0] == 3, "no more for it"
        assert as_uid(people.uids["user1"], hold, people, 3) == (0, ["", "success"])
        assert hold(people, 3) == (0, ["", "success"])
    finally:
        rough.terminate()
        rough.join()


def test_nobodys_uids_cannot_take_every_connection(people):
    """Whoever may map subordinate uids has thousands of them."""
    context = multiprocessing.get_context("fork")
    done = context.Event()

    def take_all():
        kept = []
        for uid in range(700000, 700060):
            os.setresuid(uid, uid, 0)
            kept += [frames.connect(people.login) for _ in range(32)]
            os.setresuid(0, 0, 0)
        done.set()
        time.sleep(30)
        return len(kept)

    rough = context.Process(target=take_all)
    rough.start()
    try:
        assert done.wait(60)
        assert as_uid(people.uids["user1"], hold, people, 3) == (0, ["", "success"])
    finally:
        rough.terminate()
        rough.join()


class Held(Directory):
    """Says nothing to lookups until it may; logins are answered at once."""

    def do_POST(self):
        if not self.headers["X-Amz-Target"].endswith("BatchGetItem"):
            self.server.asked.release()
            self.server.may_answer.wait(30)
        super().do_POST()


def test_lookups_that_wait_for_the_store_leave_logins_alone(stopped):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Held) as server:
        server.daemon_threads, server.keys = True, []
        server.asked, server.may_answer = threading.Semaphore(0), threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        use_server(stopped, server.server_address[1])
        stopped.set("service", deadline_ms=20000)
        stopped.set("dynamodb", attempt_timeout_ms=10000)
        stopped.start()
        lookups = [threading.Thread(target=expect, args=(stopped, "GetUserRecord", None),
                                    kwargs={"userName": f"nosuch{number}"})
                   for number in range(50)]
        for lookup in lookups:
            lookup.start()
        try:
            assert server.asked.acquire(timeout=10) and server.asked.acquire(timeout=10)
            for _ in range(5):
                assert stopped.account("nosuch").verdict == "unknown"
            assert all(lookup.is_alive() for lookup in lookups), "none was answered meanwhile"
        finally:
            server.may_answer.set()
            for lookup in lookups:
                lookup.join()
            stopped.stop()
            server.shutdown()
