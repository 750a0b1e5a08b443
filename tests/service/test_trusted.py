# SPDX-License-Identifier: BSD-2-Clause
"""[service] trusted_users: programs that are not root and log others in."""
import contextlib
import os
import signal

import pytest

import frames
from conftest import PASSWORD, as_uid

DAEMON, BIN, NOBODY = 1, 2, 65534  # of every Debian's passwd file
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx6bq0Y8a6mvZ1YV3dQeYkWkWcF1cYj5V2y8m1hO4rT alice@example"


@pytest.fixture
def people(stopped):
    """alice and bob; daemon is trusted."""
    keys = stopped.folder / "keys.pub"
    keys.write_text(KEY + "\n")
    stopped.set("service", trusted_users="daemon")
    stopped.alice_uid = stopped.add("alice", "--hosts", "*", "--key", keys)
    stopped.bob_uid = stopped.add("bob", "--hosts", "*")
    stopped.start()
    return stopped


def reload(service, trusted_users):
    seen = service.log().count("configuration reloaded")
    service.set("service", trusted_users=trusted_users)
    service.signal(signal.SIGHUP)
    service.logs("configuration reloaded", seen + 1)


def log_in(service, *names):
    """What a program that logs people in learns: authenticate, then account with its ticket."""
    verdicts = []
    for name in names:
        answer = service.authenticate(name)
        verdicts.append((answer.verdict, service.account(name, answer.ticket).verdict))
    return verdicts


def test_own_name_other_name_any_name(people):
    good, no = ("success", "success"), ("forbidden", "forbidden")
    assert as_uid(people.alice_uid, log_in, people, "alice", "bob") == [good, no]
    assert as_uid(BIN, log_in, people, "alice", "bob") == [no, no]
    assert as_uid(DAEMON, log_in, people, "alice", "bob") == [good, good]
    assert as_uid(DAEMON, people.authenticate, "alice", "wrong").verdict == "deny"
    assert as_uid(DAEMON, people.authenticate, "nosuch").verdict == "unknown"
    assert as_uid(DAEMON, people.authenticate, "root").verdict == "unknown"


def test_the_ticket_spares_the_second_request(people):
    assert as_uid(DAEMON, log_in, people, "alice") == [("success", "success")]
    people.stop()
    lines = [line for line in people.log().splitlines() if "audit: " in line]
    assert [line.split("requests=")[1].split()[0] for line in lines] == ["1", "0"]
    assert all(f" peer={DAEMON}/" in line and "user=alice" in line for line in lines)


def test_no_more_than_the_verdict(people):
    answer = as_uid(DAEMON, people.authenticate, "bob", "wrong")
    assert (answer.verdict, answer.reason) == ("deny", "deny")
    assert set(answer.fields) == {frames.VERDICT, frames.REASON}
    people.logs("verdict=deny reason=wrong-password")


def change(service, name, **fields):
    fields = {frames.USER: name, frames.NEW_PASSWORD: "another long enough sentence",
              **{getattr(frames, key): value for key, value in fields.items()}}
    return frames.ask(service.login, frames.CHANGE, fields).verdict


def test_no_change_without_the_old_password(people):
    people.set("password", root_may_reset="yes")
    reload(people, "daemon")
    assert as_uid(DAEMON, change, people, "bob") == "deny"
    assert as_uid(DAEMON, change, people, "bob", PASSWORD="wrong") == "deny"
    assert people.authenticate("bob").verdict == "success"
    assert as_uid(DAEMON, change, people, "bob", PASSWORD=PASSWORD) == "success"
    assert people.authenticate("bob").verdict == "deny"


def test_no_keys(people):
    answer = as_uid(DAEMON, people.lookup, "GetUserRecord", userName="alice")
    assert "privileged" not in answer["record"] and answer["incomplete"] is True


def test_no_lower_minimum_uid(stopped):
    stopped.set("service", trusted_users="daemon")
    stopped.set("login", local_names="allow")
    stopped.start()
    answer = as_uid(DAEMON, stopped.authenticate, "games", fields={frames.MINIMUM_UID: 1})
    assert answer.verdict == "unknown"
    stopped.logs("reason=low-uid")


def test_a_reload_adds_and_removes(people):
    def verdicts():
        return [as_uid(uid, people.account, "bob").verdict for uid in (DAEMON, BIN)]

    assert verdicts() == ["success", "forbidden"]
    reload(people, "bin")
    assert verdicts() == ["forbidden", "success"]
    reload(people, "bin, daemon")
    assert verdicts() == ["success", "success"]
    reload(people, "")
    assert verdicts() == ["forbidden", "forbidden"]


def test_whom_nobody_maps_is_never_trusted(stopped):
    stopped.set("service", trusted_users="nobody")
    stopped.add("alice", "--hosts", "*")
    stopped.start()
    assert as_uid(NOBODY, stopped.account).verdict == "forbidden"
    stopped.logs("[service] trusted_users: nobody has the uid of everybody whom a namespace")


def test_names_that_are_not_local_are_told(people):
    """A user of the directory does not become trusted by its name."""
    told = "warning: [service] trusted_users: {} is not in the passwd file; add the user, or take"
    reload(people, "daemon, alice nosuch")
    people.logs(told.format("alice"))
    people.logs(told.format("nosuch"))
    assert told.format("daemon") not in people.log()
    assert as_uid(people.alice_uid, people.account, "bob").verdict == "forbidden"
    people.stop()
    people.set("service", trusted_users="gone")
    status, text = people.run("-t")
    assert status == 0 and told.format("gone") in text
    people.start()
    people.logs(told.format("gone"), 1)


def many(service, count):
    return [service.account("alice").verdict for _ in range(count)]


def test_it_is_not_slowed_as_others_are(people):
    assert as_uid(DAEMON, many, people, 100) == ["success"] * 100


def many_at_once(service, count):
    """An authenticate while so many other connections are open."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(frames.connect(service.login))
        return service.authenticate("alice").verdict


def test_many_log_in_at_once(people):
    """Everybody whom a database logs in comes from one uid."""
    assert as_uid(DAEMON, many_at_once, people, 200) == "success"
    assert as_uid(people.alice_uid, many_at_once, people, 20) == "success"
    with pytest.raises((AssertionError, OSError, frames.Closed)):
        assert as_uid(people.alice_uid, many_at_once, people, 200) == "success"


def test_a_worded_list_is_refused(stopped):
    stopped.set("service", trusted_users="-x")
    status, text = stopped.run("-t")
    assert status == os.EX_CONFIG and "trusted_users" in text and "not a user name" in text
