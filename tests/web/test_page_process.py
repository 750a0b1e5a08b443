# SPDX-License-Identifier: BSD-2-Clause
"""Outages, logs, the environment, and files that decide over security."""
import os
import re

import frames
import pytest
import web_double as service_names
from conftest import ROOT
from page_forms import FORMS, GOOD, good


@pytest.mark.parametrize("path", sorted(FORMS))
def test_w70_an_outage_keeps_the_form(signed_in, service, path):
    page = signed_in.get(path)
    for operation in range(16, 32):
        if operation not in service_names.READING:
            service.answers[operation] = {service_names.T_RESULT: service_names.UNAVAILABLE}
    answer = signed_in.post(path, good(path), page.token(path.partition("?")[0]))
    assert answer.status == 503 and "Nothing was saved." in answer.text
    assert GOOD["password"] not in answer.text and GOOD["current"] not in answer.text
    for name in ("given_name", "email"):
        if name in FORMS[path]:
            assert answer.value(name) == GOOD[name]
    assert '"event":"backend_error"' in answer.log


@pytest.mark.parametrize("reply", [
    b"", b"\0\0", b"\xff\xff\xff\xff", frames.build(frames.REPLY, {}),
    frames.build(frames.REPLY, {service_names.T_RESULT: b"\x0c"}),
    frames.build(frames.REPLY, {service_names.T_RESULT: b"\1\1"}),
    frames.build(frames.PING, {service_names.T_RESULT: b"\1"}),
    frames.build(frames.REPLY, {service_names.T_RESULT: b"\1"}, version=2),
    frames.build(frames.REPLY, {service_names.T_RESULT: b"\1"}),  # a session is missing
    frames.build(frames.REPLY, {service_names.T_RESULT: b"\1", service_names.T_SESSION: b"x"}),
])
def test_w70_a_reply_that_is_none(site, service, reply):
    token = site.get("/signin").token("/signin")
    service.answers[service_names.SIGN_IN] = reply
    answer = site.post("/signin", good("/signin"), token)
    assert answer.status in (500, 503)
    assert "__Host-pd_session" not in answer.cookies()


def test_w70_nothing_typed_is_lost_without_the_service(site, service):
    typed = dict(good("/register"), organization="A & B", reason="two\r\nlines", own="x")
    token = site.get("/register").token("/register")
    service.answers.clear()
    service.answers.update({operation: b"" for operation in range(16, 32)})
    answer = site.post("/register", typed, token)
    assert answer.status == 503 and "Nothing was saved." in answer.text
    assert answer.value("username") == typed["username"]
    assert answer.value("email") == typed["email"]
    for kept in ("A &amp; B</textarea>", "two\r\nlines</textarea>", ">\nx</textarea>",
                 "Why do you need an account?"):
        assert kept in answer.text
    assert GOOD["password"] not in answer.text


def test_w70_no_service(site):
    assert site.get("/signin").status == 200
    answer = site.post("/signin", good("/signin"))
    assert answer.status == 503 and answer.header("Retry-After") == "30"
    assert site.get("/register").status == 503


def test_w72_log_lines_cannot_be_forged(site, service):
    lines = site.post_raw("/signin", b"a=b", HTTP_ORIGIN="x\n{\"event\":\"y\"}",
                          HTTP_USER_AGENT='","x":"\x1b[31m', REMOTE_ADDR="1\n2").log.splitlines()
    assert len(lines) == 1 and lines[0].count('"event"') == 1


def test_w73_headers_that_only_look_like_settings(site, service):
    answer = site.get("/signin", HTTP_PROXY="http://127.0.0.1:1", HTTP_X_FORWARDED_FOR="203.0.113.9",
                      HTTP_X_FORWARDED_PROTO="http", HTTP_PAM_DYNAMO_WEB_CONF="/nowhere",
                      HTTP_AWS_ACCESS_KEY_ID="x", HTTP_LD_PRELOAD="/x.so")
    assert answer.status == 200
    site.post("/signin", good("/signin"), HTTP_X_FORWARDED_FOR="203.0.113.9",
              HTTP_X_REAL_IP="203.0.113.9")
    assert service.last(service_names.SIGN_IN)[service_names.T_NETWORK] == b"192.0.2.1"


@pytest.mark.parametrize("peer, forwarded, network", [
    ("192.0.2.1", "203.0.113.9", b"203.0.113.9"),
    ("192.0.2.1", "198.51.100.1, 203.0.113.9", b"203.0.113.9"),
    ("192.0.2.1", "203.0.113.9, 192.0.2.7", b"203.0.113.9"),
    ("192.0.2.1", "203.0.113.9, nonsense", b"192.0.2.1"),
    ("192.0.2.1", "", b"192.0.2.1"),
    ("192.0.3.1", "203.0.113.9", b"192.0.3.1"),
    ("::ffff:192.0.2.1", "2001:db8::1", b"2001:db8::1")])
def test_w73_a_proxy_that_is_trusted(site, service, peer, forwarded, network):
    site.settings.update(trusted_proxies="192.0.2.0/24", forwarded_header="X-Forwarded-For")
    site.write()
    site.post("/signin", good("/signin"), REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert service.last(service_names.SIGN_IN)[service_names.T_NETWORK] == network


def test_https_is_needed(site, service):
    assert site.get("/signin", HTTPS=None).status == 403
    assert site.get("/signin", HTTPS=None, HTTP_X_FORWARDED_PROTO="https").status == 403
    site.settings["trusted_proxies"] = "192.0.2.1"
    site.write()
    assert site.get("/signin", HTTPS=None, HTTP_X_FORWARDED_PROTO="https").status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give files away")
@pytest.mark.parametrize("which", ["conf", "key"])
@pytest.mark.parametrize("mode, owner, good_file", [
    (0o600, 0, True), (0o640, 0, True), (0o644, 0, False), (0o660, 0, False), (0o606, 0, False),
    (0o600, 65534, False)])
def test_w75_files_that_others_can_touch(site, service, which, mode, owner, good_file):
    path = getattr(site, which)
    path.chmod(mode)
    os.chown(path, owner, -1)
    answer = site.get("/signin")
    assert answer.status == (200 if good_file else 503)
    if not good_file:
        assert '"event":"config_error"' in answer.log and str(path) in answer.log
        assert str(path) not in answer.text


def test_w75_a_link_is_not_followed(site, service):
    moved = site.conf.rename(site.folder / "real.conf")
    site.conf.symlink_to(moved)
    assert site.get("/signin").status == 503


@pytest.mark.parametrize("line", ["colour = red", "brand = twice", "nonsense", "socket = relative",
                                  "session_samesite = none", "trusted_proxies = everybody",
                                  "static_path = /x\"y", "terms_url = javascript:alert(1)"])
def test_w75_settings_are_strict(site, service, line):
    with site.conf.open("a") as conf:
        conf.write(line + "\n")
    answer = site.get("/signin")
    assert answer.status == 503
    assert "web.conf:7: " in answer.log


@pytest.mark.parametrize("url, good_url", [
    ("https://login.example.org", True), ("https://login.example.org/", True),
    ("http://localhost:8080/a", True), ("http://127.0.0.1", True),
    ("http://login.example.org", False), ("http://localhost.evil.example", False),
    ("ftp://x", False), ("https://", False), ("https://x/a/", False), ("https://x/?y", False)])
def test_w75_base_url(site, service, url, good_url):
    site.settings["base_url"] = url
    site.write()
    assert (site.get("/signin").status == 200) == good_url


def test_every_setting_is_documented():
    keys = re.findall(r'^    \{"([a-z_]+)",', (ROOT / "web/web_conf.c").read_text(), re.M)
    manual = re.findall(r"^\.It Cm ([a-z_]+)$", (ROOT / "conf/web.conf.5").read_text(), re.M)
    example = re.findall(r"^#?([a-z_]+) = ", (ROOT / "conf/web.conf").read_text(), re.M)
    assert len(keys) == 11
    assert sorted(keys) == sorted(manual)
    assert set(keys) - set(example) == {"socket", "locale_dir"} - set(example)


def test_the_example_is_good(site, service):
    example = (ROOT / "conf/web.conf").read_text()
    settings = re.sub(r"^#([a-z_]+ = )", r"\1", example, flags=re.M)
    settings = re.sub(r"^(key_file|socket) = .*$", "", settings, flags=re.M)
    site.conf.write_text(settings + f"key_file = {site.key}\nsocket = {site.socket}\n")
    answer = site.get("/register")
    assert answer.status == 200 and 'href="https://www.example.org/terms"' in answer.text
