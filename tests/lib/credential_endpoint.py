#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The endpoints that AWS puts beside a program, on loopback: the container endpoint of ECS and EKS
under /container, and the instance metadata service, version 2, under /latest.

    with start() as endpoint:
        endpoint.url, endpoint.requests, endpoint.settings

settings: life_s (of the keys), token (what Authorization must be, "" for nothing), status (instead
of 200), body (instead of the keys), delay_s, role ("": none attached), code. Keys are numbered:
AKID0001, AKID0002, so that a refresh shows.
"""
import http.server
import json
import threading
import time

ROLES = "/latest/meta-data/iam/security-credentials/"
DEFAULTS = {"life_s": 3600, "token": "", "status": 200, "body": None, "delay_s": 0,
            "role": "login-host", "code": "Success"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def reply(self, status, text, kind="text/plain"):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def keys(self, **more):
        endpoint = self.server.endpoint
        endpoint.given += 1
        end = time.gmtime(time.time() + endpoint.settings["life_s"])
        return json.dumps({"AccessKeyId": f"AKID{endpoint.given:04}",
                           "SecretAccessKey": "container/secret+key", "Token": "session+token==",
                           "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", end), **more})

    def handle_request(self):
        endpoint = self.server.endpoint
        settings = endpoint.settings
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        endpoint.requests.append((self.command, self.path))
        time.sleep(settings["delay_s"])
        if settings["status"] != 200:
            return self.reply(settings["status"], "no")
        if settings["body"] is not None:
            return self.reply(200, settings["body"], "application/json")
        if self.path.startswith("/container"):
            return self.container()
        return self.metadata()

    def container(self):
        if self.headers.get("Authorization", "") != self.server.endpoint.settings["token"]:
            return self.reply(401, "wrong token")
        return self.reply(200, self.keys(RoleArn="arn"), "application/json")

    def metadata(self):
        endpoint = self.server.endpoint
        role = endpoint.settings["role"]
        if self.path == "/latest/api/token":
            ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
            if self.command != "PUT" or not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
                return self.reply(400, "bad token request")
            return self.reply(200, endpoint.session)
        if self.headers.get("X-aws-ec2-metadata-token") != endpoint.session:
            return self.reply(401, "version 2 only")
        if self.path == ROLES and role:
            return self.reply(200, role)
        if role and self.path == ROLES + role:
            return self.reply(200, self.keys(Code=endpoint.settings["code"], Type="AWS-HMAC"))
        return self.reply(404, "not found")

    do_GET = do_PUT = do_POST = handle_request


class Endpoint:
    """A running endpoint; stop() ends it."""

    def __init__(self):
        self.settings = dict(DEFAULTS)
        self.requests = []
        self.given = 0
        self.session = "c2Vzc2lvbi10b2tlbg=="
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.endpoint = self
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def start():
    return Endpoint()
