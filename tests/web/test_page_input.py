# SPDX-License-Identifier: BSD-2-Clause
"""Requests that are refused, and what is written back: methods, lengths, types, pairs, escaping."""
import re
import subprocess

import frames
import pytest
import web_double as service_names
from conftest import BUILD, ROOT, TYPE
from page_forms import GET_PAGES, SCRIPT


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", ""])
def test_w01_methods(site, method):
    answer = site.run(method, "/signin")
    assert answer.status == 405
    assert answer.header("Allow") == "GET, HEAD, POST"


def test_w01_methods_of_a_route(signed_in):
    assert signed_in.get("/signout").header("Allow") == "POST"
    answer = signed_in.post_raw("/help", "")
    assert (answer.status, answer.header("Allow")) == (405, "GET, HEAD")


@pytest.mark.parametrize("length, status", [
    (None, 411), ("", 411), ("-1", 413), (" 5", 413), ("5x", 413), ("+5", 413), ("0x5", 413),
    ("16385", 413), ("18446744073709551616", 413), ("99999999999999999999", 413), ("100", 400)])
def test_w02_lengths(site, length, status):
    assert site.post_raw("/signin", b"a=b&c", CONTENT_LENGTH=length).status == status


def test_w02_the_longest_body_is_read(site, service):
    site.get("/signin")
    assert site.post_raw("/signin", b"x=" + b"a" * 16382).status == 403  # no token


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x",
                                  "text/plain", None, "", TYPE + "x", TYPE + "; charset=latin1",
                                  TYPE + "; boundary=x"])
def test_w03_other_types(site, kind):
    assert site.post_raw("/signin", b"a=b", CONTENT_TYPE=kind).status == 415


@pytest.mark.parametrize("kind", [TYPE, TYPE + "; charset=utf-8", TYPE.upper() + ";charset=UTF-8"])
def test_w03_our_type(site, kind):
    assert site.post_raw("/signin", b"a=b", CONTENT_TYPE=kind).status == 403


@pytest.mark.parametrize("body", [
    "username=a&username=b", "username=%00", "username=a%4", "username=%zz", "username=%",
    "username=a%0d%0ab", "username=%1b[0m", "username=%7f", "username=%c2%80", "username=%c0%af",
    "username=%ed%a0%80", "username=%f4%90%80%80", "username=%ff", "username=\xff",
    "username=" + "a" * 1017, "&".join(f"x{i}=1" for i in range(33)), "a%00=1"])
def test_w04_bodies(site, service, body):
    site.get("/signin")
    answer = site.post_raw("/signin", body.encode("latin1"))
    assert answer.status == 400
    assert not service.asked


@pytest.mark.parametrize("query", ["t=a&t=b", "t=%00", "t=%z", "t=" + "a" * 300])
def test_w04_queries(site, service, query):
    assert site.get("/verify?" + query).status == 400
    assert not service.asked


def test_w05_long_input_ends(site, service):
    site.get("/signin")
    for body in ("&" * 16384, "=" * 16384, "%" * 16384, "+" * 16384):
        assert site.post_raw("/signin", body).status in (400, 403)
    assert site.get("/signin", HTTP_COOKIE=";" * 60000).status == 200
    assert site.get("/signin", HTTP_ACCEPT_LANGUAGE=",;q=" * 15000).status == 200


def test_w06_what_was_typed_is_escaped(site, service):
    fields = dict.fromkeys(("username", "given_name", "family_name", "email", "organization",
                            "reason"), SCRIPT)
    answer = site.post("/register", fields)
    assert answer.status == 422
    assert "<script>alert" not in answer.text
    assert answer.text.count("&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;") == 6


def test_w06_what_the_service_says_is_escaped(signed_in, service):
    profile = service.answers[service_names.PROFILE_GET]
    profile.update({service_names.T_PAIRS: service_names.pairs({"given_name": SCRIPT}),
                    service_names.T_EMAIL: SCRIPT, service_names.T_HOSTS: SCRIPT,
                    service_names.T_STATE: SCRIPT[:30], service_names.T_PENDING: SCRIPT,
                    service_names.T_LAST: "1763800000 " + SCRIPT})
    service.answers[service_names.SESSION_CHECK][frames.USER] = SCRIPT
    for path in ("/profile", "/profile/edit", "/profile/password"):
        answer = signed_in.get(path)
        assert answer.status == 200
        assert "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text


def test_w06_only_the_template_writer_writes_literals():
    for path in sorted((ROOT / "web").glob("*.c")):
        if path.name not in ("html.c", "template.c"):
            assert "html_literal" not in path.read_text(), path.name


def test_w07_no_header_from_a_request(site, service):
    evil = "x\r\nSet-Cookie: a=b"
    answer = site.get("/signin?ok=" + "a%0d%0aX:y", HTTP_HOST=evil, HTTP_USER_AGENT=evil,
                      HTTP_COOKIE="__Host-pd_lang=" + evil, HTTP_ACCEPT_LANGUAGE=evil)
    assert b"a=b" not in answer.raw and b"X:y" not in answer.raw


def test_w08_the_query_is_not_the_body(site, service):
    token = site.get("/signin").token("/signin")
    answer = site.post_raw("/signin", f"csrf={token}&password=p", QUERY_STRING="username=ann")
    assert answer.status == 422
    assert "Enter your user name" in answer.text
    assert not service.changes()


def test_w08_cookies_are_not_the_body(site, service):
    site.jar["username"] = "ann"
    answer = site.post("/signin", {"password": "p"})
    assert answer.status == 422 and "Enter your user name" in answer.text


@pytest.mark.parametrize("path", GET_PAGES + ["/nothing"])
def test_w09_length_and_head(signed_in, path):
    answer = signed_in.get(path)
    assert int(answer.header("Content-Length")) == len(answer.body)
    head = signed_in.run("HEAD", path.partition("?")[0],
                         QUERY_STRING=path.partition("?")[2])
    assert head.body == b"" and head.status == answer.status
    assert head.header("Content-Length") == answer.header("Content-Length")


def test_w09_no_memory(site, service):
    """Under every limit of the address space the answer is whole, or the process never began."""
    script = ('ulimit -v "$1" && exec "$2"')
    wrong = []
    for limit in range(4000, 9000, 250):
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", str(limit), BUILD / "pam-dynamo.cgi"],
            capture_output=True, timeout=60, check=False, input=b"",
            env={"PAM_DYNAMO_WEB_CONF": str(site.conf), "REQUEST_METHOD": "GET", "HTTPS": "on",
                 "PATH_INFO": "/register", "REMOTE_ADDR": "192.0.2.1"})
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if done.stdout and (length is None or int(length.group(1)) != len(body)):
            wrong.append(limit)
    assert not wrong
