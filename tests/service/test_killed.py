# SPDX-License-Identifier: BSD-2-Clause
"""A PAM host whose service dies while it waits, and labels that want to be more than labels."""
import contextlib
import os
import signal
import socket
import subprocess
import tempfile

import pytest

from conftest import BUILD, PASSWORD, START_S

HOST = BUILD / "tests" / "pam_host"


@pytest.fixture
def pam_folder(stopped):
    """A PAM service "host" whose module is ours alone, asking the service."""
    with tempfile.TemporaryDirectory(prefix="pam-dynamo-pam.") as folder:
        for name in ("host", "other"):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                for kind in ("auth", "account", "password"):
                    file.write(f"{kind} required {BUILD / 'pam_dynamo.so'} "
                               f"socket={stopped.login} nodelay\n")
        yield folder


def host(folder, *steps, rhost=None):
    process = subprocess.Popen(
        [HOST, "-c", folder, *(["-r", rhost] if rhost else []), "host", "alice", *steps],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    process.stdin.write(PASSWORD.encode() + b"\n")
    process.stdin.close()
    return process


def said(process):
    output = process.stdout.read().decode()
    process.wait()
    return output


@pytest.mark.parametrize("step", ["auth", "acct", "passwd"])
def test_killed_while_a_reply_is_awaited(stopped, pam_folder, step):
    """It dies when it has just asked the directory, which says nothing."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(START_S)
        stopped.set("store", engine="dynamodb")
        keys = stopped.folder / "keys"
        keys.write_text("aws_access_key_id = AKIDONE\naws_secret_access_key = example\n")
        keys.chmod(0o600)
        stopped.set("dynamodb", region="eu-central-1", credentials="file", credentials_file=keys,
                    endpoint=f"http://127.0.0.1:{server.getsockname()[1]}")
        stopped.start()
        process = host(pam_folder, step)
        with contextlib.closing(server.accept()[0]) as asked:
            assert asked.recv(1) == b"P"  # a request is under way
            stopped.process.send_signal(signal.SIGKILL)
            assert said(process).endswith(f"{step}: PAM_AUTHINFO_UNAVAIL\n")
            assert stopped.process.wait() == -signal.SIGKILL
    assert process.returncode == 1


def test_logins_go_on_with_the_next_service(service, pam_folder):
    assert said(host(pam_folder, "auth", "acct")) == "auth: PAM_SUCCESS\nacct: PAM_SUCCESS\n"
    service.process.kill()
    service.process.wait()
    assert said(host(pam_folder, "auth")) == "auth: PAM_AUTHINFO_UNAVAIL\n"
    service.start()
    assert said(host(pam_folder, "auth", "acct")) == "auth: PAM_SUCCESS\nacct: PAM_SUCCESS\n"


@pytest.mark.parametrize("rhost", [
    b"%n%s%n%s", b"line\nuser=root verdict=success", b"\x1b[2Jscreen", b"\xff\xfe\xc3",
    b'"quoted" \\ back', b"x" * 4096, b"tab\tand\rreturn", b" ", b"user=root verdict=success"])
def test_a_hostile_label_stays_in_its_line(service, pam_folder, rhost):
    before = service.log().count("\n")
    assert said(host(pam_folder, "auth", rhost=rhost)) == "auth: PAM_SUCCESS\n"
    service.logs("user=alice")
    lines = service.log().split("\n")[before:-1]
    assert len(lines) == 1, lines
    assert lines[0].count("verdict=") == 1 and " user=alice " in lines[0]
    assert lines[0].isprintable() and lines[0].isascii()
    assert len(lines[0]) < 1024
