# SPDX-License-Identifier: BSD-2-Clause
"""Logins when something is wrong between the module and the tables: refused in time, said once in
the log with what to do, nothing written, and all well again when it is over."""
import re
import signal
import socket
import struct
import time

import pytest

import frames
import servers
from dynamo_login import DEADLINE_MS, PASSWORD, WRONG
from test_tls import Authority, start_front

UNAVAILABLE, FAULT = "PAM_AUTHINFO_UNAVAIL", "PAM_SERVICE_ERR"
SLACK_S = 0.25
HOST_S = 0.1  # for the PAM host's process itself
AGAIN_S = 3
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
KEYS = "check the access key and secret key"
SERVER = "the server failed"
BETWEEN = "check endpoint and what stands between"
NETWORK = "check endpoint, ca_path and the network"


def ask(login, user, password, *steps):
    """The code of one step, in time, and what the log got from it."""
    before = len(login.log())
    codes, seconds = login.pam(user, password, *steps)
    assert seconds < DEADLINE_MS / 1000 + SLACK_S + HOST_S, (codes, seconds)
    end = time.monotonic() + 5
    while login.process and "audit: " not in login.log()[before:]:  # it comes after the reply
        assert time.monotonic() < end
        time.sleep(0.005)
    return codes[steps[0]], login.log()[before:].splitlines()


def told(lines, words):
    return [line for line in lines if re.match("(error|warning): ", line) and words in line]


def works_again(login):
    end = time.monotonic() + AGAIN_S
    while True:
        codes, _ = login.pam("alice", PASSWORD)
        if codes == {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}:
            return
        assert time.monotonic() < end, login.log()
        time.sleep(0.05)


def refuses_everything(login, code, words, *, each=True):
    """Right and wrong passwords and the account step; each: every one of them says what to do,
    else the first alone does."""
    before = login.items()
    for number, (password, step) in enumerate(
            ((PASSWORD, "auth"), (WRONG, "auth"), (PASSWORD, "acct"))):
        found, lines = ask(login, "alice", password, step)
        assert found == code, (step, found, lines)
        if each or number == 0:
            assert len(told(lines, words)) == 1, lines
        assert sum("audit: " in line for line in lines) == 1
    assert login.items() == before
    assert not WRITES & set(login.proxy.counts())
    assert PASSWORD not in login.log() and WRONG not in login.log()


ON_THE_WAY = {
    "not_found": (UNAVAILABLE, "pam-dynamo init"),
    "access_denied": (UNAVAILABLE, "allow this operation on both tables in the role's policy"),
    "expired_token": (UNAVAILABLE, "renew it"),
    "throttle": (UNAVAILABLE, "raise the table's capacity"),
    "throttle_plain": (UNAVAILABLE, "raise the table's or the account's limit"),
    "500": (UNAVAILABLE, SERVER),
    "503": (UNAVAILABLE, SERVER),
    "502_html": (UNAVAILABLE, SERVER),
    "403_html": (UNAVAILABLE, BETWEEN),
    "drop": (UNAVAILABLE, NETWORK),
    "hang": (UNAVAILABLE, NETWORK),
    "drip": (UNAVAILABLE, NETWORK),
    "truncated": (UNAVAILABLE, NETWORK),
    "huge": (UNAVAILABLE, NETWORK),
    "garbage": (UNAVAILABLE, BETWEEN),
    "half_json": (UNAVAILABLE, BETWEEN),
    "wrong_crc": (UNAVAILABLE, BETWEEN),
    "empty": (UNAVAILABLE, BETWEEN),
    "empty_object": (UNAVAILABLE, BETWEEN),
    "wrong_key": (FAULT, "item alice: the reply holds another item"),
}


@pytest.mark.parametrize("fault", ON_THE_WAY)
def test_faults_on_the_way(login, fault):
    login.start()
    works_again(login)
    time.sleep(0.1)  # the time of the last login is written after the reply
    login.proxy.reset()
    login.proxy.control(fault=fault)
    refuses_everything(login, *ON_THE_WAY[fault])
    login.proxy.reset()
    works_again(login)


def no_keys(login):
    login.credentials.unlink()


def open_keys(login):
    login.credentials.chmod(0o644)


def folder_of_keys(login):
    login.credentials.unlink()
    login.credentials.mkdir()


def half_keys(login):
    login.credentials.write_text("aws_access_key_id = AKIDEXAMPLE\n")


def wrong_secret(login):
    login.write_keys(secret_key="x" * 40)


def unknown_key(login):
    login.write_keys(access_key="AKIDNOBODY")


def wrong_region(login):
    login.configure(dynamodb={"region": "eu-west-1"})


def no_table(login):
    login.configure(dynamodb={"users_table": "none_such"})


WRONGLY_SET = {
    no_keys: "put aws_access_key_id and aws_secret_access_key into ",
    open_keys: "/credentials: open to everybody; chmod o= it",
    folder_of_keys: "/credentials: not a regular file; put the file itself there",
    half_keys: "/credentials: expected aws_access_key_id = ... and aws_secret_access_key = ..., each once",
    wrong_secret: KEYS,
    unknown_key: KEYS,
    wrong_region: KEYS,
    no_table: "pam-dynamo init",
}


@pytest.mark.parametrize("wrong", WRONGLY_SET, ids=lambda wrong: wrong.__name__)
def test_wrongly_set(login, wrong):
    right = dict(login.sections["dynamodb"]) if "dynamodb" in login.sections else {}
    wrong(login)
    login.start()
    login.proxy.reset()
    refuses_everything(login, UNAVAILABLE, WRONGLY_SET[wrong], each=False)
    if login.credentials.is_dir():
        login.credentials.rmdir()
    login.write_keys()
    login.sections["dynamodb"] = right
    login.configure()
    login.signal(signal.SIGHUP)
    works_again(login)


def test_nobody_listens(login):
    """Until somebody does, on the port that was configured."""
    port = servers.free_port()
    login.configure(dynamodb={"endpoint": f"http://127.0.0.1:{port}"})
    login.start()
    refuses_everything(login, UNAVAILABLE, NETWORK, each=False)
    begun = time.monotonic()
    for _ in range(5):
        assert login.authenticate().verdict == "unavailable"
    assert time.monotonic() - begun < 0.5  # the outage is known
    assert login.log().count("answering at once until it is back") == 1
    with servers.start_proxy(login.folder, login.server, port=port):
        works_again(login)
    assert login.log().count("answers again") == 1


def test_no_service(login):
    for password, step in ((PASSWORD, "auth"), (WRONG, "auth"), (PASSWORD, "acct")):
        assert ask(login, "alice", password, step)[0] == UNAVAILABLE
    login.start()
    works_again(login)
    assert login.stop() == 0
    assert ask(login, "alice", PASSWORD, "auth")[0] == UNAVAILABLE


def number(text):
    return {"N": str(text)}


TOO_EXPENSIVE = ("$argon2id$v=19$m=4194304,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng"
                 "$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI")
RECORDS = {
    "hash malformed": {"password": {"S": "$argon2id$v=19$m=x"}},
    "hash of no kind": {"password": {"S": "correct horse"}},
    "hash too expensive": {"password": {"S": TOO_EXPENSIVE}},
    "hash a number": {"password": number(1)},
    "uid a word": {"uid": {"S": "many"}},
    "uid negative": {"uid": number(-1)},
    "uid too large": {"uid": number(2**32)},
    "uid a fraction": {"uid": number("1879048192.5")},
    "gid negative": {"gid": number(-1)},
    "version huge": {"version": number("1e30")},
    "schema unknown": {"schema": number(99)},
    "status unknown": {"status": {"S": "sleepy"}},
    "status a list": {"status": {"L": []}},
    "hosts a number": {"hosts": number(1)},
    "expiry a word": {"account_expires_at": {"S": "tomorrow"}},
    "must change a word": {"password_must_change": {"S": "maybe"}},
    "home relative": {"home": {"S": "home/alice"}},
    "name with a colon": {"full_name": {"S": "alice:0:0"}},
    "ssh_keys a map": {"ssh_keys": {"M": {}}},
}


@pytest.mark.parametrize("broken", RECORDS)
def test_records_that_cannot_be(login, broken):
    (attribute, _), = RECORDS[broken].items()
    users, key = login.command.users, ("username", "alice")
    good = login.store.get_item(TableName=users, Key={"username": {"S": "alice"}})["Item"]
    login.command.add("bob", "--hosts", "*")
    login.start()
    login.put(users, key, **RECORDS[broken])
    before = login.items()
    for password in (PASSWORD, WRONG):
        code, lines = ask(login, "alice", password, "auth")
        assert code == FAULT, lines
        assert len(told(lines, f"attribute {attribute}")) == 1, lines
    if attribute != "password":
        assert ask(login, "alice", PASSWORD, "acct")[0] == FAULT
    assert login.items() == before
    assert login.authenticate("bob").verdict == "success"
    login.store.put_item(TableName=users, Item=good)
    works_again(login)


def test_uid_0_is_corrupt(login):
    login.start()
    login.put(login.command.users, ("username", "alice"), uid=number(0))
    assert ask(login, "alice", PASSWORD, "auth")[0] == "PAM_SERVICE_ERR"
    assert ask(login, "alice", WRONG, "auth")[0] == "PAM_SERVICE_ERR"
    assert ask(login, "alice", PASSWORD, "acct")[0] == "PAM_SERVICE_ERR"


STATES = {
    "count a word": {"count": {"S": "x"}},
    "count negative": {"count": number(-5)},
    "locked until a word": {"locked_until": {"S": "never"}},
    "version huge": {"version": number("1e30")},
}


@pytest.mark.parametrize("broken", STATES)
def test_counters_that_cannot_be(login, broken):
    """Nobody can tell whether the name is locked."""
    (attribute, _), = STATES[broken].items()
    login.start()
    login.pam("alice", WRONG, "auth")
    login.put(login.command.state, ("id", "fail#alice"), **STATES[broken])
    before = login.items()
    for password, step in ((PASSWORD, "auth"), (WRONG, "auth"), (PASSWORD, "acct")):
        code, lines = ask(login, "alice", password, step)
        assert code == FAULT, lines
        assert len(told(lines, f"attribute {attribute}")) == 1, lines
        assert any("fail#alice" in line for line in lines)
    assert login.items() == before
    login.store.delete_item(TableName=login.command.state, Key={"id": {"S": "fail#alice"}})
    works_again(login)


def test_frames_that_lie_meanwhile(login):
    """While the server is silent: refused at once, and those who wait get their answers."""
    login.start()
    login.proxy.control(fault="hang")
    with frames.connect(login.socket) as waiting:
        waiting.sendall(frames.build(frames.AUTHENTICATE, {
            frames.USER: "alice", frames.PASSWORD: PASSWORD}))
        begun = time.monotonic()
        for length in (0, 1, 0x10001, 0xffffffff):
            with frames.connect(login.socket) as lying:
                lying.sendall(struct.pack(">I", length) + b"\x01\x02")
                try:
                    with pytest.raises(frames.Closed):
                        assert frames.read_reply(lying).verdict == "fault"
                        raise frames.Closed
                except ConnectionResetError:
                    pass
        assert time.monotonic() - begun < 0.5
        with frames.connect(login.socket) as short:
            short.sendall(struct.pack(">I", 1000) + b"\x01\x02")
            short.shutdown(socket.SHUT_WR)
            assert frames.read_reply(waiting).verdict == "unavailable"
            assert time.monotonic() - begun < DEADLINE_MS / 1000 + SLACK_S
    assert "malformed request" in login.log()
    login.proxy.reset()
    works_again(login)


def test_a_good_login_costs_one_request(login):
    login.configure(login={"last_login": "no"})
    login.start()
    login.proxy.reset()
    codes, _ = login.pam("alice", PASSWORD)
    assert codes == {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"}
    time.sleep(0.2)
    assert login.proxy.counts() == {"BatchGetItem": 1}
    for _ in range(19):
        login.pam("alice", PASSWORD)
    state = login.proxy.state()
    assert state["counts"] == {"BatchGetItem": 20} and state["connections"] == 1


def test_no_write_before_the_reply(login):
    """The time of the last login is noted, but nobody waits for it."""
    login.start()
    login.proxy.reset()
    login.proxy.control(fault="hang", operation="PutItem")
    codes, seconds = login.pam("alice", PASSWORD)
    assert codes == {"auth": "PAM_SUCCESS", "acct": "PAM_SUCCESS"} and seconds < 0.5
    end = time.monotonic() + 5
    while login.proxy.counts().get("PutItem", 0) == 0:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("fault", ["drop_after", "500_after"])
def test_a_lost_answer_counts_once(login, fault):
    login.start()
    for wanted, operation in ((1, "PutItem"), (2, "UpdateItem"), (3, "UpdateItem")):
        login.proxy.reset()
        login.proxy.control(fault=fault, operation=operation, times=1)
        assert ask(login, "alice", WRONG, "auth")[0] == "PAM_AUTH_ERR"
        assert login.proxy.state()["settings"]["times"] == 0, login.proxy.counts()
        assert login.failures() == wanted
    login.proxy.reset()
    works_again(login)


def test_over_tls(login, directory, tmp_path):
    ours, foreign = Authority(tmp_path, "ours"), Authority(tmp_path, "foreign")
    front = start_front(directory[1], ours.certificate("IP:127.0.0.1"))
    endpoint = f"https://127.0.0.1:{front.server_address[1]}"
    login.configure(dynamodb={"endpoint": endpoint, "ca_path": foreign.path})
    login.start()
    refuses_everything(login, UNAVAILABLE, NETWORK, each=False)
    assert "certificate" in login.log() and not front.requests
    login.configure(dynamodb={"ca_path": ours.path})
    login.signal(signal.SIGHUP)
    works_again(login)
    assert front.requests
