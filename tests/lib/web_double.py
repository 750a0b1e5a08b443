# SPDX-License-Identifier: BSD-2-Clause
"""A service for the page's tests: it answers the page's operations from a script, and keeps what it
was asked. Written from PROTOCOL.md: no code of the project."""
import os
import socket
import struct
import threading

import frames

INFO, REGISTER, TOKEN_CHECK, VERIFY, SIGN_IN, SESSION_CHECK, SESSION_END, END_OTHERS = range(16, 24)
PROFILE_GET, PROFILE_SET, PASSWORD, EMAIL, RESET_REQUEST, RESET, CLOSE, RESEND = range(24, 32)
T_SESSION, T_TOKEN, T_KIND, T_NETWORK, T_AGENT, T_EMAIL, T_PAIRS, T_VERSION = range(32, 40)
T_REQUEST, T_LANGUAGE = 40, 41
T_RESULT, T_FIELD, T_TEXT, T_RETRY_S, T_MODE, T_FIELDS, T_NUMBER, T_STATE = range(96, 104)
T_HOSTS, T_VERIFIED, T_LAST, T_FAILURES, T_SESSIONS, T_AUTH_TIME, T_PENDING = range(104, 111)
(REFUSED, DONE, INVALID, TAKEN, LATER, FULL, SHUT, GONE, NO_SESSION, CONFLICT, UNAVAILABLE,
 FAULT) = range(12)
# What changes nothing.
READING = {INFO, TOKEN_CHECK, SESSION_CHECK, PROFILE_GET}
FIELDS = "\n".join("\t".join(row) for row in (
    ("given_name", "Given name", "text", "required,editable,register", "64", ""),
    ("family_name", "Family name", "text", "editable,register", "64", ""),
    ("organization", "Organisation", "text", "editable,register", "64", ""),
    ("reason", "Why do you need an account?", "textarea", "register", "500", ""),
))
SESSION = bytes(range(32))


def pairs(values):
    data = b""
    for name, value in values.items():
        data += bytes([len(name)]) + name.encode() + struct.pack(">H", len(value.encode()))
        data += value.encode()
    return data


def read_pairs(data):
    found, at = {}, 0
    while at < len(data):
        size = data[at]
        name = data[at + 1:at + 1 + size].decode()
        at += 1 + size
        (size,) = struct.unpack(">H", data[at:at + 2])
        found[name] = data[at + 2:at + 2 + size].decode()
        at += 2 + size
    return found


class Double:
    """answers: operation -> fields of the reply; a session is known if it is in sessions."""

    def __init__(self, path):
        self.path = str(path)
        self.asked = []
        self.sessions = {SESSION}
        self.answers = {
            INFO: {T_RESULT: DONE, T_MODE: "open", T_FIELDS: FIELDS, T_NUMBER: 15},
            SIGN_IN: {T_RESULT: DONE, T_SESSION: SESSION, frames.USER: "ann"},
            VERIFY: {T_RESULT: DONE, T_SESSION: SESSION, frames.USER: "ann"},
            TOKEN_CHECK: {T_RESULT: DONE, frames.USER: "ann"},
            SESSION_CHECK: {T_RESULT: DONE, frames.USER: "ann", T_AUTH_TIME: 1763800000},
            PROFILE_GET: {T_RESULT: DONE, frames.USER: "ann", T_PAIRS: pairs(
                {"given_name": "Ann", "family_name": "Ott"}), T_VERSION: 7,
                T_EMAIL: "ann@example.org", T_VERIFIED: b"\1", T_STATE: "active",
                T_LAST: "1763800000 192.0.2.7", T_FAILURES: 2, T_SESSIONS: 1},
            END_OTHERS: {T_RESULT: DONE, T_SESSION: SESSION},
            PASSWORD: {T_RESULT: DONE, T_SESSION: bytes(reversed(SESSION))},
        }
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen(16)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def answer(self, operation, fields):
        if T_SESSION in fields and fields[T_SESSION] not in self.sessions:
            return {T_RESULT: NO_SESSION}
        return self.answers.get(operation, {T_RESULT: DONE})

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                client.settimeout(15)
                head = frames.read_exactly(client, 4)
                frame = head + frames.read_exactly(client, struct.unpack(">I", head)[0])
                operation = frame[5]
                fields = frames.parse(frame, operation)
                self.asked.append((operation, fields))
                reply = self.answer(operation, fields)
                if isinstance(reply, bytes):
                    client.sendall(reply)
                    continue
                reply = dict(reply)
                reply[T_RESULT] = bytes([reply[T_RESULT]])
                client.sendall(frames.build(frames.REPLY, reply))

    def changes(self):
        """What was asked that could change something."""
        return [(operation, fields) for operation, fields in self.asked if operation not in READING]

    def last(self, operation):
        return [fields for asked, fields in self.asked if asked == operation][-1]

    def close(self):
        # A blocked accept() does not notice close().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(15)
        os.unlink(self.path)
