# SPDX-License-Identifier: BSD-2-Clause
"""Each web server of Debian with its snippet, the page, and a real service behind it."""
import http.client
import importlib.util
import os
import pathlib
import re
import shutil
import ssl
import tempfile

import pytest
from conftest import ROOT, TYPE, Answer, Site
from test_page_headers import FIXED
from web_servers import HOST, OTHER_USER, SERVER_USER, Web

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become other users")

# Whom the page runs as: the server, where that starts it itself.
PAGE_USERS = {"lighttpd": SERVER_USER, "nginx": OTHER_USER, "apache": SERVER_USER}
PASSWORD = "correct horse battery staple"
NEW = "another long enough sentence"
SECRET = "S3cret" * 8  # of the length that a link in a mail has
TIMEOUT_S = 60


def service_class():
    """Of tests/service/conftest.py, whose module name this folder's has."""
    spec = importlib.util.spec_from_file_location(
        "service_conftest", ROOT / "tests" / "service" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Service


class Browser(Site):
    """The same page as Site, over HTTPS."""

    def __init__(self, web, service):
        super().__init__(web.folder)
        self.web, self.service = web, service
        self.base = web.origin + "/account"
        self.settings.update(base_url=self.base, socket=service.login,
                             locale_dir=web.folder / "locale")
        self.write()
        for path in (self.conf, self.key):
            shutil.chown(path, "root", web.page_user)
            path.chmod(0o640)

    def talk(self, method, target, body=None, headers=None, port=None):
        """Any request, to the server's plain port if that is given."""
        if port is not None:
            connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_S)
        else:
            connection = http.client.HTTPSConnection(
                HOST, self.web.port, timeout=TIMEOUT_S,
                context=ssl.create_default_context(cafile=self.web.folder / "cert.pem"))
        try:
            connection.request(method, target, body, headers or {})
            reply = connection.getresponse()
            data = reply.read()
        finally:
            connection.close()
        lines = [f"Status: {reply.status}"] + [f"{k}: {v}" for k, v in reply.getheaders()]
        return Answer("\r\n".join(lines).encode() + b"\r\n\r\n" + data, "", 0)

    def run(self, method, path, body=b"", **variables):
        headers = {"Accept-Encoding": "gzip, br"}
        if self.jar:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.jar.items())
        if method == "POST":
            headers.update({"Content-Type": TYPE, "Origin": self.web.origin,
                            "Sec-Fetch-Site": "same-origin"})
        for name, value in variables.items():
            headers[name.removeprefix("HTTP_").replace("_", "-").title()] = value
        return self.talk(method, "/account" + path, body if method == "POST" else None, headers)

    def leads_to(self, answer, path):
        assert answer.status == 303, answer.text
        assert answer.header("Location") == self.base + path


@pytest.fixture(scope="module", params=sorted(PAGE_USERS))
def browser(request):
    """A new session with each test; the server, the service and its users are one for all."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pam-dynamo."))
    folder.chmod(0o755)
    (folder / "service").mkdir()
    service = service_class()(folder / "service")
    (folder / "web").mkdir()
    web = Web(request.param, folder / "web", PAGE_USERS[request.param])
    try:
        service.set("web", user=web.page_user)
        service.set("registration", mode="open",
                    reserved_names=ROOT / "conf" / "reserved-names",
                    site_reserved_names=folder / "reserved-names.d")
        service.command("init")
        service.start()
        made = Browser(web, service)
        web.start()
        yield made
    finally:
        web.close()
        service.stop()
        shutil.rmtree(folder)


@pytest.fixture
def site(browser):
    browser.jar = {}
    return browser


def sign_in(site, user, password):
    return site.post("/signin", {"username": user, "password": password})


def test_an_account_from_its_beginning(site):
    answer = site.post("/register", {"username": "alice", "given_name": "Alice <A>",
                                     "password": PASSWORD, "password2": PASSWORD})
    site.leads_to(answer, "/register/submitted")
    assert "Your account is ready" in site.get("/register/submitted").text
    assert sign_in(site, "alice", "not her long password").status == 403
    site.leads_to(sign_in(site, "alice", PASSWORD), "/profile")
    answer = site.get("/profile")
    assert answer.status == 200 and "alice" in answer.text and "Alice &lt;A&gt;" in answer.text
    first = dict(site.jar)
    answer = site.post("/profile/password", {"current": PASSWORD, "password": NEW,
                                             "password2": NEW})
    site.leads_to(answer, "/profile?ok=password")
    assert site.get("/profile").status == 200
    later, site.jar = site.jar, first
    site.leads_to(site.get("/profile"), "/signin")
    site.jar = later
    answer = site.post("/signout", {}, site.get("/profile").token("/signout"))
    site.leads_to(answer, "/signin?ok=signedout")
    site.jar = dict(later)
    site.leads_to(site.get("/profile"), "/signin")
    site.jar = {}
    assert sign_in(site, "alice", PASSWORD).status == 403
    site.leads_to(sign_in(site, "alice", NEW), "/profile")
    shown = site.service.command("show", "alice")
    assert re.search(r"(?m)^uid\b.*\d", shown) is None


@pytest.mark.parametrize("path, status", [
    ("", 303), ("/", 303), ("/signin", 200), ("/register", 200), ("/nothing", 404),
    ("/verify?t=x&t=x", 400), ("/profile", 303), ("/signin/", 404)])
def test_w20_w21_w22_headers(site, path, status):
    """As the page wrote them, each once, and not compressed."""
    answer = site.get(path)
    assert answer.status == status
    sent = {name: answer.header(name) for name in FIXED}
    sent["vary"] = sent["vary"].replace(",Accept", ", Accept")  # Apache takes the blank away
    assert sent == FIXED
    assert answer.header("Content-Encoding") is None
    assert answer.header("Content-Length") == str(len(answer.body))


def test_other_addresses_are_not_the_page(site):
    for path in ("/accounts", "/accountx/signin", "/", "/pam-dynamo.cgi", "/web.conf"):
        assert "<form" not in site.talk("GET", path).text


def test_w01_methods(site):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = site.run(method, "/signin")
        assert answer.status == 405 and answer.header("Allow") == "GET, HEAD, POST"
    assert site.get("/signout").status == 405
    answer = site.run("HEAD", "/signin")
    assert answer.status == 200 and answer.body == b""
    assert site.run("TRACE", "/signin", HTTP_X_MARK="traced").text.count("traced") == 0


def test_w02_bodies(site):
    """The page's own bound, and the server's above it."""
    token = site.get("/signin").token("/signin")
    for size in (16384, 16385):
        answer = site.post_raw("/signin", f"csrf={token}&x=".ljust(size, "x"))
        assert answer.status == (422 if size == 16384 else 413)
        assert answer.header("X-Frame-Options") == "DENY"
    answer = site.post_raw("/signin", "", HTTP_CONTENT_LENGTH="40000")
    assert answer.status == 413 and answer.header("X-Frame-Options") is None


def test_w03_content_types(site):
    assert site.post_raw("/signin", "{}", HTTP_CONTENT_TYPE="application/json").status == 415


def test_w08_nothing_of_the_query_is_a_field(site):
    token = site.get("/signin").token("/signin")
    answer = site.post_raw("/signin?username=alice", f"csrf={token}&password={PASSWORD}")
    assert answer.status == 422 and answer.value("username") == ""


def test_w10_cookies(site):
    for line in site.get("/signin").headers["set-cookie"]:
        assert re.match("__Host-pd_[a-z]+=", line) and "Domain" not in line
        assert set(line.split("; ")[1:]) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}


def test_w16_a_form_from_elsewhere(site):
    token = site.get("/signin").token("/signin")
    body = f"csrf={token}&username=alice&password={PASSWORD}"
    assert site.post_raw("/signin", body, HTTP_ORIGIN="https://evil.example").status == 403
    assert site.post_raw("/signin", body, HTTP_SEC_FETCH_SITE="cross-site").status == 403


def test_w23_forged_hosts(site):
    for forged in ({"HTTP_HOST": "evil.example"}, {"HTTP_X_FORWARDED_HOST": "evil.example"}):
        answer = site.run("GET", "/profile", **forged)
        site.leads_to(answer, "/signin")
        assert "evil.example" not in answer.text


def test_without_tls_there_is_no_page(site):
    for headers in ({}, {"X-Forwarded-Proto": "https"}):
        answer = site.talk("GET", "/account/signin", headers=headers, port=site.web.plain)
        assert answer.status == 403 and "<form" not in answer.text


def test_a_range_is_the_whole_page(site):
    answer = site.run("GET", "/help", HTTP_RANGE="bytes=0-9")
    assert answer.status == 200 and answer.text.endswith("</html>\n")


@pytest.mark.parametrize("path, sent_to", [
    ("/verify?t=" + SECRET, "/verify"), ("/reset/confirm?t=" + SECRET, "/reset/confirm"),
    ("/invite/" + SECRET, "/register")])
def test_secrets_of_links_are_not_logged(site, path, sent_to):
    """Neither with the page itself, nor as the referrer of what it loads and sends."""
    where = site.base + path
    seen = site.web.logs().count("/account/help ")
    assert site.get(path).status in (200, 410)
    site.post_raw(sent_to, "t=" + SECRET, HTTP_REFERER=where)
    site.post_raw(path, "", HTTP_CONTENT_LENGTH="40000",
                  HTTP_REFERER=where)
    for name in ("style-1.css", "none"):
        site.talk("GET", "/pam-dynamo-static/" + name, headers={"Referer": where})
    site.get("/help?t=" + SECRET, HTTP_REFERER=where)
    site.web.wait(lambda: site.web.logs().count("/account/help ") > seen, "a line in the log")
    assert SECRET not in site.web.said()
    assert site.web.logs().count("/account" + sent_to) > 0


def test_static_files(site):
    for name, kind in (("style-1.css", "text/css; charset=utf-8"),
                       ("app-1.js", "text/javascript; charset=utf-8"),
                       ("icon.svg", "image/svg+xml")):
        answer = site.talk("GET", "/pam-dynamo-static/" + name)
        assert answer.body == (ROOT / "web" / "static" / name).read_bytes()
        assert {key: answer.header(key) for key in (
            "Content-Type", "Cache-Control", "Cross-Origin-Resource-Policy",
            "X-Content-Type-Options")} == {
                "Content-Type": kind, "Cache-Control": "public, max-age=3600",
                "Cross-Origin-Resource-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff"}
    for path in ("", "none", "../lib/pam-dynamo.cgi", "..%2fcert.key"):
        assert site.talk("GET", "/pam-dynamo-static/" + path).status in (400, 403, 404)


def test_w73_what_the_page_is_started_with(site):
    """A program in the page's place shows it."""
    program, kept = site.web.program, site.web.program.with_suffix(".kept")
    os.rename(program, kept)
    try:
        program.write_text("#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\nid -un\nenv\n")
        program.chmod(0o755)
        text = site.run("GET", "/a%20b/c?d=e", HTTP_PROXY="http://127.0.0.1:1",
                        HTTP_LD_PRELOAD="/x.so", HTTP_X_FORWARDED_FOR="203.0.113.9").text
    finally:
        os.rename(kept, program)
    user, _, rest = text.partition("\n")
    shown = dict(line.partition("=")[::2] for line in rest.splitlines())
    assert user == site.web.page_user
    assert not shown.get("HTTP_PROXY")
    assert "LD_PRELOAD" not in shown
    # The others compress nothing here; lighttpd has no setting for that, and is not asked to.
    assert "HTTP_ACCEPT_ENCODING" not in shown or site.web.kind != "lighttpd"
    assert {name: shown[name] for name in (
        "REMOTE_ADDR", "HTTPS", "PATH_INFO", "SCRIPT_NAME", "QUERY_STRING", "REQUEST_METHOD")} == {
            "REMOTE_ADDR": HOST, "HTTPS": "on", "PATH_INFO": "/a b/c", "SCRIPT_NAME": "/account",
            "QUERY_STRING": "d=e", "REQUEST_METHOD": "GET"}


def test_w70_an_outage(site):
    page = site.get("/signin")
    site.service.stop()
    try:
        answer = site.post("/signin", {"username": "alice", "password": PASSWORD},
                           page.token("/signin"))
        assert answer.status == 503 and answer.header("Retry-After") == "30"
        assert answer.value("username") == "alice" and PASSWORD not in answer.text
    finally:
        site.service.start()
