# SPDX-License-Identifier: BSD-2-Clause
"""The self-service page on a machine.Machine, behind Debian's lighttpd on loopback, and a browser
made of curl.

    with PageServer(host) as page:
        page.configure()
        page.start()
        browser = Browser(folder, page.url)
        browser.submit("/signin", username="alice", password=PASSWORD)
"""
import html
import pathlib
import pwd
import re
import secrets
import shutil
import urllib.parse

import machine
import servers

USER = "pam-dynamo-web"
CONF = pathlib.Path("/etc/pam-dynamo/web.conf")
KEY = pathlib.Path("/etc/pam-dynamo/web.key")
# What pam_dynamo.conf has to say for a page where people ask for an account.
SETTINGS = {"web": {"user": USER}, "registration": {"mode": "approval"}}

LIGHTTPD = """\
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{folder}"
server.username = "{user}"
server.groupname = "{user}"
include "{root}/conf/lighttpd/pam-dynamo.conf"
"""


class PageServer:
    """close() ends lighttpd by its pid; the files stay for the machine to lose."""

    def __init__(self, host):
        self.host = host
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}/account"
        self.server = None
        self.log = host.tmp / "lighttpd.log"

    def configure(self):
        """A user, a key and the page's own configuration, as the package makes them."""
        try:
            pwd.getpwnam(USER)
        except KeyError:
            machine.run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir",
                        "/nonexistent", "--shell", "/usr/sbin/nologin", USER, check=True)
        self.write(CONF, f"base_url = {self.url}\nbrand = Example Login\n"
                         "contact = help@example.org\n")
        self.write(KEY, f"one {secrets.token_hex(32)}\n")

    @staticmethod
    def write(path, text):
        path.touch(mode=0o600)
        path.write_text(text)
        shutil.chown(path, "root", USER)
        path.chmod(0o640)

    def start(self):
        config = self.host.tmp / "lighttpd.conf"
        config.write_text(LIGHTTPD.format(port=self.port, folder=self.host.tmp, user=USER,
                                          root=machine.ROOT))
        self.server = machine.daemon(self.log, "/usr/sbin/lighttpd", "-D", "-f", config,
                                     ready=lambda: machine.accepts(self.port))
        self.server.__enter__()

    def close(self):
        if self.server is not None:
            self.server.__exit__(None, None, None)
            self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Answer:
    """One page: status, location, text."""

    def __init__(self, raw):
        head, _, self.text = raw.partition("\n\n")
        self.status = int(head.split()[1]) if head.startswith("HTTP/") else 0
        found = re.search(r"^location: (\S+)$", head, re.IGNORECASE | re.MULTILINE)
        self.location = found.group(1) if found else None

    @property
    def words(self):
        """The text that is read, without marks."""
        shown = re.sub(r"<[^>]*>", " ", self.text.partition("<main")[2].partition("</main>")[0])
        return " ".join(html.unescape(shown).split()).removeprefix('id="main" tabindex="-1"> ')

    def hidden(self, path):
        """What a browser sends of itself with the form for this path."""
        form = re.search(rf'<form [^>]*action="[^"]*{re.escape(path)}"[^>]*>(.*?)</form>',
                         self.text, re.DOTALL)
        if form is None:
            raise RuntimeError(f"no form for {path}: {self.status} {self.words}")
        return {html.unescape(name): html.unescape(value) for name, value in re.findall(
            r'<input type="hidden"[^>]*? name="([^"]*)" value="([^"]*)"', form.group(1))}


class Browser:
    """Cookies in a jar, tokens out of the forms, and the headers with which a browser says from
    where a form was sent. What is typed goes through standard input, never into arguments."""

    def __init__(self, folder, url):
        self.jar = pathlib.Path(folder) / f"cookies.{secrets.token_hex(4)}"
        self.url = url
        self.origin = url.rpartition("/")[0]

    def curl(self, path, *words, stdin=""):
        result = machine.run("curl", "--disable", "--silent", "--show-error", "--noproxy", "*",
                             "--max-time", "50", "--include", "--cookie", self.jar, "--cookie-jar",
                             self.jar, *words, self.url + path, stdin=stdin)
        return Answer(result.stdout.replace("\r\n", "\n"))

    def get(self, path):
        return self.curl(path)

    def submit(self, path, page=None, **fields):
        """Shows the page with the form, fills it in and sends it."""
        sent = self.get(page or path).hidden(path)
        sent.update(fields)
        return self.curl(path, "--header", f"Origin: {self.origin}", "--header",
                         "Sec-Fetch-Site: same-origin", "--data", "@-",
                         stdin=urllib.parse.urlencode(sent))

    def register(self, name, password, given_name, **more):
        return self.submit("/register", username=name, password=password, password2=password,
                           given_name=given_name, **more)

    def sign_in(self, name, password):
        return self.submit("/signin", username=name, password=password)
