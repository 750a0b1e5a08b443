# SPDX-License-Identifier: BSD-2-Clause
"""A client of the login protocol (PROTOCOL.md), written from the document: no code of the project."""
import socket
import struct
import time

VERSION = 1
PING, AUTHENTICATE, ACCOUNT, CHANGE_CHECK, CHANGE, REPLY = 1, 2, 3, 4, 5, 128
USER, PASSWORD, NEW_PASSWORD, SERVICE, RHOST, TTY, RUSER = 1, 2, 3, 4, 5, 6, 7
MINIMUM_UID, TICKET, DEADLINE = 8, 9, 10
VERDICT, REASON, MESSAGE, REQUEST_ID, REQUESTS, LATENCY_US, INFO = 64, 65, 66, 67, 68, 69, 70
FRAME_MAX = 65536
WORDS = ("deny", "unknown", "expired", "forbidden", "unavailable", "fault", "no-memory", "change",
         "refused", "try-again", "success")


class Closed(Exception):
    """The service closed the connection without a whole reply."""


class Reply:
    """A reply's fields: verdict as its word, texts as str, numbers as int, None where absent."""

    def __init__(self, frame):
        self.fields = parse(frame, REPLY)
        self.verdict = WORDS[self.fields[VERDICT][0]]
        self.ticket = self.fields.get(TICKET)

    def text(self, tag):
        value = self.fields.get(tag)
        return None if value is None else value.decode()

    def number(self, tag):
        value = self.fields.get(tag)
        return None if value is None else struct.unpack(">I", value)[0]

    @property
    def reason(self):
        return self.text(REASON)

    @property
    def requests(self):
        return self.number(REQUESTS)

    def __repr__(self):
        return f"Reply({self.verdict}, {self.reason}, {self.fields})"


def field(tag, value):
    if isinstance(value, str):
        value = value.encode()
    elif isinstance(value, int):
        value = struct.pack(">I", value)
    return struct.pack(">HH", tag, len(value)) + value


def build(operation, fields, version=VERSION):
    """A whole frame of {tag: value} or [(tag, value)]."""
    pairs = fields.items() if isinstance(fields, dict) else fields
    body = bytes([version, operation]) + b"".join(field(tag, value) for tag, value in pairs)
    return struct.pack(">I", len(body)) + body


def parse(frame, operation):
    """{tag: bytes} of one whole frame; AssertionError where it breaks the format."""
    (length,) = struct.unpack(">I", frame[:4])
    assert length == len(frame) - 4 and length <= FRAME_MAX
    assert frame[4] == VERSION and frame[5] == operation
    fields, at = {}, 6
    while at < len(frame):
        tag, size = struct.unpack(">HH", frame[at:at + 4])
        assert at + 4 + size <= len(frame) and tag not in fields
        fields[tag] = frame[at + 4:at + 4 + size]
        at += 4 + size
    return fields


def connect(path, timeout=15):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(timeout)
    end = time.monotonic() + timeout
    while True:
        try:
            client.connect(str(path))
            return client
        except BlockingIOError:  # the listen queue is full
            if time.monotonic() > end:
                raise
            time.sleep(0.005)


def read_exactly(client, count):
    data = b""
    while len(data) < count:
        part = client.recv(count - len(data))
        if not part:
            raise Closed(f"{len(data)} of {count} bytes came")
        data += part
    return data


def read_reply(client):
    head = read_exactly(client, 4)
    return Reply(head + read_exactly(client, struct.unpack(">I", head)[0]))


def ask(path, operation, fields, timeout=15):
    """One request on a connection of its own."""
    with connect(path, timeout) as client:
        client.sendall(build(operation, fields))
        return read_reply(client)


def authenticate(path, user, password, service="test", **more):
    fields = {USER: user, PASSWORD: password, SERVICE: service}
    fields.update(more.pop("fields", {}))
    return ask(path, AUTHENTICATE, fields, **more)


def account(path, user, ticket=None, service="test", **more):
    fields = {USER: user, SERVICE: service}
    if ticket is not None:
        fields[TICKET] = ticket
    return ask(path, ACCOUNT, fields, **more)


# --- the self-service page ---
WEB_INFO, WEB_REGISTER, WEB_TOKEN_CHECK, WEB_VERIFY, WEB_SIGN_IN, WEB_SESSION_CHECK = range(16, 22)
WEB_SESSION_END, WEB_END_OTHERS, WEB_PROFILE_GET, WEB_PROFILE_SET, WEB_PASSWORD = range(22, 27)
WEB_EMAIL, WEB_RESET_REQUEST, WEB_RESET, WEB_CLOSE, WEB_RESEND = range(27, 32)
SESSION, TOKEN, KIND, NETWORK, AGENT, EMAIL, PAIRS, FORM_VERSION, PAGE_REQUEST, LANGUAGE = \
    range(32, 42)
(RESULT, FIELD, TEXT, RETRY_S, MODE, FIELDS, NUMBER, STATE, HOSTS, VERIFIED, LAST, FAILURES,
 SESSIONS, AUTH_TIME, PENDING) = range(96, 111)
RESULTS = ("refused", "done", "invalid", "taken", "later", "full", "shut", "gone", "no-session",
           "conflict", "unavailable", "fault")


class WebReply(Reply):
    """The page's: a result's word in the place of a verdict's."""

    def __init__(self, frame):
        self.fields = parse(frame, REPLY)
        self.result = RESULTS[self.fields[RESULT][0]]
        self.session = self.fields.get(SESSION)

    def pairs(self):
        return read_pairs(self.fields.get(PAIRS, b""))

    def __repr__(self):
        return f"WebReply({self.result}, {self.fields})"


def write_pairs(pairs):
    """A form's fields: u8 length, name, u16 length, value."""
    data = b""
    for name, value in pairs.items():
        name, value = name.encode(), value.encode()
        data += bytes([len(name)]) + name + struct.pack(">H", len(value)) + value
    return data


def read_pairs(data):
    pairs, at = {}, 0
    while at < len(data):
        name = data[at + 1:at + 1 + data[at]]
        at += 1 + data[at]
        (size,) = struct.unpack(">H", data[at:at + 2])
        pairs[name.decode()] = data[at + 2:at + 2 + size].decode()
        at += 2 + size
    return pairs


def ask_web(path, operation, fields, timeout=15):
    with connect(path, timeout) as client:
        client.sendall(build(operation, fields))
        head = read_exactly(client, 4)
        return WebReply(head + read_exactly(client, struct.unpack(">I", head)[0]))
