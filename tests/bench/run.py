#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""make bench: what a login costs, side by side in one run.

    run.py BUILD_DIR [--rounds N]

Starts the real service over SQLite and over a DynamoDB-compatible server on loopback, logs in from
a fresh process each time, and compares with pam_permit in the same harness and with the server's
own answer time; and looks a user up in the user database. Writes BUILD_DIR/bench/bench.json and
bench.svg; prints a table and, for each limit that the project set itself, whether this run was
inside it. It never fails for being slow.
The two files beside this one are those of a run on a quiet machine; README shows them.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import equal_time  # noqa: E402
import passwords  # noqa: E402
import servers  # noqa: E402

PASSWORD = "correct horse battery staple"
WRONG = "incorrect horse battery staple"
CHEAP = {"memory_kib": 8, "passes": 1}        # what is left of the hash is measured, bench_hash
SHIPPED = {"memory_kib": 19456, "passes": 2}  # the default
DELAYS_US = [0, 1000, 5000]
JOBS = 4
SERVER = "server's own answer"
HASH = "hash at its least cost"
PAUSE_US = 3000                               # about one round of the interleaved logins
MAX_FAILURES = 1000
LIMITS = [
    ("module: dlopen to first byte, p50 ms", "first_byte_ms", 1.0),
    ("module: shared objects mapped besides its own", "module_objects", 0),
    ("module: resident in the host, KiB", "module_resident_kib", 500),
    ("login above pam_permit, server and hash, p50 ms", "overhead_ms", 0.5),
    ("login: requests", "requests_per_login", 1),
    ("login: round trips (slope over added delay)", "round_trips", 1.1),
    ("service: idle, resident MiB", "idle_mib", 20),
    ("lookup from memory after another, p50 us", "lookup_us", 150),
]


def quantiles(samples_ns):
    ordered = sorted(samples_ns)

    def at(fraction):
        return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))] / 1e6

    return {"p50_ms": at(0.50), "p95_ms": at(0.95), "p99_ms": at(0.99), "samples": len(ordered)}


class DelayProxy:
    """delay_proxy.c in front of a port."""

    def __init__(self, bench_dir, port, delay_us, *how):
        self.process = subprocess.Popen([bench_dir / "delay_proxy", str(port), str(delay_us), *how],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def counts(self):
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        return {words[0]: int(words[1]), words[2]: int(words[3])}

    def stop(self):
        self.process.stdin.close()
        self.process.wait(5)


class Service:
    """One pam-dynamod in the foreground with its own store, PAM folder and socket."""

    def __init__(self, build, work, name, cost, port=None):
        self.build, self.dir, self.name = build, work / name, name
        self.dir.mkdir()
        self.socket = self.dir / "login.sock"
        self.userdb = self.dir / "io.pam-dynamo"
        self.conf = self.dir / "pam_dynamo.conf"
        self.write_conf(cost, port)
        self.command("init")
        self.command("add", "alice", "--hosts", "*", password=PASSWORD)
        log = open(self.dir / "service.log", "wb")
        self.process = subprocess.Popen([build / "pam-dynamod", "-f", "-c", self.conf],
                                        stdout=log, stderr=log)
        end = time.monotonic() + 10
        while not self.socket.exists() and time.monotonic() < end:
            time.sleep(0.01)

    def write_conf(self, cost, port):
        text = f"[service]\nsocket = {self.socket}\nuserdb_socket = {self.userdb}\n"
        if port is None:
            text += f"[store]\nengine = sqlite\npath = {self.dir}/users.db\n"
        else:
            keys = self.dir / "credentials"
            keys.write_text("aws_access_key_id = bench\naws_secret_access_key = bench\n")
            keys.chmod(0o600)
            text += ("[store]\nengine = dynamodb\n[dynamodb]\nregion = us-east-1\n"
                     f"endpoint = http://127.0.0.1:{port}\ncredentials = file\n"
                     f"credentials_file = {keys}\nusers_table = {self.name}_users\n"
                     f"state_table = {self.name}_state\n")
        text += f"[login]\nmax_failures = {MAX_FAILURES}\n"
        text += f"[log]\nlevel = warning\n[password]\nblocklist = {passwords.common(self.dir)}\n"
        text += "".join(f"{key} = {value}\n" for key, value in cost.items())
        self.conf.write_text(text)
        self.conf.chmod(0o600)

    def command(self, *words, password=None):
        subprocess.run([self.build / "pam-dynamo", "-c", self.conf, *words], check=True,
                       input=(password or "") + "\n", text=True, stdout=subprocess.DEVNULL)

    def resident_mib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)


class Bench:
    def __init__(self, build, work, rounds):
        self.build, self.work, self.rounds = build, work, rounds
        self.dir = build / "bench"
        self.pam = work / "pam.d"
        self.pam.mkdir()
        self.services = []
        self.figures = {}
        self.module_service("permit", "pam_permit.so")

    def module_service(self, name, module):
        (self.pam / name).write_text(f"auth required {module}\naccount required {module}\n")

    def service(self, name, cost, port=None):
        service = Service(self.build, self.work, name, cost, port)
        self.services.append(service)
        self.module_service(name, f"{self.build}/pam_dynamo.so socket={service.socket}")
        return service

    def logins(self, cases, rounds, jobs=1):
        """{label: [ns]} and the wall time; cases are (label, service, user, password, expected)."""
        words = [f"{service}:{user}:{password}" for _, service, user, password, _ in cases]
        run = subprocess.run([self.dir / "bench_login", self.pam, str(rounds), str(jobs), *words],
                             capture_output=True, text=True, check=True)
        samples = {case[0]: [] for case in cases}
        for line in run.stdout.splitlines()[:-1]:
            index, elapsed, authenticate, account = map(int, line.split())
            label, *_, expected = cases[index]
            if (authenticate == 0 and account == 0) != expected:
                sys.exit(f"bench: {label} answered {authenticate}/{account}: not a benchmark")
            samples[label].append(elapsed)
        return samples, int(run.stdout.splitlines()[-1].split()[1])

    def server_request(self, table):
        """A file with the one request of a login, for the server's own answer to it."""
        body = json.dumps({"RequestItems": {
            f"{table}_users": {"Keys": [{"username": {"S": "alice"}}], "ConsistentRead": True},
            f"{table}_state": {"Keys": [{"id": {"S": "fail#alice"}}], "ConsistentRead": True}}})
        path = self.work / "request"
        path.write_text(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "X-Amz-Target: DynamoDB_20120810.BatchGetItem\r\n"
            "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20260101T000000Z\r\n"
            "Authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/"
            "aws4_request, SignedHeaders=host, Signature=00\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}", newline="")
        return path

    def hash_alone(self):
        run = subprocess.run([self.dir / "bench_hash", str(self.rounds), str(PAUSE_US)],
                             capture_output=True, text=True, check=True)
        return quantiles([int(line) for line in run.stdout.splitlines()])

    def module_cost(self):
        self.module_service("first", f"{self.build}/pam_dynamo.so socket={self.work}/first.sock")
        run = subprocess.run([self.dir / "bench_module", self.build / "pam_dynamo.so", self.pam,
                              "first", self.work / "first.sock", "300"],
                             capture_output=True, text=True, check=True)
        rows = [line.split() for line in run.stdout.splitlines()]
        first = [int(value) for name, value in rows if name == "first_byte_ns"]
        single = {name: int(value) for name, value in rows if name != "first_byte_ns"}
        self.figures["first_byte"] = quantiles(first)
        self.figures["first_byte_ms"] = self.figures["first_byte"]["p50_ms"]
        self.figures["module_objects"] = single["objects"] - 1
        self.figures["module_resident_kib"] = single["resident_kib"]

    def latencies(self, port):
        """The hash-excluded cases, interleaved with pam_permit and the server's own answer."""
        cases = [(SERVER, "@", port, self.server_request("dynamodb"), True),
                 ("pam_permit", "permit", "alice", PASSWORD, True),
                 ("sqlite good", "sqlite", "alice", PASSWORD, True),
                 ("dynamodb good", "dynamodb", "alice", PASSWORD, True),
                 ("sqlite unknown", "sqlite", "nobody-here", WRONG, False),
                 ("dynamodb unknown", "dynamodb", "nobody-here", WRONG, False)]
        self.logins(cases, 20)
        samples, _ = self.logins(cases, self.rounds)
        self.figures["server"] = quantiles(samples.pop(SERVER))
        self.figures["latency"] = {label: quantiles(ns) for label, ns in samples.items()}
        self.wrong_passwords()
        self.figures["hash"] = self.hash_alone()
        p50 = {label: row["p50_ms"] for label, row in self.figures["latency"].items()}
        self.figures["overhead_ms"] = (
            p50["dynamodb good"] - p50["pam_permit"] - self.figures["server"]["p50_ms"] -
            self.figures["hash"]["p50_ms"])

    def wrong_passwords(self):
        """They leave failures outstanding: after the good ones, and cleared before they lock."""
        cases = [("sqlite wrong", "sqlite", "alice", WRONG, False),
                 ("dynamodb wrong", "dynamodb", "alice", WRONG, False)]
        collected = {case[0]: [] for case in cases}
        left = self.rounds
        while left > 0:
            samples, _ = self.logins(cases, min(left, MAX_FAILURES // 2))
            left -= MAX_FAILURES // 2
            for label, elapsed in samples.items():
                collected[label] += elapsed
            for service in self.services[:2]:
                service.command("unlock", "alice")
        self.figures["latency"].update({label: quantiles(ns) for label, ns in collected.items()})

    def slope(self, proxies):
        """Round trips of a login: how p50 follows the delay that stands before the server."""
        cases = [(f"delay {proxy_us} us", f"delay{proxy_us}", "alice", PASSWORD, True)
                 for proxy_us in DELAYS_US]
        self.logins(cases, 20)
        before = {us: proxy.counts()["requests"] for us, proxy in proxies.items()}
        rounds = max(self.rounds // 4, 20)
        samples, _ = self.logins(cases, rounds)
        time.sleep(0.5)
        p50 = [statistics.median(samples[case[0]]) / 1e6 for case in cases]
        self.figures["delay_p50_ms"] = dict(zip(map(str, DELAYS_US), p50))
        self.figures["round_trips"] = (p50[-1] - p50[0]) / ((DELAYS_US[-1] - DELAYS_US[0]) / 1e3)
        sent = sum(proxy.counts()["requests"] - before[us] for us, proxy in proxies.items())
        self.figures["requests_per_login"] = sent / (rounds * len(DELAYS_US))
        self.figures["connections"] = proxies[0].counts()["connections"]

    def rates(self):
        """Logins per second from JOBS hosts at once, with the shipped hash and without."""
        rows = {"sqlite, hash excluded": ("sqlite", PASSWORD, True),
                "dynamodb, hash excluded": ("dynamodb", PASSWORD, True),
                "sqlite, shipped hash": ("sqlite-shipped", PASSWORD, True),
                "dynamodb, shipped hash": ("dynamodb-shipped", PASSWORD, True)}
        self.figures["rates"] = {}
        for label, (service, password, expected) in rows.items():
            rounds = self.rounds // (20 if "shipped" in service else 4)
            samples, wall = self.logins([(label, service, "alice", password, expected)],
                                        max(rounds, 10), JOBS)
            self.figures["rates"][label] = {
                "per_second": len(samples[label]) / (wall / 1e9), **quantiles(samples[label])}

    def equal_time(self, port):
        """Kinds of denials, over SQLite and over a server that takes the same time for all."""
        proxy = DelayProxy(self.dir, port, equal_time.DELAY_US, "fixed")
        self.figures["equal_time"] = {}
        try:
            for name, at in (("equal-sqlite", None), ("equal-dynamodb", proxy.port)):
                service = self.service(name, CHEAP, at)
                equal_time.prepare(service, PASSWORD)
                self.figures["equal_time"][name.partition("-")[2]] = equal_time.measure(
                    self, service, max(self.rounds, 2000))
        finally:
            while self.services and self.services[-1].name.startswith("equal-"):
                self.services.pop().stop()
            proxy.stop()

    def lookups(self):
        """A user of the user database, which remembers it."""
        self.figures["lookups"] = {}
        for label, pause_us in (("after another", 0), (f"after {PAUSE_US // 1000} ms", PAUSE_US)):
            run = subprocess.run([self.dir / "bench_userdb", self.services[1].userdb, "alice",
                                  str(self.rounds), str(pause_us)],
                                 capture_output=True, text=True, check=True)
            rows = [tuple(map(int, line.split())) for line in run.stdout.splitlines()]
            for column, how in enumerate(("own connection", "kept connection")):
                self.figures["lookups"][f"{how}, {label}"] = quantiles(
                    [row[column] for row in rows])
        self.figures["lookup_us"] = (
            self.figures["lookups"]["own connection, after another"]["p50_ms"] * 1000)

    def run(self):
        self.module_cost()
        with servers.dynoxide(self.work) as server:
            proxies = {us: DelayProxy(self.dir, server.port, us) for us in DELAYS_US}
            try:
                self.service("sqlite", CHEAP)
                self.service("dynamodb", CHEAP, server.port)
                self.service("sqlite-shipped", SHIPPED)
                self.service("dynamodb-shipped", SHIPPED, server.port)
                for us, proxy in proxies.items():
                    self.service(f"delay{us}", CHEAP, proxy.port)
                time.sleep(1)
                self.figures["idle_mib"] = self.services[1].resident_mib()
                self.lookups()
                self.latencies(server.port)
                self.slope(proxies)
                self.rates()
                self.equal_time(server.port)
                self.figures["after_load_mib"] = self.services[1].resident_mib()
            finally:
                for service in self.services:
                    service.stop()
                for proxy in proxies.values():
                    proxy.stop()


def report(figures):
    print(f"{'login, fresh process, hash excluded':42} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
    rows = dict({SERVER: figures["server"], HASH: figures["hash"]}, **figures["latency"])
    for label, row in rows.items():
        print(f"  {label:40} {row['p50_ms']:8.3f} {row['p95_ms']:8.3f} {row['p99_ms']:8.3f}")
    print(f"{JOBS} hosts at once{'':28} {'per s':>8} {'p50 ms':>8} {'p99 ms':>8}")
    for label, row in figures["rates"].items():
        print(f"  {label:40} {row['per_second']:8.0f} {row['p50_ms']:8.2f} {row['p99_ms']:8.2f}")
    for store, rows in figures["equal_time"].items():
        equal_time.report(store, rows)
    print(f"{'lookup of a user, from memory':42} {'p50 us':>8} {'p95 us':>8} {'p99 us':>8}")
    for label, row in figures["lookups"].items():
        print(f"  {label:40} {row['p50_ms'] * 1e3:8.0f} {row['p95_ms'] * 1e3:8.0f} "
              f"{row['p99_ms'] * 1e3:8.0f}")
    print(f"{'limits':56} {'measured':>9} {'limit':>6}")
    for text, key, limit in LIMITS:
        word = "inside" if figures[key] <= limit + 1e-9 else "OUTSIDE"
        print(f"  {text:54} {figures[key]:9.3f} {limit:6} {word}")


PLOT = """set terminal svg size 860,420 font 'sans-serif,13' noenhanced background '#ffffff'
set output '{svg}'
set title 'One login (authenticate and account) in a fresh process, hash excluded'
set ylabel 'milliseconds'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set grid ytics lc rgb '#cccccc'
set yrange [0:*]
set xtics rotate by -20
set key top left
plot '{data}' using 2:xtic(1) title 'p50' lc rgb '#1f6f8b', \\
     '' using 3 title 'p95' lc rgb '#e6a23c', '' using 4 title 'p99' lc rgb '#b03a48'
"""


def plot(figures, out_dir):
    rows = dict({SERVER: figures["server"]}, **figures["latency"])
    data = out_dir / "bench.dat"
    data.write_text("".join(f"\"{label}\" {row['p50_ms']} {row['p95_ms']} {row['p99_ms']}\n"
                            for label, row in rows.items()))
    text = PLOT.format(svg=out_dir / "bench.svg", data=data)
    subprocess.run(["gnuplot"], input=text, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=1000)
    options = parser.parse_args()
    build = options.build.resolve()
    work = pathlib.Path(tempfile.mkdtemp(prefix="pam-dynamo-bench."))
    os.chmod(work, 0o755)
    try:
        bench = Bench(build, work, options.rounds)
        bench.run()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    (build / "bench" / "bench.json").write_text(json.dumps(bench.figures, indent=1) + "\n")
    plot(bench.figures, build / "bench")
    report(bench.figures)


if __name__ == "__main__":
    main()
