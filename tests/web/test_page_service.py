# SPDX-License-Identifier: BSD-2-Clause
"""The page and the service together, over the embedded store."""
import importlib.util
import os
import re
import shutil

import pytest
from conftest import BASE, ROOT, Site

PAGE_USER = "daemon"  # of every Debian's passwd file
PASSWORD = "correct horse battery staple"
NEW = "another long enough sentence"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be the page's user")


def service_tests():
    """What the tests of the service start it with."""
    spec = importlib.util.spec_from_file_location(
        "service_conftest", ROOT / "tests" / "service" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


started = service_tests().stopped  # a fixture


def make_site(service):
    folder = service.folder / "page"
    folder.mkdir(mode=0o755)
    site = Site(folder)
    site.settings["socket"] = service.login
    site.write()
    site.user = PAGE_USER
    site.program = shutil.copy(site.program, folder)
    for path in (site.conf, site.key):
        shutil.chown(path, PAGE_USER)
    return site


@pytest.fixture
def opened(started):
    """Everybody may register; alice is there already."""
    started.set("web", user=PAGE_USER)
    started.set("registration", mode="open", reserved_names=ROOT / "conf" / "reserved-names")
    started.add("alice")
    started.start()
    started.site = make_site(started)
    return started


def register(site, name, **more):
    site.jar = {}
    return site.post("/register", dict({
        "username": name, "given_name": "Bo", "email": f"{name}@example.org", "password": NEW,
        "password2": NEW}, **more))


@pytest.fixture
def real(started):
    """alice has an account and no host; nobody can register."""
    started.set("web", user=PAGE_USER)
    started.set("registration", mode="off")
    started.add("alice")
    started.start()
    started.site = make_site(started)
    return started


@pytest.fixture
def alice(real):
    """Her browser."""
    return sign_in(real.site)


def sign_in(site, password=PASSWORD):
    site.jar = {}
    answer = site.post("/signin", {"username": "alice", "password": password})
    assert answer.header("Location") == BASE + "/profile", answer.text
    return site


def edit(site, **values):
    page = site.get("/profile/edit")
    version = page.text.partition('name="version" value="')[2].partition('"')[0]
    return site.post("/profile/edit", dict(values, version=version), page.token("/profile/edit"))


def test_signing_in_and_out(real):
    site = real.site
    wrong = site.post("/signin", {"username": "alice", "password": "wrong"})
    unknown = site.post("/signin", {"username": "nobody-here", "password": "wrong"})
    assert (wrong.status, unknown.status) == (403, 403)
    sign_in(site)
    page = site.get("/profile")
    assert page.status == 200 and "<bdi>alice</bdi>" in page.text and "not allowed" in page.text
    jar = dict(site.jar)
    assert site.post("/signout", {}, page.token("/signout")).status == 303
    site.jar = jar
    assert site.get("/profile").header("Location") == BASE + "/signin"
    assert "event=signin_ok" in real.log() and "event=signin_fail" in real.log()
    assert PASSWORD not in real.log()


def test_editing(real, alice):
    answer = edit(alice, given_name="Alice", family_name="Ott <3", organization="")
    assert answer.header("Location") == BASE + "/profile?ok=profile", answer.text
    assert "<dt>Family name</dt><dd><bdi>Ott &lt;3</bdi></dd>" in alice.get("/profile").text
    answer = edit(alice, given_name="A" * 65)
    assert answer.status == 422 and "Enter 64 characters or fewer" in answer.text
    assert edit(alice, given_name="").status == 422


def test_editing_in_two_windows(real, alice):
    page = alice.get("/profile/edit")
    version = page.text.partition('name="version" value="')[2].partition('"')[0]
    assert edit(alice, given_name="Alice").status == 303
    answer = alice.post("/profile/edit", {"version": version, "given_name": "Alicia"},
                        page.token("/profile/edit"))
    assert answer.status == 409 and answer.value("given_name") == "Alicia"
    version = answer.text.partition('name="version" value="')[2].partition('"')[0]
    answer = alice.post("/profile/edit", {"version": version, "given_name": "Alicia"},
                        answer.token("/profile/edit"))
    assert answer.status == 303


@pytest.mark.parametrize("current, new, status, sentence", [
    ("wrong password here", NEW, 422, "The current password is not correct"),
    (PASSWORD, "short", 422, "Enter a password of 15 characters or more"),
    (PASSWORD, "x" * 129, 422, "Enter a password of 128 characters or fewer"),
    (PASSWORD, "aaaaaaaaaaaaaaaaaaaa", 422, "too easy to guess"),
    (PASSWORD, PASSWORD, 422, "must be different")])
def test_w37_passwords_that_are_refused(real, alice, current, new, status, sentence):
    answer = alice.post("/profile/password", {
        "current": current, "password": new, "password2": new})
    assert answer.status == status and sentence in answer.text


def test_w11_w14_a_new_password_ends_other_sessions(real, alice):
    here = dict(alice.jar)
    elsewhere = dict(sign_in(alice).jar)
    alice.jar = dict(here)
    answer = alice.post("/profile/password", {
        "current": PASSWORD, "password": NEW, "password2": NEW})
    assert answer.header("Location") == BASE + "/profile?ok=password", answer.text
    assert alice.get("/profile?ok=password").status == 200
    for jar in (here, elsewhere):
        alice.jar = dict(jar)
        assert alice.get("/profile").status == 303
    sign_in(alice, NEW)


def test_w14_signing_out_elsewhere(real, alice):
    here = dict(alice.jar)
    elsewhere = dict(sign_in(alice).jar)
    alice.jar = dict(here)
    page = alice.get("/profile")
    assert "<dt>Other sessions</dt><dd>1</dd>" in page.text
    assert alice.post("/profile/sessions", {}, page.token("/profile/sessions")).status == 303
    assert alice.get("/profile").status == 200
    alice.jar = elsewhere
    assert alice.get("/profile").status == 303


def test_w14_closing(real, alice):
    elsewhere = dict(alice.jar)
    sign_in(alice)
    assert alice.post("/profile/close", {"current": "wrong", "sure": "yes"}).status == 422
    answer = alice.post("/profile/close", {"current": PASSWORD, "sure": "yes"})
    assert answer.header("Location") == BASE + "/signin?ok=closed"
    alice.jar = elsewhere
    assert alice.get("/profile").status == 303
    assert alice.post("/signin", {"username": "alice", "password": PASSWORD}).status == 403


def test_w32_too_many_wrong_passwords(real):
    seen = [real.site.post("/signin", {"username": "alice", "password": "wrong"})
            for _ in range(7)]
    assert [answer.status for answer in seen[:5]] == [403] * 5
    assert seen[-1].status == 429 and int(seen[-1].header("Retry-After")) > 0


def test_w50_registration_is_off(real):
    assert real.site.get("/register").status == 403


def test_w70_the_service_ends(real, alice):
    token = alice.get("/profile/edit").token("/profile/edit")
    real.stop()
    answer = alice.post("/profile/edit", {"version": "1", "given_name": "Alice"}, token)
    assert answer.status == 503 and "Nothing was saved." in answer.text


def test_root_is_not_the_page(real):
    real.site.user = None
    for path in (real.site.conf, real.site.key):
        shutil.chown(path, 0)
    answer = real.site.post("/signin", {"username": "alice", "password": PASSWORD})
    assert answer.status == 403 and "__Host-pd_session" not in answer.cookies()


def test_w51_registering_opens_the_page_and_no_host(opened):
    answer = register(opened.site, "bo-ek", organization="A & B")
    assert answer.header("Location") == BASE + "/register/submitted", answer.text
    assert "Your account is ready." in opened.site.get("/register/submitted").text
    assert opened.site.post("/signin", {"username": "bo-ek", "password": NEW}).status == 303
    page = opened.site.get("/profile").text
    assert "<bdi>A &amp; B</bdi>" in page and "<dd>not allowed</dd>" in page
    reply = opened.authenticate("bo-ek", NEW)
    assert reply.verdict != "success"
    assert opened.uid("bo-ek") is None


def test_w54_names_that_are_not_available_look_the_same(opened):
    """Taken, reserved, and a local user's."""
    answers = [register(opened.site, name, email="bo@example.org")
               for name in ("alice", "postmaster", "daemon")]
    texts = set()
    for answer, name in zip(answers, ("alice", "postmaster", "daemon")):
        assert answer.status == 422 and "This user name is not available." in answer.text
        text = re.sub(r'name="csrf" value="[^"]*"', "", answer.text)
        texts.add(text.replace(f'value="{name}"', ""))
    assert len(texts) == 1


@pytest.mark.parametrize("field, value, sentence", [
    ("username", "Bo", "Use 3 to 31 of the letters"),
    ("username", "bo-", "Use 3 to 31 of the letters"),
    ("email", "bo@example", "Enter an email address like"),
    ("email", "a b@example.org", "Enter an email address like"),
    ("password", "passwordpassword", None),
    ("given_name", "B" * 65, "Enter 64 characters or fewer")])
def test_w88_what_the_service_refuses_can_be_mended(opened, field, value, sentence):
    typed = {field: value, **({"password2": value} if field == "password" else {})}
    answer = register(opened.site, "bo-ek", **typed)
    assert answer.status == 422 and f'<a href="#{field}">' in answer.text, answer.text
    assert sentence is None or sentence in answer.text
    if field != "password":
        assert answer.value(field) == value
    fields = dict({"username": "bo-ek", "given_name": "Bo", "email": "bo@example.org"},
                  password=NEW, password2=NEW)
    assert opened.site.post("/register", fields, answer.token("/register")).status == 303
