# SPDX-License-Identifier: BSD-2-Clause
"""The page as a web server runs it: the program itself, with CGI variables and a body."""
import base64
import html
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / os.environ.get("PAM_DYNAMO_BUILD", "build")
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import web_double  # noqa: E402

TYPE = "application/x-www-form-urlencoded"
ORIGIN = "https://login.example.org"
BASE = ORIGIN + "/account"
SESSION_COOKIE = base64.urlsafe_b64encode(web_double.SESSION).decode().rstrip("=")


class Answer:
    """What the program wrote, taken apart; `headers` keeps repeated names in lists."""

    def __init__(self, raw, log, status):
        self.raw, self.log, self.exit = raw, log, status
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.headers = {}
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            self.headers.setdefault(name.lower(), []).append(value)
        self.status = int(self.headers["status"][0].split()[0])
        self.text = self.body.decode()

    def header(self, name):
        values = self.headers.get(name.lower(), [])
        assert len(values) <= 1, (name, values)
        return values[0] if values else None

    def cookies(self):
        found = {}
        for line in self.headers.get("set-cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            found[name] = value
        return found

    @property
    def title(self):
        return html.unescape(re.search(r"<title>(.*?)</title>", self.text, re.S).group(1))

    def token(self, action=""):
        """The token of the form that is sent to this address."""
        pattern = rf'<form [^>]*action="[^"]*{re.escape(action)}"[^>]*>\s*<input type="hidden" ' \
                  r'name="csrf" value="([^"]+)"'
        return re.search(pattern, self.text).group(1)

    def value(self, name):
        found = re.search(rf'<input id="{name}"[^>]* value="([^"]*)"', self.text)
        return html.unescape(found.group(1)) if found else None


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "login.sock"
        self.conf = folder / "web.conf"
        self.key = folder / "web.key"
        self.settings = {"base_url": BASE, "brand": "Example Login", "socket": self.socket,
                         "key_file": self.key, "contact": "help@example.org",
                         "locale_dir": BUILD / "locale"}
        self.key.write_text("one " + "5a" * 32 + "\n")
        self.key.chmod(0o600)
        self.write()
        self.jar = {}
        self.program = BUILD / "pam-dynamo.cgi"
        self.user = None  # whose process it is; None: ours

    def write(self):
        self.conf.write_text("".join(f"{key} = {value}\n" for key, value in self.settings.items()))
        self.conf.chmod(0o600)

    def run(self, method, path, body=b"", **variables):
        """variables are CGI variables; None takes one away."""
        target, _, query = path.partition("?")
        environment = {
            "PAM_DYNAMO_WEB_CONF": str(self.conf), "GATEWAY_INTERFACE": "CGI/1.1",
            "REQUEST_METHOD": method, "PATH_INFO": target, "QUERY_STRING": query, "HTTPS": "on",
            "REMOTE_ADDR": "192.0.2.1", "SERVER_NAME": "elsewhere.example",
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
        }
        if self.jar:
            environment["HTTP_COOKIE"] = "; ".join(f"{k}={v}" for k, v in self.jar.items())
        if method == "POST":
            environment.update(CONTENT_TYPE=TYPE, CONTENT_LENGTH=str(len(body)),
                               HTTP_ORIGIN=ORIGIN, HTTP_SEC_FETCH_SITE="same-origin")
        environment.update(variables)
        done = subprocess.run([self.program], input=body, capture_output=True, timeout=60,
                              check=False, user=self.user,
                              env={k: v for k, v in environment.items() if v is not None})
        answer = Answer(done.stdout, done.stderr.decode(), done.returncode)
        assert done.returncode == 0, answer.log
        return answer

    def get(self, path, **variables):
        answer = self.run("GET", path, **variables)
        self.keep(answer)
        return answer

    def keep(self, answer):
        for name, value in answer.cookies().items():
            self.jar.pop(name, None)
            if value:
                self.jar[name] = value

    def post_raw(self, path, body, **variables):
        return self.run("POST", path, body if isinstance(body, bytes) else body.encode(),
                        **variables)

    def post(self, path, fields, token=None, **variables):
        """As a browser does after it was shown the page `path`."""
        if token is None:
            token = self.get(path).token(path.partition("?")[0])
        answer = self.post_raw(path.partition("?")[0], urllib.parse.urlencode(
            list(dict(fields, csrf=token).items())), **variables)
        self.keep(answer)
        return answer

    def sign_in(self):
        self.jar["__Host-pd_session"] = SESSION_COOKIE
        self.get("/profile")


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


@pytest.fixture
def service(site):
    double = web_double.Double(site.socket)
    yield double
    double.close()


@pytest.fixture
def signed_in(site, service):
    site.sign_in()
    service.asked.clear()
    return site
