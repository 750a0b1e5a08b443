# SPDX-License-Identifier: BSD-2-Clause
"""The page behind lighttpd on loopback, with a real pam-dynamod over the embedded store."""
import importlib.util
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import servers  # noqa: E402

LINK = re.compile(r"https?://\S+\?t=[A-Za-z0-9_-]+")
SERVER = """\
server.port = {port}
server.bind = "127.0.0.1"
server.document-root = "{folder}/empty"
server.errorlog = "{folder}/lighttpd.log"
server.modules = ("mod_alias", "mod_cgi", "mod_setenv")
alias.url = ("/account" => "{folder}/pam-dynamo.cgi", "/pam-dynamo-static/" => "{folder}/static/",
    "/other/" => "{folder}/other/")
mimetype.assign = (".css" => "text/css", ".js" => "text/javascript", ".svg" => "image/svg+xml",
    ".html" => "text/html")
$HTTP["url"] =~ "^/account(/|$)" {{
    cgi.assign = ("pam-dynamo.cgi" => "")
    setenv.add-environment = ("PAM_DYNAMO_WEB_CONF" => "{folder}/web.conf")
}}
$HTTP["url"] =~ "^/pam-dynamo-static/" {{
    setenv.add-response-header = ("X-Content-Type-Options" => "nosniff",
        "Cross-Origin-Resource-Policy" => "same-origin")
}}
"""


def service_tests():
    """What the tests of the service start it with."""
    spec = importlib.util.spec_from_file_location(
        "service_conftest", ROOT / "tests" / "service" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


service_conftest = service_tests()
PASSWORD = service_conftest.PASSWORD


def page_user():
    """Whose programs are the page: with root one of every Debian's passwd file, else ourselves."""
    return "daemon" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


class Site:
    """with Site(mode) as site: its .url is open to browsers, and nobody is registered."""

    def __init__(self, mode, host="localhost"):
        self.mode = mode
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pam-dynamo."))
        self.folder.chmod(0o755)  # the page's user reaches what it runs
        self.port = servers.free_port()
        self.origin = f"http://{host}:{self.port}"
        self.url = self.origin + "/account"
        self.spool = self.folder / "mail"
        self.service = service_conftest.Service(self.folder)
        self.server = None

    def __enter__(self):
        try:
            self.start_service()
            self.write_page()
            self.start_server()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.server is not None:
            self.server.stop()
        self.service.stop()
        shutil.rmtree(self.folder)

    def start_service(self):
        self.spool.mkdir(mode=0o700)
        self.service.set("web", user=page_user())
        self.service.set("registration", mode=self.mode,
                         reserved_names=ROOT / "conf" / "reserved-names",
                         site_reserved_names=self.folder / "reserved-names.d")
        self.service.set("mail", spool=self.spool, sender="accounts@example.org", url=self.url,
                         site="Example Login")
        self.service.command("init")
        self.service.start()

    def write_page(self):
        build = service_conftest.BUILD
        shutil.copy(build / "pam-dynamo.cgi", self.folder)
        shutil.copytree(ROOT / "web" / "static", self.folder / "static")
        shutil.copytree(build / "locale", self.folder / "locale")
        for name in ("empty", "other"):
            (self.folder / name).mkdir()
        settings = {"base_url": self.url, "brand": "Example Login", "contact": "help@example.org",
                    "terms_url": "/other/terms.html", "socket": self.service.login,
                    "key_file": self.folder / "web.key", "locale_dir": self.folder / "locale"}
        self.write_private("web.conf", "".join(f"{k} = {v}\n" for k, v in settings.items()))
        self.write_private("web.key", "one " + "5a" * 32 + "\n")
        subprocess.run(["chmod", "-R", "a+rX", *(self.folder / name for name in (
            "static", "locale", "empty", "other"))], check=True)

    def write_private(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(path, page_user())

    def start_server(self):
        conf = SERVER.format(port=self.port, folder=self.folder)
        if os.geteuid() == 0:
            conf += f'server.username = "{page_user()}"\n'
        path = self.folder / "lighttpd.conf"
        path.write_text(conf)
        (self.folder / "lighttpd.log").touch()
        if os.geteuid() == 0:
            shutil.chown(self.folder / "lighttpd.log", page_user())
        process = subprocess.Popen(
            ["/usr/sbin/lighttpd", "-D", "-f", path], stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin"}, preexec_fn=servers.die_with_parent)
        self.server = servers.Server(process, self.port)
        service_conftest.wait_for(self.answers, "lighttpd answers")

    def answers(self):
        assert self.server.process.poll() is None, (self.folder / "lighttpd.log").read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/pam-dynamo-static/icon.svg",
                                   timeout=5).close()
        except OSError:
            return False
        return True

    def other_page(self, text):
        """A page of another site that is served beside ours; its path."""
        path = self.folder / "other" / "page.html"
        path.write_text(text)
        path.chmod(0o644)
        return "/other/page.html"

    def outage(self):
        self.service.signal(signal.SIGKILL)
        self.service.process.wait()

    def mails(self):
        """(address, link) of what waits to be sent; it is taken out."""
        found = []
        for path in sorted(self.spool.glob("*.mail"), key=lambda path: path.stat().st_mtime_ns):
            first, text = path.read_text().split("\n", 1)
            link = LINK.search(text)
            if first != "To ":
                found.append((first.removeprefix("To "), link and link.group(0)))
            path.unlink()
        return found
