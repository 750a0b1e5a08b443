# SPDX-License-Identifier: BSD-2-Clause
"""TLS as the command speaks it: an authority of the tests' own in a hashed directory, made anew each
time, and a server in front of dynoxide with certificates that are right, wrong, late or foreign."""
import http.client
import http.server
import pathlib
import ssl
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import servers  # noqa: E402
from command import REGION, Command  # noqa: E402

DAY = ["-days", "1"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of old versions of TLS


def openssl(directory, *words):
    subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)


class Authority:
    """A certificate authority and its hashed directory."""

    def __init__(self, directory, name):
        self.directory, self.name = directory, name
        openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}",
                *DAY)
        self.path = directory / f"{name}.d"
        self.path.mkdir()
        (self.path / "ca.pem").write_bytes((directory / f"{name}.pem").read_bytes())
        openssl(directory, "rehash", str(self.path))

    def certificate(self, alternative, days=1):
        """A key and certificate in one file."""
        files = {kind: self.directory / f"server.{kind}" for kind in ("key", "csr", "crt", "ext")}
        openssl(self.directory, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", files["key"].name, "-out", files["csr"].name,
                "-subj", "/CN=server")
        files["ext"].write_text(f"subjectAltName={alternative}\n")
        openssl(self.directory, "x509", "-req", "-in", files["csr"].name, "-CA",
                f"{self.name}.pem", "-CAkey", f"{self.name}.key", "-CAcreateserial", "-out",
                files["crt"].name, "-extfile", files["ext"].name, "-days", str(days))
        both = self.directory / "server.pem"
        both.write_bytes(files["key"].read_bytes() + files["crt"].read_bytes())
        return both


class Front(http.server.BaseHTTPRequestHandler):
    """Hands requests on to dynoxide."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(self.headers["X-Amz-Target"])
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=10)
        upstream.request("POST", "/", body, {name: value for name, value in self.headers.items()
                                             if name.lower() != "connection"})
        reply = upstream.getresponse()
        text = reply.read()
        self.send_response(reply.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        upstream.close()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A refused certificate is the client's to tell."""


def start_front(upstream, certificate, version=None):
    server = Server(("127.0.0.1", 0), Front)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if version:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    server.upstream, server.requests = upstream.port, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def dynoxide(tmp_path):
    with servers.dynoxide(tmp_path) as server:
        yield server


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "ours")


def over_tls(tmp_path, front, ca_path, host="127.0.0.1"):
    command = Command(tmp_path, "dynamodb", "unused")
    command.configure(dynamodb={"region": REGION, "users_table": command.users, "ca_path": ca_path,
                                "endpoint": f"https://{host}:{front.server_address[1]}",
                                "state_table": command.state})
    return command


@pytest.mark.parametrize("version", [None, ssl.TLSVersion.TLSv1_2])
def test_our_authority(tmp_path, dynoxide, authority, version):
    front = start_front(dynoxide, authority.certificate("IP:127.0.0.1"), version)
    command = over_tls(tmp_path, front, authority.path)
    command.good("init", "--quiet")
    command.good("add", "alice", "--no-password")
    assert command.show("alice")["username"] == "alice"


def test_keys_are_written_for_nobody(tmp_path, dynoxide, authority):
    front = start_front(dynoxide, authority.certificate("IP:127.0.0.1"))
    command = over_tls(tmp_path, front, authority.path)
    command.environment["SSLKEYLOGFILE"] = str(tmp_path / "keys.log")
    command.good("init", "--quiet")
    assert not (tmp_path / "keys.log").exists()


def test_name_of_the_host(tmp_path, dynoxide, authority):
    front = start_front(dynoxide, authority.certificate("DNS:localhost"))
    over_tls(tmp_path, front, authority.path, "localhost").good("init", "--quiet")


WRONG = {
    "another name": {"alternative": "DNS:example.org"},
    "another address": {"alternative": "IP:127.0.0.2"},
    "only a common name": {"alternative": "email:a@example.org"},
    "expired": {"alternative": "IP:127.0.0.1", "days": -1},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_certificates(tmp_path, dynoxide, authority, wrong):
    front = start_front(dynoxide, authority.certificate(**WRONG[wrong]))
    over_tls(tmp_path, front, authority.path).bad(69, "show", "alice")
    assert not front.requests


def test_a_foreign_authority(tmp_path, dynoxide, authority):
    front = start_front(dynoxide, authority.certificate("IP:127.0.0.1"))
    foreign = Authority(tmp_path, "foreign")
    for path in (foreign.path, "/etc/ssl/certs", tmp_path / "nowhere"):
        over_tls(tmp_path, front, path).bad(69, "show", "alice")
    assert not front.requests


def test_an_old_version(tmp_path, dynoxide, authority):
    front = start_front(dynoxide, authority.certificate("IP:127.0.0.1"), ssl.TLSVersion.TLSv1_1)
    over_tls(tmp_path, front, authority.path).bad(69, "show", "alice")
    assert not front.requests


def test_no_tls_at_all(tmp_path, dynoxide, authority):
    class Plain:
        server_address = ("127.0.0.1", dynoxide.port)
    over_tls(tmp_path, Plain, authority.path).bad(69, "show", "alice")
