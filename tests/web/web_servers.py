# SPDX-License-Identifier: BSD-2-Clause
"""Debian's web servers on loopback with the snippets of conf/, each as a user without rights.

A snippet is taken as it stands, apart from the places of what an installation brings: PLACES.
"""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

import servers
from conftest import BUILD, ROOT

START_S = 30
SERVER_USER = "www-data"  # of every Debian's passwd file
OTHER_USER = "daemon"
HOST = "127.0.0.1"
# A host's own part, as Debian's has it: more than the page needs, and compression for everything.
LIGHTTPD = """
server.modules = ( "mod_indexfile", "mod_access", "mod_alias", "mod_redirect", "mod_accesslog",
	"mod_setenv" )
server.document-root = "{folder}/html"
server.errorlog = "{folder}/log/error.log"
server.pid-file = "{folder}/run/lighttpd.pid"
server.upload-dirs = ( "{folder}/run" )
server.bind = "127.0.0.1"
server.port = {plain}
accesslog.filename = "{folder}/log/access.log"
setenv.add-environment = ( "PAM_DYNAMO_WEB_CONF" => "{folder}/web.conf" )
server.modules += ( "mod_openssl" )
$SERVER["socket"] == "127.0.0.1:{port}" {{
	ssl.engine = "enable"
	ssl.pemfile = "{folder}/cert.pem"
	ssl.privkey = "{folder}/cert.key"
}}
include "{folder}/snippet.conf"
server.modules += ( "mod_dirlisting", "mod_staticfile" )
"""
NGINX = """
pid {folder}/run/nginx.pid;
error_log {folder}/log/error.log info;
daemon off;
events {{ }}
http {{
	client_body_temp_path {folder}/run/body;
	proxy_temp_path {folder}/run/proxy;
	fastcgi_temp_path {folder}/run/fastcgi;
	uwsgi_temp_path {folder}/run/uwsgi;
	scgi_temp_path {folder}/run/scgi;
	gzip on;
	gzip_min_length 1;
	access_log {folder}/log/access.log;
	include {folder}/http.conf;
	server {{
		listen 127.0.0.1:{plain};
		listen 127.0.0.1:{port} ssl;
		ssl_certificate {folder}/cert.pem;
		ssl_certificate_key {folder}/cert.key;
		root {folder}/html;
		include {folder}/snippet.conf;
	}}
}}
"""
APACHE = """
ServerName localhost
ServerRoot {folder}
PidFile {folder}/run/apache.pid
ScriptSock {folder}/run/cgid
Mutex file:{folder}/run
LogFormat "%h \\"%r\\" %>s \\"%{{Referer}}i\\"" combined
LogFormat "%v \\"%r\\" %>s \\"%{{Referer}}i\\"" vhost_combined
ErrorLog {folder}/log/error.log
LogLevel info
CustomLog {folder}/log/other.log vhost_combined
TypesConfig /dev/null
Listen 127.0.0.1:{plain}
Listen 127.0.0.1:{port} https
SetEnv PAM_DYNAMO_WEB_CONF {folder}/web.conf
AddOutputFilterByType DEFLATE text/html text/css
<Directory />
	Require all denied
</Directory>
<VirtualHost *:{plain}>
	DocumentRoot {folder}/html
	Include {folder}/snippet.conf
</VirtualHost>
<VirtualHost *:{port}>
	DocumentRoot {folder}/html
	SSLEngine on
	SSLCertificateFile {folder}/cert.pem
	SSLCertificateKeyFile {folder}/cert.key
	CustomLog {folder}/log/access.log combined
	Include {folder}/snippet.conf
</VirtualHost>
"""
APACHE_MODULES = ("mpm_event", "authz_core", "alias", "cgid", "deflate", "env", "filter", "headers",
                  "mime", "setenvif", "ssl", "socache_shmcb", "brotli")
# What an installation brings, and a log's folder.
PLACES = {"/usr/lib/pam-dynamo": "lib", "/usr/share/pam-dynamo/static": "static",
          "/run/pam-dynamo-web.sock": "run/page.sock", "/var/log/nginx": "log"}


def snippet(folder, source, target):
    text = (ROOT / "conf" / source).read_text()
    for place, ours in PLACES.items():
        text = text.replace(place, str(folder / ours))
    (folder / target).write_text(text)


def stop(process):
    """With what it started: fcgiwrap leaves its workers behind. The group is its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)


class Web:
    """One server with the page behind it, in a folder of its own; needs root, to become others."""

    def __init__(self, kind, folder, page_user):
        self.kind, self.folder, self.page_user = kind, folder, page_user
        self.plain, self.port = servers.free_port(), servers.free_port()
        self.origin = f"https://{HOST}:{self.port}"
        self.ending = contextlib.ExitStack()
        for name in ("lib", "log", "run", "html"):
            (folder / name).mkdir()
        for name in ("log", "run"):
            shutil.chown(folder / name, SERVER_USER, SERVER_USER)
        shutil.copytree(ROOT / "web" / "static", folder / "static")
        shutil.copytree(BUILD / "locale", folder / "locale")
        self.program = folder / "lib" / "pam-dynamo.cgi"
        shutil.copy(BUILD / "pam-dynamo.cgi", self.program)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        self.certify()

    def certify(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=page",
                        "-addext", f"subjectAltName=IP:{HOST}", "-keyout", self.folder / "cert.key",
                        "-out", self.folder / "cert.pem"], check=True, capture_output=True)
        for name in ("cert.key", "cert.pem"):
            shutil.chown(self.folder / name, SERVER_USER)

    def write(self, template, name):
        path = self.folder / name
        path.write_text(template.format(folder=self.folder, port=self.port, plain=self.plain))
        return path

    def spawn(self, user, command, **environment):
        with open(self.folder / f"{self.kind}.out", "ab") as log:
            process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd="/", start_new_session=True, user=user, group=user, extra_groups=[], umask=0o022,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
                preexec_fn=servers.die_with_parent)
        self.ending.callback(stop, process)
        return process

    def lighttpd(self):
        snippet(self.folder, "lighttpd/pam-dynamo.conf", "snippet.conf")
        return self.spawn(SERVER_USER, ["lighttpd", "-D", "-f",
                                        self.write(LIGHTTPD, "lighttpd.conf")])

    def nginx(self):
        """fcgiwrap as its unit starts it, with the socket from outside."""
        unit = (ROOT / "conf" / "pam-dynamo-web.service").read_text()
        command = re.search("^ExecStart=(.*)$", unit, re.M).group(1)
        for place, ours in PLACES.items():
            command = command.replace(place, str(self.folder / ours))
        socket = self.folder / "run" / "page.sock"
        self.spawn("root", ["systemd-socket-activate", "-l", socket, "-E",
                            f"PAM_DYNAMO_WEB_CONF={self.folder}/web.conf", "setpriv",
                            f"--reuid={self.page_user}", f"--regid={self.page_user}",
                            "--clear-groups", *command.split()])
        self.wait(socket.exists, "the page's socket")
        shutil.chown(socket, SERVER_USER)
        socket.chmod(0o600)
        snippet(self.folder, "nginx/pam-dynamo-http.conf", "http.conf")
        snippet(self.folder, "nginx/pam-dynamo.conf", "snippet.conf")
        return self.spawn(SERVER_USER, ["nginx", "-c", self.write(NGINX, "nginx.conf"),
                                        "-e", self.folder / "log" / "error.log"])

    def apache(self):
        snippet(self.folder, "apache/pam-dynamo.conf", "snippet.conf")
        modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                          for name in APACHE_MODULES)
        return self.spawn(SERVER_USER, ["apache2", "-DFOREGROUND", "-f",
                                        self.write(modules + APACHE, "apache.conf")],
                          APACHE_LOG_DIR=str(self.folder / "log"))

    def start(self):
        process = getattr(self, self.kind)()
        self.wait(lambda: process.poll() is not None or all(
            map(servers.answers, (self.plain,))), self.kind)
        assert process.poll() is None, self.said()

    def wait(self, condition, what):
        end = time.monotonic() + START_S
        while not condition():
            assert time.monotonic() < end, f"{what}: not within {START_S} s\n{self.said()}"
            time.sleep(0.02)

    def logs(self):
        """Every log that this server writes, in one text."""
        return "".join(path.read_text(errors="replace")
                       for path in sorted((self.folder / "log").iterdir()))

    def said(self):
        return "".join(path.read_text(errors="replace")
                       for path in self.folder.glob("*.out")) + self.logs()

    def close(self):
        self.ending.close()
