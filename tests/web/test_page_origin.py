# SPDX-License-Identifier: BSD-2-Clause
"""Cookies, sessions, and where a POST may come from."""
import pytest
import web_double as service_names
from conftest import BASE, ORIGIN, SESSION_COOKIE
from page_forms import FORMS, GET_PAGES, GOOD, POST_PAGES, good


def test_w10_cookies(site, service):
    site.get("/signin")
    answer = site.post("/signin", good("/signin"))
    lines = answer.headers["set-cookie"]
    assert len(lines) == 2
    for line in lines:
        name, *attributes = line.split("; ")
        assert name.startswith("__Host-pd_") and len(line) <= 4096
        assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]
    assert answer.cookies()["__Host-pd_session"] == SESSION_COOKIE


def test_w10_the_session_may_be_lax(site, service):
    site.settings["session_samesite"] = "lax"
    site.write()
    lines = site.post("/signin", good("/signin")).headers["set-cookie"]
    assert sorted("SameSite=Lax" in line for line in lines) == [False, True]


def test_w10_a_repeated_cookie_counts_as_none(signed_in):
    cookie = f"__Host-pd_session={SESSION_COOKIE}"
    assert signed_in.get("/profile", HTTP_COOKIE=cookie).status == 200
    assert signed_in.get("/profile", HTTP_COOKIE=f"{cookie}; {cookie}").status == 303
    assert signed_in.get("/profile", HTTP_COOKIE=cookie.replace("_session", "_sessiom")).status \
        == 303
    assert signed_in.get("/profile", HTTP_COOKIE=cookie[:-1]).status == 303


def test_w13_signing_out(signed_in, service):
    token = signed_in.get("/profile").token("/signout")
    answer = signed_in.post("/signout", {}, token)
    assert answer.header("Location") == BASE + "/signin?ok=signedout"
    assert answer.cookies()["__Host-pd_session"] == ""
    assert service.last(service_names.SESSION_END)[service_names.T_SESSION] == \
        service_names.SESSION


def test_w13_nobody_is_told_of_a_sign_out_that_did_not_happen(signed_in, service):
    token = signed_in.get("/profile").token("/signout")
    service.answers[service_names.SESSION_END] = {
        service_names.T_RESULT: service_names.UNAVAILABLE}
    answer = signed_in.post("/signout", {}, token)
    assert answer.status == 503 and "__Host-pd_session" not in answer.cookies()


@pytest.mark.parametrize("path", sorted(FORMS))
def test_w15_csrf_matrix(signed_in, service, path):
    fields = good(path)
    plain = path.partition("?")[0]
    token = signed_in.get(path).token(plain)
    other = signed_in.get("/signin" if plain != "/signin" else "/reset").token()
    jar = dict(signed_in.jar)

    def refused(jar_now, token_now):
        signed_in.jar = dict(jar_now)
        service.asked.clear()
        answer = signed_in.post(plain, fields, token_now)
        assert answer.status in (403, 303)
        if answer.status == 303:  # without the session there is nothing to refuse
            assert answer.header("Location") == BASE + "/signin"
        assert not service.changes()
        assert GOOD["password"] not in answer.text and GOOD["current"] not in answer.text
        return answer

    assert "expired" in refused(jar, "x").text
    refused(jar, other)
    refused(jar, token[:-1] + ("A" if token[-1] != "A" else "B"))
    refused(dict(jar, **{"__Host-pd_form": "A" * 22}), token)
    service.sessions.add(bytes(32))
    refused(dict(jar, **{"__Host-pd_session": "A" * 43}), token)
    missing = refused({k: v for k, v in jar.items() if k != "__Host-pd_form"}, token)
    assert "cookie that this site needs" in missing.text
    signed_in.jar = dict(jar)
    assert signed_in.post(plain, fields, token).status == 303
    assert service.changes()


def test_w15_the_fresh_copy_of_the_form_works(site, service):
    site.get("/signin")
    answer = site.post("/signin", good("/signin"), "old")
    assert answer.status == 403 and answer.value("username") == "ann"
    assert site.post("/signin", good("/signin"), answer.token("/signin")).status == 303


def test_w15_two_keys_while_one_is_replaced(site, service):
    token = site.get("/signin").token("/signin")
    old = site.key.read_text()
    site.key.write_text("two " + "a7" * 32 + "\n" + old)
    assert site.post("/signin", good("/signin"), token).status == 303
    site.jar.pop("__Host-pd_session")
    token = site.get("/signin").token("/signin")
    site.key.write_text(old)
    assert site.post("/signin", good("/signin"), token).status == 403


@pytest.mark.parametrize("origin, fetch_site", [
    ("https://evil.example", "same-origin"), ("null", "same-origin"), (ORIGIN, "cross-site"),
    (ORIGIN, "same-site"), (ORIGIN, "none"), (None, "cross-site"), ("null", None), (None, None),
    (ORIGIN + ":443", None), (ORIGIN + "/", None), ("http://login.example.org", None)])
@pytest.mark.parametrize("path", ["/signin", "/signout", "/lang"])
def test_w16_origins(signed_in, service, origin, fetch_site, path):
    page = {"/signin": "/signin", "/signout": "/profile", "/lang": "/help"}[path]
    token = signed_in.get(page).token(path)
    service.asked.clear()
    answer = signed_in.post(path, good("/signin"), token, HTTP_ORIGIN=origin,
                            HTTP_SEC_FETCH_SITE=fetch_site)
    assert answer.status == 403
    assert not service.asked


@pytest.mark.parametrize("origin, fetch_site", [(ORIGIN, None), (None, "same-origin")])
def test_w16_one_header_is_enough(site, service, origin, fetch_site):
    token = site.get("/signin").token("/signin")
    assert site.post("/signin", good("/signin"), token, HTTP_ORIGIN=origin,
                     HTTP_SEC_FETCH_SITE=fetch_site).status == 303


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_w17_reading_changes_nothing(signed_in, service, method):
    for path in GET_PAGES + POST_PAGES:
        signed_in.run(method, path.partition("?")[0], QUERY_STRING=path.partition("?")[2])
    assert service.asked and not service.changes()
