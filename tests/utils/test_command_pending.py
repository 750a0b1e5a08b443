# SPDX-License-Identifier: BSD-2-Clause
"""pending, invite, reset-link and mail-send: the administrator's side of the page."""
import hashlib
import os
import pathlib
import pwd
import re
import sqlite3
import stat
import time

import pytest

TOKEN = r"[A-Za-z0-9_-]{48}"
MAIL = {"sender": "accounts@example.org", "url": "https://login.example.org/account",
        "site": "Example Login"}


def put_state(sqlite, name, entries=(), **columns):
    """A state item as the service writes it."""
    with sqlite3.connect(sqlite.database) as database:
        values = dict(columns, id=name, version=1)
        if entries:
            values["entries"] = "[" + ", ".join(f'"{entry}"' for entry in entries) + "]"
        names = ", ".join(f'"{key}"' for key in values)
        marks = ", ".join("?" for _ in values)
        database.execute(f"INSERT INTO state ({names}) VALUES ({marks})", list(values.values()))


def wait(sqlite, *names, status="pending_approval", seconds=3600):
    """Users who have registered and wait."""
    now = int(time.time())
    for name in names:
        sqlite.add(name, "--email", f"{name}@example.org")
        sqlite.good("set", name, f"status={status}")
    put_state(sqlite, "waiting", [f"{name} {now + seconds}" for name in names],
              expires_at=now + 90 * 86400)


def spool_of(sqlite):
    spool = sqlite.directory / "mail"
    spool.mkdir(mode=0o700)
    return spool


def sendmail_of(sqlite, status=0):
    """A sendmail that keeps what it was given."""
    program = sqlite.directory / "sendmail"
    kept = sqlite.directory / "kept"
    kept.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\nn=$(ls {kept} | wc -l)\n"
                       f"for word; do printf '%s\\n' \"$word\"; done >{kept}/$n.words\n"
                       f"cat >{kept}/$n.text\nexit {status}\n")
    program.chmod(0o755)
    return program, kept


def test_nobody_waits(command):
    assert command.good("pending", "list") == ""
    assert command.json("pending", "list") == []


def test_list_approve_reject(sqlite):
    wait(sqlite, "alice", "bob")
    sqlite.good("set", "alice", "profile=reason=please", "full_name=Alice Fox")
    assert [row["username"] for row in sqlite.json("pending", "list")] == ["alice", "bob"]
    text = sqlite.good("pending", "list")
    assert "alice@example.org (not confirmed) Alice Fox" in text and "    please" in text
    assert "approved" in sqlite.good("pending", "approve", "alice")
    record = sqlite.show("alice")
    assert record["status"] == "active"
    assert "uid" not in record and record["hosts"] == []
    assert "rejected" in sqlite.good("pending", "reject", "bob")
    sqlite.bad(3, "show", "bob")
    assert sqlite.good("pending", "list") == ""
    sqlite.bad(4, "pending", "approve", "alice")
    sqlite.bad(4, "pending", "reject", "alice")
    sqlite.bad(3, "pending", "approve", "nobody-there")
    assert sqlite.show("alice")["status"] == "active"


def test_w61_what_is_too_old_goes(sqlite):
    wait(sqlite, "alice", "bob", status="pending_email", seconds=-5)
    with sqlite3.connect(sqlite.database) as database:
        database.execute("UPDATE users SET updated_at = updated_at - 90000 WHERE username = 'bob'")
    assert sqlite.good("pending", "list") == ""
    assert sqlite.show("alice")["status"] == "pending_email"  # hers has not passed
    sqlite.bad(3, "show", "bob")
    sqlite.add("carol", "--email", "bob@example.org")


def test_a_corrupt_record_hides_no_other(sqlite):
    wait(sqlite, "alice", "bob")
    with sqlite3.connect(sqlite.database) as database:
        database.execute("UPDATE users SET profile = ? WHERE username = 'alice'",
                         ['{"reason": "a\\u001b[2Jb"}'])
    result = sqlite.run("pending", "list")
    assert result.returncode == 0 and "\x1b" not in result.stdout
    assert result.stdout.startswith("bob ") and "1 records break" in result.stderr


def test_usage(command):
    for words in (["pending", "approve"], ["pending", "list", "x"], ["pending", "frob"],
                  ["invite", "frob"], ["invite", "revoke"], ["invite", "list", "--uses", "2"],
                  ["reset-link"]):
        command.bad(2, *words)


def test_local_names_are_not_approved(sqlite):
    name = next(entry.pw_name for entry in pwd.getpwall() if entry.pw_uid != 0)
    put_state(sqlite, "waiting", [f"{name} {int(time.time()) + 60}"],
              expires_at=int(time.time()) + 60)
    assert "local user" in sqlite.bad(4, "pending", "approve", name)


def test_approved_users_are_told(sqlite):
    spool = spool_of(sqlite)
    sqlite.configure(mail=dict(MAIL, spool=spool))
    wait(sqlite, "alice")
    sqlite.good("pending", "approve", "alice")
    [mail] = spool.iterdir()
    assert mail.read_text().startswith("To alice@example.org\nFrom: ")
    assert stat.S_IMODE(mail.stat().st_mode) == 0o600


def test_w59_invitations(command):
    command.configure(mail=dict(MAIL, spool=""))
    text = command.good("invite", "create")
    secret = re.match(rf"https://login\.example\.org/account/invite/({TOKEN})\n", text).group(1)
    made = command.json("invite", "create", "--ttl", "1h", "--uses", "3", "--email",
                        "Bob@Example.org", "--groups", "dev,staff")
    assert re.fullmatch(TOKEN, made["secret"])
    assert 3500 < made["expires_at"] - time.time() < 3700
    first, second = command.json("invite", "list")
    assert first["id"] == hashlib.sha256(secret.encode()).hexdigest()[:12]
    assert (first["uses"], first["used"], first["groups"], first.get("email")) == (1, 0, [], None)
    assert (second["uses"], second["groups"], second["email"]) == (3, ["dev", "staff"],
                                                                   "bob@example.org")
    assert secret not in command.good("invite", "list")
    assert "for bob@example.org, into dev staff" in command.good("invite", "list")
    assert "revoked" in command.good("invite", "revoke", first["id"])
    assert [row["id"] for row in command.json("invite", "list")] == [second["id"]]
    command.bad(3, "invite", "revoke", first["id"])
    command.bad(3, "invite", "revoke", "a")


@pytest.mark.parametrize("words", [["--ttl", "1"], ["--ttl", "2000d"], ["--uses", "0"],
                                   ["--uses", "1001"], ["--email", "no"], ["--groups", "root"]])
def test_invitations_that_are_refused(command, words):
    command.bad(5, "invite", "create", *words)
    assert command.json("invite", "list") == []


def test_w57_reset_link(command):
    command.configure(mail=dict(MAIL, spool=""))
    command.add("alice")
    text = command.good("reset-link", "alice")
    assert re.match(rf"https://login\.example\.org/account/reset/confirm\?t={TOKEN}\n", text)
    made = command.json("reset-link", "alice")
    assert 1700 < made["expires_at"] - time.time() < 1900
    command.bad(3, "reset-link", "nobody-there")
    command.good("disable", "alice")
    command.bad(4, "reset-link", "alice")


def test_mail_send(sqlite):
    spool = spool_of(sqlite)
    program, kept = sendmail_of(sqlite)
    sqlite.bad(78, "mail-send")
    sqlite.configure(mail=dict(MAIL, spool=spool, sendmail=program))
    assert "0 sent" in sqlite.good("mail-send")
    (spool / "1.mail").write_text("To alice@example.org\nSubject: x\n\n.\nFrom me\n")
    (spool / "2.mail").write_text("To \nSubject: for nobody\n\n")
    (spool / ".3").write_text("To half@example.org\n")
    assert "1 sent, 0 kept" in sqlite.good("mail-send")
    assert (kept / "0.words").read_text().splitlines() == [
        "-i", "-f", "accounts@example.org", "--", "alice@example.org"]
    assert (kept / "0.text").read_text() == "Subject: x\n\n.\nFrom me\n"
    assert len(list(kept.iterdir())) == 2
    assert [path.name for path in spool.iterdir()] == [".3"]


@pytest.mark.parametrize("first", ["To -oQx@example.org", "To a@b,c@d", "To a b@example.org",
                                   "To a@example.org\r", "Bcc x@example.org", "To"])
def test_w60_what_is_no_address_is_never_sent(sqlite, first):
    spool = spool_of(sqlite)
    program, kept = sendmail_of(sqlite)
    sqlite.configure(mail=dict(MAIL, spool=spool, sendmail=program))
    (spool / "1.mail").write_bytes(first.encode() + b"\nSubject: x\n\n")
    assert "is no mail of ours" in sqlite.bad(5, "mail-send")
    assert list(kept.iterdir()) == [] and list(spool.iterdir()) == []


def test_mails_that_sendmail_refuses_stay(sqlite):
    spool = spool_of(sqlite)
    program, kept = sendmail_of(sqlite, status=75)
    sqlite.configure(mail=dict(MAIL, spool=spool, sendmail=program))
    mail = spool / "1.mail"
    mail.write_text("To alice@example.org\nSubject: x\n\n")
    assert "stays for the next run" in sqlite.bad(69, "mail-send")
    assert mail.exists()
    os.utime(mail, (0, 0))
    assert "removed" in sqlite.bad(5, "mail-send")
    assert not mail.exists()
    assert len(list(kept.glob("*.text"))) == 2


def test_an_open_spool_is_not_used(sqlite):
    spool = spool_of(sqlite)
    sqlite.configure(mail=dict(MAIL, spool=spool))
    spool.chmod(0o755)
    sqlite.bad(78, "mail-send")
    spool.chmod(0o700)
    link = sqlite.directory / "link"
    link.symlink_to(spool)
    sqlite.configure(mail=dict(MAIL, spool=link))
    sqlite.bad(78, "mail-send")
    assert pathlib.Path(link).is_symlink()
