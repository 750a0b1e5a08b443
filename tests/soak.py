#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Logins without end: a service on a SQLite file and one on DynamoDB behind the checking proxy, asked
by several at once with right, wrong and unknown names, and for users, while configurations are
reloaded and faults come and go. No verdict may be wrong, no answer late, and memory and descriptors
stay as they are. SOAK_SECONDS (600) says how long; ends by itself with one line of figures.
"""
import contextlib
import os
import pathlib
import random
import signal
import sqlite3
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import checking_proxy  # noqa: E402
import frames  # noqa: E402
import servers  # noqa: E402
import varlink  # noqa: E402
from dynamo_login import DEADLINE_MS, PASSWORD, WRONG, FileLogin, Login  # noqa: E402

SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
CLIENTS = 3            # for each service
SLACK_S = 0.25
CROWD_S = 0.5          # more, for the clients' own waiting for a processor
AGAIN_S = 3            # after a fault, until every login is good again
RELOAD_S = 4
FAULT_S, QUIET_S = 1.5, 5
SAMPLE_S = 2
GROWTH_KIB = 2048      # of anonymous memory, last third against the second
GROWTH_DESCRIPTORS = 2
PROBLEMS_MAX = 20
SPARED = {"huge"}      # 64 MiB of Python's for each request


class Host:
    """One service under load."""

    def __init__(self, name, login):
        self.name, self.login = name, login
        self.userdb = login.folder / "userdb" / "io.pam-dynamo"
        self.userdb.parent.mkdir()
        login.configure(service={"userdb_socket": self.userdb})
        for user in ("bob", "carol"):
            login.command.add(user, "--hosts", "*")
        self.trouble_until = 0.0
        self.samples = []

    def troubled(self, begun):
        return begun < self.trouble_until


class Soak:
    def __init__(self, hosts):
        self.hosts = hosts
        self.lock = threading.Lock()
        self.counts = dict.fromkeys(("logins", "lookups", "refused", "reloads", "faults"), 0)
        self.problems = []
        self.slowest = 0.0
        self.over = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self.busy = 0

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def complain(self, text):
        with self.lock:
            self.problems.append(text)
            if len(self.problems) <= PROBLEMS_MAX:
                print("soak: " + text, flush=True)
            if len(self.problems) == PROBLEMS_MAX:
                self.over.set()

    def expect(self, host, begun, answer, *usual):
        """Trouble excuses no answer, never a wrong one."""
        took = time.monotonic() - begun
        self.slowest = max(self.slowest, took)
        self.count("logins")
        if took > DEADLINE_MS / 1000 + SLACK_S + CROWD_S:
            self.complain(f"{host.name}: {answer.verdict} after {took:.2f} s")
        if answer.verdict in ("unavailable", "fault") and host.troubled(begun):
            self.count("refused")
        elif answer.verdict not in usual:
            self.complain(f"{host.name}: {answer}, not {usual}")

    def right(self, host, user="alice"):
        begun = time.monotonic()
        answer = host.login.authenticate(user)
        self.expect(host, begun, answer, "success")
        if answer.verdict == "success":
            begun = time.monotonic()
            self.expect(host, begun, host.login.account(user, answer.ticket), "success")

    def account(self, host):
        begun = time.monotonic()
        self.expect(host, begun, host.login.account("alice"), "success")

    def wrong(self, host):
        """Locked or not: a denial."""
        begun = time.monotonic()
        self.expect(host, begun, host.login.authenticate("bob", WRONG), "deny")

    def unknown(self, host):
        begun = time.monotonic()
        name = f"nobody-{random.randrange(1000)}"
        self.expect(host, begun, host.login.authenticate(name, PASSWORD), "unknown")

    def slip(self, host):
        """Seldom enough that carol is never locked: a success forgets what she mistyped."""
        begun = time.monotonic()
        self.expect(host, begun, host.login.authenticate("carol", WRONG), "deny")
        self.right(host, "carol")

    def lookup(self, host):
        begun = time.monotonic()
        name = random.choice(("alice", "nobody-else"))
        self.count("lookups")
        try:
            record = varlink.call(host.userdb, "GetUserRecord", userName=name)["record"]
            if name != "alice" or record["userName"] != "alice":
                self.complain(f"{host.name}: asked for {name}, got {record}")
        except varlink.Error as error:
            usual = name != "alice" and error.name == "NoRecordFound"
            excused = host.troubled(begun) and error.name != "NoRecordFound"
            if not usual and not excused:
                self.complain(f"{host.name}: {name}: {error.name}")

    def client(self, host, number):
        """carol belongs to the first: two at once could lock her."""
        jobs = [self.right, self.right, self.account, self.wrong, self.unknown, self.lookup,
                self.lookup] + ([self.slip] if number == 0 and host.name == "sqlite" else [])
        while not self.over.is_set():
            self.open.wait()
            with self.lock:
                self.busy += 1
            try:
                random.choice(jobs)(host)
                time.sleep(0.01)
            except (OSError, frames.Closed, EOFError) as error:
                self.complain(f"{host.name}: {error!r}")
            finally:
                with self.lock:
                    self.busy -= 1

    def pausing(self, seconds):
        """False: it is over."""
        return not self.over.wait(seconds)

    def reload(self):
        while self.pausing(RELOAD_S):
            for host in self.hosts:
                host.login.signal(signal.SIGHUP)
                self.count("reloads")

    def trouble(self):
        """In turn on the way to DynamoDB and at the file, which somebody keeps locked."""
        faults = [name for name in checking_proxy.FAULTS if name and name not in SPARED]
        file, tables = self.hosts
        while self.pausing(QUIET_S):
            for host in self.hosts:
                host.trouble_until = time.monotonic() + FAULT_S + AGAIN_S
            tables.login.proxy.control(fault=random.choice(faults))
            with contextlib.closing(sqlite3.connect(file.login.command.database,
                                                    isolation_level=None)) as database:
                with contextlib.suppress(sqlite3.OperationalError):
                    database.execute("BEGIN IMMEDIATE")
                self.pausing(FAULT_S)
            tables.login.proxy.reset()
            self.count("faults")

    def sample(self):
        """While nobody asks: a hash under way is no growth."""
        self.open.clear()
        end = time.monotonic() + 20
        while self.busy and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.2)
        for host in self.hosts:
            if host.login.process.poll() is not None:
                self.complain(f"{host.name}: the service has ended")
                self.over.set()
                break
            host.samples.append((host.login.resident_kib(), host.login.descriptors()))
        self.open.set()

    def run(self):
        jobs = [(self.client, host, number) for host in self.hosts for number in range(CLIENTS)]
        jobs += [(self.reload,), (self.trouble,)]
        threads = [threading.Thread(target=job[0], args=job[1:]) for job in jobs]
        for thread in threads:
            thread.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self.pausing(SAMPLE_S):
            self.sample()
        self.over.set()
        for thread in threads:
            thread.join()

    def growth(self, host):
        """Medians of the second and the last third: the first fills caches and arenas."""
        third = max(len(host.samples) // 3, 1)
        early, late = host.samples[third:2 * third] or host.samples, host.samples[-third:]
        text = []
        for at, unit, most in ((0, "KiB", GROWTH_KIB), (1, "descriptors", GROWTH_DESCRIPTORS)):
            before = statistics.median(sample[at] for sample in early)
            after = statistics.median(sample[at] for sample in late)
            text.append(f"{before:.0f}->{after:.0f} {unit}")
            if after - before > most:
                self.complain(f"{host.name}: {text[-1]}, more than {most} grown")
        return f"{host.name} " + " ".join(text)


def main():
    if os.geteuid() != 0:
        print("needs root, to ask as a PAM host does")
        return 77
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(
            tempfile.TemporaryDirectory(prefix="pam-dynamo.")))
        for name in ("sqlite", "dynamodb"):
            (folder / name).mkdir()
        pair = stack.enter_context(servers.proxied_dynoxide(folder))
        hosts = [Host("sqlite", stack.enter_context(FileLogin(folder / "sqlite"))),
                 Host("dynamodb", stack.enter_context(Login(folder / "dynamodb", *pair)))]
        for host in hosts:
            host.login.start()
        soak = Soak(hosts)
        soak.run()
        figures = [soak.growth(host) for host in hosts]
        for host in hosts:
            if host.login.stop() != 0:
                soak.complain(f"{host.name}: the service did not end well")
    counts = ", ".join(f"{number} {what}" for what, number in soak.counts.items())
    print(f"soak: {SECONDS} s, {counts}, slowest {soak.slowest * 1000:.0f} ms, "
          f"{', '.join(figures)}, {len(soak.problems)} wrong")
    return 1 if soak.problems or not soak.counts["logins"] else 0


if __name__ == "__main__":
    sys.exit(main())
