# SPDX-License-Identifier: BSD-2-Clause
"""What each page's form shows, sends to the service, and says about its answers."""
import re

import frames
import pytest
import web_double as service_names
from conftest import BASE, ROOT, SESSION_COOKIE
from page_forms import FORMS, GOOD, good


def test_w31_one_answer_for_all_refusals(site, service):
    token = site.get("/signin").token("/signin")
    service.answers[service_names.SIGN_IN] = {service_names.T_RESULT: service_names.REFUSED}
    answer = site.post("/signin", good("/signin"), token)
    assert answer.status == 403
    assert "The user name or password is not correct." in answer.text
    assert "help@example.org" in answer.text


def test_w31_a_name_that_nobody_can_have(site, service):
    token = site.get("/signin").token("/signin")
    answer = site.post("/signin", dict(good("/signin"), username="a" * 255), token)
    assert answer.status == 403
    assert "The user name or password is not correct." in answer.text
    answer = site.post("/reset", {"username": "a" * 255})
    assert answer.header("Location") == BASE + "/reset/sent"
    assert not service.changes()


def test_w32_too_many_tries_say_how_long(site, service):
    service.answers[service_names.SIGN_IN] = {service_names.T_RESULT: service_names.LATER,
                                              service_names.T_RETRY_S: 121}
    answer = site.post("/signin", good("/signin"))
    assert answer.status == 429 and answer.header("Retry-After") == "121"
    assert "Wait 3 minutes and try again" in answer.text


@pytest.mark.parametrize("path", sorted(FORMS))
def test_w40_password_fields(signed_in, service, path):
    shown = signed_in.get(path)
    fields = dict(good(path), username="", email="", version="x")
    again = signed_in.post(path, fields, shown.token(path.partition("?")[0]))
    for answer in (shown, again):
        for field in re.findall(r"<input [^>]*type=\"password\"[^>]*>", answer.text):
            assert " value" not in field and "onpaste" not in field
            assert re.search(r'autocomplete="(current|new)-password"', field)
        assert GOOD["password"] not in answer.text and GOOD["current"] not in answer.text


@pytest.mark.parametrize("mode, status", [("off", 403), ("anything", 503), ("", 503),
                                          ("open", 200)])
def test_w50_registration_modes(site, service, mode, status):
    service.answers[service_names.INFO][service_names.T_MODE] = mode
    assert site.get("/register").status == status
    token = site.get("/signin").token("/signin")
    answer = site.post("/register", good("/register"), token)
    assert answer.status == (403 if status == 200 else status)  # 403: the token of another form
    assert not service.changes()


def test_w53_only_known_fields_reach_the_service(signed_in, service):
    more = {"host_access": "all", "hosts": "all", "status": "active", "uid": "0", "gid": "0",
            "groups": "sudo", "shell": "/bin/sh", "home": "/", "roles": "x", "name": "root"}
    for path in sorted(FORMS):
        jar = dict(signed_in.jar)
        assert signed_in.post(path, dict(more, **good(path)),
                              signed_in.get(path).token(path.partition("?")[0])).status == 303
        signed_in.jar = jar
    known = {frames.USER, frames.PASSWORD, frames.NEW_PASSWORD, frames.DEADLINE,
             service_names.T_SESSION, service_names.T_TOKEN, service_names.T_NETWORK,
             service_names.T_AGENT, service_names.T_EMAIL, service_names.T_PAIRS,
             service_names.T_VERSION, service_names.T_REQUEST, service_names.T_LANGUAGE}
    assert len(service.changes()) == len(FORMS)
    for _, fields in service.changes():
        assert set(fields) <= known
        assert set(service_names.read_pairs(fields.get(service_names.T_PAIRS, b""))) <= {
            "given_name", "family_name", "organization", "reason"}


def test_registering_sends_what_was_typed(site, service):
    answer = site.post("/register", dict(
        good("/register"), reason="two\r\nlines", email=" Ann@Example.org "))
    assert answer.header("Location") == BASE + "/register/submitted"
    asked = service.last(service_names.REGISTER)
    assert asked[frames.USER] == b"ann" and asked[service_names.T_EMAIL] == b"Ann@Example.org"
    assert asked[frames.PASSWORD] == GOOD["password"].encode()
    assert asked[service_names.T_NETWORK] == b"192.0.2.1"
    assert service_names.read_pairs(asked[service_names.T_PAIRS]) == {
        "given_name": "Ann", "reason": "two\r\nlines"}


def test_an_invitation_comes_by_link(site, service):
    service.answers[service_names.INFO][service_names.T_MODE] = "invite"
    assert 'id="invite"' in site.get("/register").text
    page = site.get("/invite/TOKEN-of-ann")
    assert '<input type="hidden" name="invite" value="TOKEN-of-ann">' in page.text
    site.post("/register", dict(good("/register"), invite="TOKEN-of-ann"), page.token("/register"))
    assert service.last(service_names.REGISTER)[service_names.T_TOKEN] == b"TOKEN-of-ann"


def test_the_honeypot_is_answered_as_success(site, service):
    answer = site.post("/register", dict(good("/register"), website="http://spam.example"))
    assert answer.header("Location") == BASE + "/register/submitted"
    assert "honeypot" in answer.log and not service.changes()


@pytest.mark.parametrize("field, text, number, sentence", [
    ("password", "too-short", 15, "Enter a password of 15 characters or more"),
    ("password", "blocklist", None, "on a list of commonly used passwords"),
    ("password", "too-easy", None, "too easy to guess"),
    ("given_name", "too-long", 64, "Enter 64 characters or fewer"),
    ("email", "a new id", None, "This value cannot be used"),
    ("password", "too-short", None, "Enter a password of 15 characters or more"),
    ("invite", "invite", None, "This invitation code is not valid"),
    ("nothing", "too-long", 3, "Enter 3 characters or fewer")])
def test_rules_of_the_service_have_sentences(site, service, field, text, number, sentence):
    service.answers[service_names.REGISTER] = {
        service_names.T_RESULT: service_names.INVALID, service_names.T_FIELD: field,
        service_names.T_TEXT: text, **({service_names.T_NUMBER: number} if number else {})}
    answer = site.post("/register", good("/register"))
    assert answer.status == 422 and sentence in answer.text
    assert (f'<a href="#{field}">' in answer.text) == (field not in ("nothing", "invite"))
    assert (f'id="{field}-e"' in answer.text) == (field not in ("nothing", "invite"))


def test_w54_a_name_that_is_not_available(site, service):
    service.answers[service_names.REGISTER] = {service_names.T_RESULT: service_names.TAKEN}
    answer = site.post("/register", good("/register"))
    assert answer.status == 422 and "This user name is not available." in answer.text


def test_editing_keeps_the_version(signed_in, service):
    page = signed_in.get("/profile/edit")
    assert page.value("given_name") == "Ann"
    assert '<input type="hidden" name="version" value="7">' in page.text
    signed_in.post("/profile/edit", {"version": "7", "given_name": "Anna", "family_name": ""},
                   page.token())
    asked = service.last(service_names.PROFILE_SET)
    assert int.from_bytes(asked[service_names.T_VERSION], "big") == 7
    assert service_names.read_pairs(asked[service_names.T_PAIRS]) == {
        "given_name": "Anna", "family_name": "", "organization": ""}


def test_editing_in_two_windows(signed_in, service):
    service.answers[service_names.PROFILE_SET] = {service_names.T_RESULT: service_names.CONFLICT}
    service.answers[service_names.PROFILE_GET][service_names.T_VERSION] = 8
    answer = signed_in.post("/profile/edit", {"version": "7", "given_name": "Anna"})
    assert answer.status == 409 and answer.value("given_name") == "Anna"
    assert '<input type="hidden" name="version" value="8">' in answer.text
    assert "changed in another window" in answer.text


def test_a_changed_password_gives_a_new_session(signed_in, service):
    form = signed_in.jar["__Host-pd_form"]
    answer = signed_in.post("/profile/password", good("/profile/password"))
    assert answer.header("Location") == BASE + "/profile?ok=password"
    assert answer.cookies()["__Host-pd_session"] not in ("", SESSION_COOKIE)
    assert answer.cookies()["__Host-pd_form"] not in ("", form)
    asked = service.last(service_names.PASSWORD)
    assert asked[frames.PASSWORD] == GOOD["current"].encode()
    assert asked[frames.NEW_PASSWORD] == GOOD["password"].encode()


@pytest.mark.parametrize("path", ["/profile/password", "/profile/email", "/profile/close"])
def test_w39_the_current_password(signed_in, service, path):
    for operation in (service_names.PASSWORD, service_names.EMAIL, service_names.CLOSE):
        service.answers[operation] = {service_names.T_RESULT: service_names.REFUSED}
    answer = signed_in.post(path, good(path))
    assert answer.status == 422
    assert '<a href="#current">The current password is not correct</a>' in answer.text


@pytest.mark.parametrize("path", ["/verify?t=tok", "/reset/confirm?t=tok"])
def test_w57_a_link_that_is_not_good(site, service, path):
    service.answers[service_names.TOKEN_CHECK] = {service_names.T_RESULT: service_names.GONE}
    answer = site.get(path)
    assert answer.status == 410 and "This link is not valid any more." in answer.text


def test_w58_verifying_needs_the_password(site, service):
    page = site.get("/verify?t=tok")
    assert page.value("username") == "ann" and page.value("password") is None
    answer = site.post("/verify", {"t": "tok"}, page.token("/verify"))
    assert answer.status == 422 and not service.changes()
    service.answers[service_names.VERIFY] = {service_names.T_RESULT: service_names.REFUSED}
    answer = site.post("/verify", good("/verify?t=tok"), answer.token("/verify"))
    assert answer.status == 403 and "The password is not correct." in answer.text
    assert '<input type="hidden" name="t" value="tok">' in answer.text


def test_w80_forms_need_no_script(signed_in, service):
    for path in sorted(FORMS):
        answer = signed_in.get(path)
        for form in re.findall(r"<form [^>]*>", answer.text):
            assert re.fullmatch(r'<form method="post" action="/account/[a-z/]+" novalidate '
                                r'accept-charset="utf-8">', form)
        assert "<script>" not in answer.text and " on" not in re.sub(r">[^<]*<", "><", answer.text)
        assert '<button type="submit"' in answer.text


def test_w86_titles_say_that_something_is_wrong(site, service):
    assert site.get("/signin").title == "Sign in - Example Login"
    answer = site.post("/signin", {})
    assert answer.title == "Error: Sign in - Example Login"
    assert 'id="error-summary"' in answer.text and '<a href="#username">' in answer.text
    assert 'aria-invalid="true" aria-describedby="username-e"' in answer.text


def test_w88_what_was_typed_stays(site, service):
    typed = dict(good("/register"), username="Ann B", family_name="Ott <3",
                 reason="because\r\nof this", password2="another")
    answer = site.post("/register", typed)
    assert answer.status == 422 and "The two passwords do not match" in answer.text
    for name in ("username", "given_name", "family_name", "email"):
        assert answer.value(name) == typed[name]
    assert "because\r\nof this</textarea>" in answer.text


def test_german(site, service):
    answer = site.get("/signin", HTTP_ACCEPT_LANGUAGE="fr;q=0.9, de-AT;q=0.8, en;q=0.7")
    assert '<html lang="de"' in answer.text and "<h1>Anmelden</h1>" in answer.text
    site.post("/lang", {"lang": "en"}, site.get("/help").token("/lang"))
    assert '<html lang="en"' in site.get("/signin", HTTP_ACCEPT_LANGUAGE="de").text
    answer = site.post("/lang", {"lang": "xx"}, site.get("/help").token("/lang"))
    assert answer.status == 303 and "__Host-pd_lang" not in answer.cookies()


def test_the_script_is_small():
    script = (ROOT / "web" / "static" / "app-1.js").read_text()
    assert len(script) < 2048
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval", ".disabled", "onclick"):
        assert word not in script
