# SPDX-License-Identifier: BSD-2-Clause
"""Reloads while the directory is silent, or has other keys."""
import contextlib
import http.server
import signal
import socket
import threading
import time

import pytest

import frames
from conftest import wait_for

EMPTY = (b'{"Responses":{"pam_dynamo_users":[],"pam_dynamo_state":[]},"UnprocessedKeys":{}}')


def use_server(service, port, key="AKIDONE"):
    service.set("store", engine="dynamodb")
    service.set("dynamodb", region="eu-central-1", endpoint=f"http://127.0.0.1:{port}",
                credentials="file", credentials_file=service.folder / "keys",
                connect_timeout_ms=300, attempt_timeout_ms=1500)
    write_key(service, key)


def write_key(service, key):
    path = service.folder / "keys"
    path.write_text(f"aws_access_key_id = {key}\naws_secret_access_key = example\n")
    path.chmod(0o600)


@pytest.fixture
def silent(stopped):
    """A server that takes connections and says nothing; the service knows it."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0), backlog=100)) as server:
        use_server(stopped, server.getsockname()[1])
        stopped.set("service", deadline_ms=2000)
        stopped.start()
        learn(stopped)
        yield stopped
        stopped.stop()


def learn(service):
    """Some logins meet the outage; the others are told at once."""
    logins = [threading.Thread(target=service.authenticate) for _ in range(4)]
    for login in logins:
        login.start()
    for login in logins:
        login.join()
    wait_for(lambda: timed(service.authenticate)[0] < 0.1, "the outage is known", 30)


def timed(function, *arguments):
    began = time.monotonic()
    answer = function(*arguments)
    return time.monotonic() - began, answer


def ping(service):
    return frames.ask(service.login, frames.PING, {})


def reload(service, count):
    service.signal(signal.SIGHUP)
    taken = timed(ping, service)[0]
    service.logs("configuration reloaded", count)
    return taken


def test_a_reload_keeps_what_is_known_of_an_outage(silent):
    for count in (1, 2, 3):
        time.sleep(0.7)  # somewhere in the probe's waiting
        assert reload(silent, count) < 0.3
        taken, answer = timed(silent.authenticate)
        assert answer.verdict == "unavailable" and taken < 0.3


def test_a_reload_waits_for_no_probe(silent):
    """Another store is opened, and the old one's probe is under way."""
    for count in (1, 2):
        silent.set("dynamodb", attempt_timeout_ms=1500 - count)
        time.sleep(0.7)
        assert reload(silent, count) < 0.3
        assert timed(ping, silent)[0] < 0.3
        learn(silent)


class Directory(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Authorization"].split("Credential=")[1].split("/")[0])
        body = EMPTY if self.headers["X-Amz-Target"].endswith("BatchGetItem") else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_a_reload_reads_credentials_again(stopped):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Directory) as server:
        server.daemon_threads, server.keys = True, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        use_server(stopped, server.server_address[1])
        stopped.start()
        assert stopped.account("nosuch").verdict == "unknown"
        write_key(stopped, "AKIDTWO")
        assert stopped.account("nosuch").verdict == "unknown"
        assert set(server.keys) == {"AKIDONE"}
        assert reload(stopped, 1) < 0.3
        assert stopped.account("nosuch").verdict == "unknown"
        assert server.keys[-1] == "AKIDTWO"
        stopped.stop()
        server.shutdown()
