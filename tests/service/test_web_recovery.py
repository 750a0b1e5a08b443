# SPDX-License-Identifier: BSD-2-Clause
"""Getting back in at the page, and another address: each as the page asks."""
import time

import pytest

import frames
from conftest import PASSWORD
from web_desk import NEW, TOKEN, Desk, strip


@pytest.fixture
def member(stopped):
    """alice has an account with a confirmed address."""
    desk = Desk(stopped, "email")
    assert desk.register(email="alice@example.org").result == "done"
    desk.member = desk.verify(desk.token("alice@example.org")).session
    assert desk.member is not None
    return desk


def test_reset(member):
    assert member.ask_reset("alice").result == "done"
    token = member.token("alice@example.org")
    assert member.sign_in().result == "done"  # nothing has changed
    assert member.session_is(member.member) == "done"
    reply = member.check(token, "reset")
    assert reply.result == "done" and reply.text(frames.USER) == "alice"
    reply = member.reset(token, "short")
    assert reply.result == "invalid" and reply.fields[frames.TEXT] == b"too-short"
    reply = member.reset(token)
    assert reply.result == "done" and reply.session is None
    assert member.session_is(member.member) == "no-session"  # W-14
    assert member.sign_in().result == "refused"
    assert member.sign_in(password=NEW).result == "done"
    assert member.reset(token, PASSWORD).result == "gone"
    [(to, text)] = member.mails()
    assert to == "alice@example.org" and "was changed on" in text
    member.service.logs("event=reset_requested")
    member.service.logs("event=reset_done")


def test_reset_by_address_voids_the_older_link(member):
    member.ask_reset("alice")
    first = member.token("alice@example.org")
    member.ask_reset("ALICE@Example.org")
    second = member.token("alice@example.org")
    assert member.reset(first).result == "gone"
    assert member.reset(second).result == "done"


def test_w14_links_of_a_disabled_account_do_nothing(member):
    member.ask_reset("alice")
    reset = member.token("alice@example.org")
    member.change_email(member.member, "new@example.org")
    email = TOKEN.search(dict(member.mails())["new@example.org"]).group(1)
    member.service.command("disable", "alice")
    assert member.reset(reset).result == "gone"
    assert member.verify(email).result == "gone"
    record = member.show()
    assert record["status"] == "disabled" and record["email"] == "alice@example.org"


def test_reset_tells_nothing(member):
    """The same answer and a file in the spool, whoever was asked for."""
    member.service.add("noaddr")
    member.service.add("unconfirmed", "--email", "u@example.org")
    answers = [strip(member.ask_reset(who)) for who in (
        "alice", "nobody-there", "noaddr", "unconfirmed", "u@example.org", "x@example.org",
        "postmaster", "' OR 1=1", "a\x1b[2J")]
    assert answers == len(answers) * [answers[0]]
    mails = member.mails()
    assert sorted(to for to, _text in mails) == 8 * [""] + ["alice@example.org"]
    # the blanks are as long as a mail
    lengths = {len(text) for _to, text in mails}
    assert max(lengths) - min(lengths) < 20


def test_w33_reset_ends_the_cap(member):
    member.query("INSERT INTO state (id, version, expires_at, count, window_start) VALUES "
                 "('cap#alice', 1, ?, 100, ?)", int(time.time()) + 9999, int(time.time()))
    assert member.sign_in().result == "refused"
    member.ask_reset("alice")
    assert member.reset(member.token("alice@example.org")).result == "done"
    assert member.sign_in(password=NEW).result == "done"


def test_reset_three_times_an_hour(member):
    for _n in range(5):
        assert member.ask_reset("alice").result == "done"
    assert [to for to, _text in member.mails()].count("alice@example.org") == 3


def test_reset_link_of_the_command(member):
    text = member.service.command("reset-link", "alice")
    assert member.reset(TOKEN.search(text).group(1)).result == "done"
    assert member.sign_in(password=NEW).result == "done"


def test_another_address(member):
    assert member.change_email(member.member, "new@example.org", "wrong").result == "refused"
    assert member.change_email(member.member, "no address").result == "invalid"
    assert member.change_email(member.member, "New@B\u00fccher.example").result == "done"
    mails = dict(member.mails())
    assert set(mails) == {"New@xn--bcher-kva.example", "alice@example.org"}
    assert TOKEN.search(mails["alice@example.org"]) is None
    token = TOKEN.search(mails["New@xn--bcher-kva.example"]).group(1)
    assert member.show()["email"] == "alice@example.org"
    shown = member.ask(frames.WEB_PROFILE_GET, {frames.SESSION: member.member})
    assert shown.text(frames.PENDING) == "New@B\u00fccher.example"
    assert shown.text(frames.EMAIL) == "alice@example.org"
    assert member.verify(token, "wrong wrong wrong").result == "refused"
    assert member.verify(token).result == "done"
    record = member.show()
    assert record["email"] == "New@B\u00fccher.example" and record["email_verified"] == 1
    assert member.register("bob", email="alice@example.org").result == "done"
    assert member.show("bob") is not None  # the old address is free


def test_an_address_of_somebody_else(member):
    member.service.add("bob", "--email", "bob@example.org")
    assert member.change_email(member.member, "bob@example.org").result == "done"
    mails = dict(member.mails())
    assert TOKEN.search(mails["bob@example.org"]) is None
    assert member.show()["email"] == "alice@example.org"


def test_a_new_password_drops_the_address_that_waits(member):
    member.change_email(member.member, "new@example.org")
    token = TOKEN.search(dict(member.mails())["new@example.org"]).group(1)
    reply = member.ask(frames.WEB_PASSWORD, {
        frames.SESSION: member.member, frames.PASSWORD: PASSWORD, frames.NEW_PASSWORD: NEW})
    assert reply.result == "done"
    assert member.verify(token, NEW).result == "gone"
    [(to, text)] = member.mails()
    assert to == "alice@example.org" and "was changed on" in text


def test_resend(member):
    session = member.member
    assert member.ask(frames.WEB_RESEND, {frames.SESSION: session}).result == "done"
    assert member.mails() == []
    member.change_email(session, "new@example.org")
    first = TOKEN.search(dict(member.mails())["new@example.org"]).group(1)
    member.query("DELETE FROM state WHERE id LIKE 'rate#mail#%'")
    assert member.ask(frames.WEB_RESEND, {frames.SESSION: session}).result == "done"
    second = member.token("new@example.org")
    assert member.verify(first).result == "gone"
    assert member.verify(second).result == "done"
    assert member.show()["email"] == "new@example.org"
    assert member.ask(frames.WEB_RESEND, {}).result == "no-session"
