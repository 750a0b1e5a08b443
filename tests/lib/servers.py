#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""DynamoDB-compatible servers on loopback: started on a free port, stopped by their own pid.

    with dynoxide(tmp) as server:
        boto3.client("dynamodb", endpoint_url=server.url, ...)

As a program it starts one server, prints its port and pid as one line of JSON, and runs until its
standard input ends or it gets SIGTERM: servers.py dynoxide|dynalite|proxy [--db-path FILE]
"""
import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parent.parent
MODULES = TESTS / "node_modules"
DYNOXIDE = MODULES / "@dynoxide" / "linux-x64" / "dynoxide"
DYNALITE = MODULES / "dynalite" / "cli.js"
START_S = 15


def free_port():
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    """In the child: end with the test run, however that ends (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)


class Server:
    """A running server: url, port, pid; stop() ends it and is safe to call twice."""

    def __init__(self, process, port, scheme="http"):
        self.process = process
        self.port = port
        self.pid = process.pid
        self.url = f"{scheme}://127.0.0.1:{port}"

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)

    def kill(self):
        """An outage: gone at once, connections reset."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def answers(port):
    """True once something speaks HTTP on the port."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def wait_ready(server, what):
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise RuntimeError(f"{what} ended at once with {server.process.returncode}")
        if answers(server.port):
            return server
        time.sleep(0.02)
    server.stop()
    raise RuntimeError(f"{what} did not answer within {START_S} s")


def spawn(command, log_path):
    with open(log_path, "ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                preexec_fn=die_with_parent)


def need(path):
    if not path.exists():
        raise RuntimeError(f"{path} is missing: run `npm ci --ignore-scripts` in {TESTS}")
    return str(path)


def start_dynoxide(tmp, port=0, db_path=None):
    """tmp takes the log; db_path makes the tables outlive the process."""
    port = port or free_port()
    command = [need(DYNOXIDE), "--host", "127.0.0.1", "--port", str(port)]
    if db_path:
        command += ["--db-path", str(db_path)]
    process = spawn(command, os.path.join(str(tmp), "dynoxide.log"))
    return wait_ready(Server(process, port), "dynoxide")


def start_dynalite(tmp, port=0):
    port = port or free_port()
    command = ["node", need(DYNALITE), "--host", "127.0.0.1", "--port", str(port),
               "--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0"]
    return wait_ready(Server(spawn(command, os.path.join(str(tmp), "dynalite.log")), port),
                      "dynalite")


class Proxy(Server):
    """The checking proxy: see checking_proxy.py for what control() takes and state() shows."""

    def control(self, **settings):
        body = json.dumps(settings).encode()
        request = urllib.request.Request(self.url + "/_control", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=5) as reply:
            return json.load(reply)

    def state(self):
        with urllib.request.urlopen(self.url + "/_control", timeout=5) as reply:
            return json.load(reply)

    def counts(self):
        """Requests so far by operation."""
        return self.state()["counts"]

    def reset(self):
        """Counters to zero and every fault off."""
        return self.control(reset=True)


def start_proxy(tmp, upstream, port=0, access_key="AKIDEXAMPLE", secret_key="wJalrXUtnFEMI",
                session_token="", region="us-east-1"):
    """A proxy in front of upstream (a Server or a URL) that knows this one key pair."""
    url = upstream.url if isinstance(upstream, Server) else upstream
    port = port or free_port()
    environment = dict(os.environ, PROXY_SECRET_KEY=secret_key, PROXY_SESSION_TOKEN=session_token)
    with open(os.path.join(str(tmp), "proxy.log"), "ab") as log:
        process = subprocess.Popen(
            ["/usr/bin/python3", str(TESTS / "lib" / "checking_proxy.py"), "--port", str(port),
             "--upstream", url, "--access-key", access_key, "--region", region],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            preexec_fn=die_with_parent)
    return wait_ready(Proxy(process, port), "checking_proxy.py")


@contextlib.contextmanager
def dynoxide(tmp, **options):
    with start_dynoxide(tmp, **options) as server:
        yield server


@contextlib.contextmanager
def dynalite(tmp, **options):
    with start_dynalite(tmp, **options) as server:
        yield server


@contextlib.contextmanager
def proxied_dynoxide(tmp, **options):
    """(proxy, server): dynoxide behind the checking proxy."""
    with start_dynoxide(tmp) as server, start_proxy(tmp, server, **options) as proxy:
        yield proxy, server


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", choices=["dynoxide", "dynalite", "proxy"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--db-path")
    parser.add_argument("--log-dir", default="/tmp")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if options.server == "dynalite":
            server = stack.enter_context(start_dynalite(options.log_dir, options.port))
        elif options.server == "dynoxide":
            server = stack.enter_context(
                start_dynoxide(options.log_dir, options.port, options.db_path))
        else:
            upstream = stack.enter_context(start_dynoxide(options.log_dir))
            server = stack.enter_context(start_proxy(options.log_dir, upstream, options.port))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(json.dumps({"port": server.port, "pid": server.pid, "url": server.url}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
