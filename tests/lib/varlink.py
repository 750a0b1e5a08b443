# SPDX-License-Identifier: BSD-2-Clause
"""A Varlink client for io.systemd.UserDatabase: JSON messages, each ended by a NUL byte."""
import json
import socket
import time

USER_DATABASE = "io.systemd.UserDatabase."


class Error(Exception):
    """An error reply: .name and .parameters."""

    def __init__(self, message):
        super().__init__(message["error"])
        self.name = message["error"].rsplit(".", 1)[1]
        self.full_name = message["error"]
        self.parameters = message.get("parameters", {})


class Connection:
    def __init__(self, path, timeout=15):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.data = b""
        end = time.monotonic() + timeout
        while True:
            try:
                self.socket.connect(str(path))
                return
            except BlockingIOError:  # the listen queue is full
                if time.monotonic() > end:
                    raise
                time.sleep(0.005)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method, parameters=None, **flags):
        message = {"method": method, "parameters": parameters or {}, **flags}
        self.socket.sendall(json.dumps(message).encode() + b"\0")

    def receive(self):
        """One message; EOFError when the service closed."""
        while b"\0" not in self.data:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError(self.data)
            self.data += part
        message, self.data = self.data.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, parameters=None, **flags):
        """The reply's parameters, or a list of them with more=True."""
        self.send(method, parameters, **flags)
        replies = []
        while True:
            message = self.receive()
            if "error" in message:
                raise Error(message)
            replies.append(message["parameters"])
            if not message.get("continues", False):
                return replies if flags.get("more") else replies[0]


def call(path, method, service="io.pam-dynamo", more=False, **parameters):
    """One lookup on a connection of its own: call(path, "GetUserRecord", userName="alice")."""
    parameters["service"] = service
    with Connection(path) as connection:
        flags = {"more": True} if more else {}
        return connection.call(USER_DATABASE + method, parameters, **flags)
