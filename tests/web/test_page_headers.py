# SPDX-License-Identifier: BSD-2-Clause
"""Headers of every answer, and where redirects lead."""
import pytest
import web_double as service_names
from conftest import BASE
from page_forms import FORMS, GET_PAGES, good


FIXED = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "vary": "Cookie, Accept-Language",
    "strict-transport-security": "max-age=31536000",
    "content-security-policy":
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
}


def every_answer(site, service):
    for path in GET_PAGES + ["/nothing", "/signin/", "/verify?t=%"]:
        yield site.get(path)
    for path in sorted(FORMS):
        for result in range(12):
            operations = [operation for operation in range(16, 32)
                          if operation not in service_names.READING]
            kept = dict(service.answers)
            service.answers.update({operation: {service_names.T_RESULT: result,
                                                service_names.T_RETRY_S: 61}
                                    for operation in operations})
            token = site.get(path).token(path.partition("?")[0])
            jar = dict(site.jar)
            yield site.post(path, good(path), token)
            site.jar = jar
            service.answers = kept
    yield site.run("PUT", "/")
    yield site.post_raw("/signin", "", CONTENT_LENGTH=None)
    yield site.post_raw("/signin", "", CONTENT_LENGTH="x")
    yield site.post_raw("/signin", "", CONTENT_TYPE="text/plain")
    yield site.post_raw("/signin", "", HTTP_ORIGIN="null")
    yield site.get("/signin", HTTPS=None)


def test_w20_w21_w22_headers_of_every_answer(signed_in, service):
    seen = set()
    for answer in every_answer(signed_in, service):
        seen.add(answer.status)
        assert {name: answer.header(name) for name in FIXED} == FIXED
        assert answer.raw.count(b"unsafe-") == 0
        assert int(answer.header("Content-Length")) == len(answer.body)
        if answer.status in (429, 503):
            assert answer.header("Retry-After")
    assert seen == {200, 303, 400, 403, 404, 405, 409, 410, 411, 413, 415, 422, 429, 503}


@pytest.mark.parametrize("result", range(12))
def test_w20_results_while_reading(signed_in, service, result):
    for operation in (service_names.INFO, service_names.PROFILE_GET, service_names.TOKEN_CHECK,
                      service_names.SESSION_CHECK):
        kept = service.answers[operation]
        service.answers[operation] = {service_names.T_RESULT: result}
        for path in GET_PAGES:
            answer = signed_in.get(path)
            assert answer.status in (200, 303, 403, 409, 410, 422, 429, 503), (operation, path)
            assert int(answer.header("Content-Length")) == len(answer.body)
        service.answers[operation] = kept
        signed_in.sign_in()


def test_w23_redirects(signed_in, service):
    forged = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example",
              "SERVER_NAME": "evil.example", "REQUEST_URI": "https://evil.example/",
              "HTTP_X_FORWARDED_PROTO": "http", "SCRIPT_NAME": "/evil"}
    locations = set()
    for path in ("/", "/profile"):
        locations.add(signed_in.run("GET", path, HTTP_COOKIE="", **forged).header("Location"))
    for path in sorted(FORMS):
        token = signed_in.get(path).token(path.partition("?")[0])
        jar = dict(signed_in.jar)
        answer = signed_in.post(path, good(path), token, **forged)
        assert answer.status == 303
        locations.add(answer.header("Location"))
        signed_in.jar = jar
    assert locations == {BASE + path for path in (
        "/signin", "/profile", "/register/submitted", "/profile?ok=profile",
        "/profile?ok=password", "/profile?ok=email", "/signin?ok=closed", "/reset/sent",
        "/profile?ok=verified", "/signin?ok=reset")}
    assert "evil" not in signed_in.get("/signin", **forged).raw.decode()


def test_w23_no_redirect_to_a_slash(site):
    assert site.get("/signin/").status == 404
    assert site.get("/", HTTP_COOKIE="").header("Location") == BASE + "/signin"
