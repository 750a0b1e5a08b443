#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""An HTTP proxy in front of a DynamoDB-compatible server that checks what AWS would check.

Every request's signature is computed again with botocore's signer for the one key pair it knows and
refused with DynamoDB's own errors where it differs. It counts requests by operation and can
misbehave on demand:

    GET  /_control            {"counts": {...}, "connections": n, "refused": {...}, "settings": {...}}
    POST /_control  {...}     changes settings; {"reset": true} clears counters and faults

Settings: delay_ms (before each reply), clock_offset_s (the proxy's clock: Date and the judgement of
signatures), fault (a name of FAULTS, "" for none), operation (the fault is for this one alone),
times (how often, -1: always). Key, secret, token: --access-key, PROXY_SECRET_KEY,
PROXY_SESSION_TOKEN. It prints {"port": n} on standard output.
"""
import argparse
import calendar
import collections
import email.utils
import http.client
import http.server
import json
import os
import re
import signal
import socket
import sys
import threading
import time
import urllib.parse
import zlib

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

API = "DynamoDB_20120810."
SKEW_S = 300  # what AWS allows
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})\Z")
NEEDED = {"host", "x-amz-date", "x-amz-target", "content-type"}
RELAYED = ("content-type", "x-amzn-requestid", "x-amz-crc32")
DEFAULTS = {"delay_ms": 0, "clock_offset_s": 0, "fault": "", "operation": "", "times": -1}


class State:
    """What the control interface shows and changes; one lock around all of it."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.settings = dict(DEFAULTS)
        self.clear()

    def clear(self):
        self.counts = collections.Counter()
        self.refused = collections.Counter()
        self.connections = 0

    def control(self, change):
        with self.lock:
            if change.pop("reset", False):
                self.settings = dict(DEFAULTS)
                self.clear()
            unknown = set(change) - set(DEFAULTS)
            if unknown or change.get("fault", "") not in FAULTS:
                return {"error": f"unknown: {sorted(unknown) or change['fault']}"}
            if "fault" in change:
                self.settings.update(operation="", times=-1)
            self.settings.update(change)
            return self.show()

    def show(self):
        return {"counts": dict(self.counts), "refused": dict(self.refused),
                "connections": self.connections, "settings": dict(self.settings)}

    def take_fault(self, operation):
        """The fault for this request, used up by one."""
        with self.lock:
            settings = self.settings
            if not settings["fault"] or settings["times"] == 0:
                return ""
            if settings["operation"] not in ("", operation):
                return ""
            if settings["times"] > 0:
                settings["times"] -= 1
            return settings["fault"]


class Refusal(Exception):
    """An error as DynamoDB words it."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


def check_signature(state, handler, body):
    """Raises Refusal unless botocore signs this very request in the same way."""
    options, headers = state.options, handler.headers
    match = AUTHORIZATION.match(headers.get("Authorization", ""))
    if "Authorization" not in headers:
        raise Refusal("MissingAuthenticationTokenException",
                      "Request must contain a valid (registered) AWS access key ID.")
    if not match:
        raise Refusal("IncompleteSignatureException", "Authorization header is not well-formed")
    key, day, region, service, names, signature = match.groups()
    signed = names.split(";")
    date = headers.get("X-Amz-Date", "")
    if key != options.access_key or headers.get("X-Amz-Security-Token", "") != options.token:
        raise Refusal("UnrecognizedClientException",
                      "The security token included in the request is invalid.")
    unsigned = (NEEDED | {n.lower() for n in headers if n.lower().startswith("x-amz-")}) - set(signed)
    if unsigned or signed != sorted(signed):
        raise Refusal("InvalidSignatureException", f"headers not signed: {sorted(unsigned)}")
    if (region, service) != (options.region, "dynamodb") or not date.startswith(day):
        raise Refusal("InvalidSignatureException", "Credential should be scoped to a valid region")
    now = time.time() + state.settings["clock_offset_s"]
    if abs(calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ")) - now) > SKEW_S:
        raise Refusal("InvalidSignatureException", "Signature expired or not yet current")
    request = AWSRequest(handler.command, f"http://{headers['Host']}{handler.path}", data=body,
                         headers={name: headers[name] for name in signed})
    request.context["timestamp"] = date
    signer = SigV4Auth(Credentials(key, options.secret), service, region)
    wanted = signer.signature(
        signer.string_to_sign(request, signer.canonical_request(request)), request)
    if wanted != signature:
        raise Refusal("InvalidSignatureException",
                      "The request signature we calculated does not match the signature you "
                      "provided. Check your AWS Secret Access Key and signing method.\n\nThe "
                      "Canonical String for this request should have been\n...")


class Reply:
    def __init__(self, status, body, headers=None):
        self.status, self.body, self.headers = status, body, headers or {}


def error_reply(status, name, message="made up by the proxy", prefix=True):
    kind = f"com.amazonaws.dynamodb.v20120810#{name}" if prefix else name
    body = json.dumps({"__type": kind, "message": message}).encode()
    return Reply(status, body, {"Content-Type": "application/x-amz-json-1.0",
                                "x-amzn-RequestId": "PROXY" + "0" * 20,
                                "x-amz-crc32": str(zlib.crc32(body))})


def fault_drop(handler, _body):
    """The connection closes instead of a reply; nothing was done."""
    handler.close_hard()


def fault_drop_after(handler, body):
    """Done, but nobody is told."""
    handler.forward(body)
    handler.close_hard()


def fault_500_after(handler, body):
    """Done, and answered with 500."""
    handler.forward(body)
    handler.send(error_reply(500, "InternalServerError"))


def fault_hang(handler, _body):
    """No answer at all, until the client has gone."""
    handler.connection.settimeout(30)
    try:
        handler.connection.recv(1)
    except OSError:
        pass
    handler.close_hard()


def fault_garbage(handler, _body):
    handler.send(Reply(200, b"<html>login to the hotel's network</html>\0\xff"))


def fault_truncated(handler, body):
    """The length promises more than comes."""
    reply = handler.forward(body)
    handler.send(reply, cut=max(len(reply.body) // 2, 1))
    handler.close_hard()


def fault_half_json(handler, body):
    """A whole reply whose body ends too early."""
    reply = handler.forward(body)
    half = reply.body[:len(reply.body) // 2]
    reply.headers.pop("x-amz-crc32", None)
    handler.send(Reply(reply.status, half, reply.headers))


def fault_wrong_crc(handler, body):
    reply = handler.forward(body)
    reply.headers["x-amz-crc32"] = str(zlib.crc32(reply.body) ^ 1)
    handler.send(reply)


def fault_huge(handler, _body):
    handler.send(Reply(200, b'{"Item":"' + b"x" * (64 << 20) + b'"}'))


def fault_drip(handler, body):
    """One byte every 100 ms."""
    reply = handler.forward(body)
    head = handler.head(reply)
    try:
        handler.wfile.write(head)
        for i in range(len(reply.body)):
            handler.wfile.write(reply.body[i:i + 1])
            time.sleep(0.1)
    except OSError:
        pass
    handler.close_hard()


def fault_wrong_key(handler, body):
    """Every string attribute value of the reply that is a key changes its last letter."""
    reply = handler.forward(body)
    changed = re.sub(rb'("(?:username|id)":\{"S":"[^"]*?)(.)"', rb'\1~"', reply.body)
    reply.headers.pop("x-amz-crc32", None)
    handler.send(Reply(reply.status, changed, reply.headers))


def error(status, name, prefix=True):
    return lambda handler, _body: handler.send(error_reply(status, name, prefix=prefix))


FAULTS = {
    "": None,
    "drop": fault_drop,
    "drop_after": fault_drop_after,
    "hang": fault_hang,
    "500": error(500, "InternalServerError"),
    "500_after": fault_500_after,
    "503": error(503, "ServiceUnavailable"),
    "502_html": lambda handler, _body: handler.send(Reply(502, b"<html>Bad Gateway</html>")),
    "403_html": lambda handler, _body: handler.send(Reply(403, b"<html>Forbidden</html>")),
    "throttle": error(400, "ProvisionedThroughputExceededException"),
    "throttle_plain": error(400, "ThrottlingException", prefix=False),
    "access_denied": error(400, "AccessDeniedException"),
    "expired_token": error(400, "ExpiredTokenException"),
    "not_found": error(400, "ResourceNotFoundException"),
    "garbage": fault_garbage,
    "empty": lambda handler, _body: handler.send(Reply(200, b"")),
    "empty_object": lambda handler, _body: handler.send(Reply(200, b"{}")),
    "truncated": fault_truncated,
    "half_json": fault_half_json,
    "wrong_crc": fault_wrong_crc,
    "wrong_key": fault_wrong_key,
    "huge": fault_huge,
    "drip": fault_drip,
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state = None

    def setup(self):
        super().setup()
        self.upstream = None
        self.counted = False

    def finish(self):
        if self.upstream:
            self.upstream.close()
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, *_):
        pass

    def close_hard(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def head(self, reply):
        now = time.time() + self.state.settings["clock_offset_s"]
        lines = [f"HTTP/1.1 {reply.status} {http.client.responses.get(reply.status, 'Status')}",
                 f"Date: {email.utils.formatdate(now, usegmt=True)}",
                 f"Content-Length: {len(reply.body)}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        return "\r\n".join(lines + ["", ""]).encode()

    def send(self, reply, cut=None):
        """In one write: a head and a body apart would wait for each other."""
        try:
            self.wfile.write(self.head(reply) + reply.body[:cut])
        except OSError:
            self.close_hard()

    def forward(self, body):
        """The upstream's reply, over this connection's own kept-alive connection."""
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in ("connection", "content-length")}
        for again in (True, False):
            if self.upstream is None:
                target = self.state.options.target
                self.upstream = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
                self.upstream.connect()
                self.upstream.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.upstream.request(self.command, self.path, body=body, headers=headers)
                reply = self.upstream.getresponse()
                kept = {name: reply.headers[name] for name in RELAYED if name in reply.headers}
                return Reply(reply.status, reply.read(), kept)
            except (OSError, http.client.HTTPException):
                self.upstream.close()
                self.upstream = None
                if not again:
                    return error_reply(503, "ServiceUnavailable", "upstream is gone")
        return None

    def control(self, body):
        try:
            change = json.loads(body) if self.command == "POST" else {}
        except ValueError:
            change = {"not": "json"}
        answer = json.dumps(self.state.control(change)).encode()
        self.send(Reply(200, answer, {"Content-Type": "application/json"}))

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_control":
            return self.control(body)
        target = self.headers.get("X-Amz-Target", "")
        operation = target[len(API):] if target.startswith(API) else f"{self.command} {self.path}"
        with self.state.lock:
            self.state.counts[operation] += 1
            self.state.connections += not self.counted
        self.counted = True
        if target:
            try:
                check_signature(self.state, self, body)
            except Refusal as refusal:
                with self.state.lock:
                    self.state.refused[refusal.name] += 1
                return self.send(error_reply(400, refusal.name, str(refusal)))
        if self.state.settings["delay_ms"]:
            time.sleep(self.state.settings["delay_ms"] / 1000)
        fault = FAULTS[self.state.take_fault(operation)]
        if fault:
            return fault(self, body)
        return self.send(self.forward(body))

    do_GET = do_POST = do_PUT = handle_request


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--access-key", default="AKIDEXAMPLE")
    parser.add_argument("--region", default="us-east-1")
    options = parser.parse_args()
    options.target = urllib.parse.urlsplit(options.upstream)
    options.secret = os.environ.get("PROXY_SECRET_KEY", "wJalrXUtnFEMI")
    options.token = os.environ.get("PROXY_SESSION_TOKEN", "")
    Handler.state = State(options)
    server = Server(("127.0.0.1", options.port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
