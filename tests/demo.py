#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""make demo [STORE=dynamodb]: a user of a fresh store logs in, step by step; another one registers at
the page, is approved, and logs in too. make serve: page, service and sshd stay until Ctrl-C.

As root everything happens in a private copy of this machine (tests/lib/private_machine.sh), so that
nothing lasts. Without root the service and the module run from build/ and the steps that need root
are named. Each step prints ok or FAIL; one FAIL makes the exit status 1.
"""
import getpass
import hashlib
import os
import pathlib
import platform
import shlex
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "lib"))
import machine  # noqa: E402
import page_host  # noqa: E402
import passwords  # noqa: E402
import servers  # noqa: E402

PASSWORD = "correct horse battery staple"
WRONG = "incorrect horse battery staple"
BEA = "four unrelated words of bea"
SKIPPED = 77


class Demo:
    """The steps and how they went."""

    def __init__(self):
        self.failed = 0
        self.not_shown = []

    def step(self, text, good, *details):
        """One result line; details are shown below it, all of them when it failed."""
        self.failed += not good
        print(("ok    " if good else "FAIL  ") + text, flush=True)
        for detail in details:
            for line in str(detail).strip().splitlines()[-12:]:
                print("        " + line, flush=True)
        return good

    def ran(self, text, result, *, expect=0, want="", show=True):
        """A step that is a finished process: its exit status and a text in its output."""
        good = (result.returncode == expect) and want in result.stdout
        details = [result.stdout] if show or not good else []
        if result.returncode != expect:
            details.append(f"(exit status {result.returncode}, expected {expect})")
        return self.step(text, good, *details)


def fingerprint():
    """What a careless demonstration would have changed on this machine."""
    digest = hashlib.sha256()
    names = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/nsswitch.conf", "/etc/ssh",
             "/etc/pam.d", "/etc/pam-dynamo", "/var/lib/pam-dynamo", "/run/pam-dynamo",
             "/run/systemd/userdb", "/usr/sbin/pam-dynamod", "/home", "/lib/systemd/system"]
    names += [str(path) for path in pathlib.Path("/lib").glob("*/security")]
    for name in names:
        path = pathlib.Path(name)
        entries = sorted(path.iterdir()) if path.is_dir() else [path]
        for entry in [path, *entries]:
            digest.update(str(entry).encode())
            if entry.is_file() and os.access(entry, os.R_OK):
                digest.update(entry.read_bytes())
    return digest.digest()


def start_store(demo, store, host):
    if store != "dynamodb":
        return
    host.start_server()
    demo.step("a DynamoDB-compatible server answers", True, host.server.url)


def show_pam(demo, host):
    demo.ran("PAM, right password: in", host.pam("sshd", "alice", PASSWORD), want="acct: PAM_SUCCESS")
    demo.ran("PAM, wrong password: out", host.pam("sshd", "alice", WRONG), expect=1, want="auth: PAM_")
    demo.ran("PAM, a name that nobody has: out", host.pam("sshd", "mallory", PASSWORD), expect=1,
             want="auth: PAM_")


def show_names(demo):
    demo.ran("getent passwd alice", machine.run("getent", "passwd", "alice"), want="alice:x:")
    demo.ran("id alice", machine.run("id", "alice"), want="(alice)")


def show_sshd(demo, host):
    host.start_sshd()
    demo.step(f"Debian's sshd listens on 127.0.0.1 port {host.ssh_port}", True)
    demo.ran("ssh alice@127.0.0.1, right password: in",
             host.ssh("alice", PASSWORD, "id -un && pwd"), want="alice\n/home/alice")
    demo.ran("ssh alice@127.0.0.1, wrong password: out", host.ssh("alice", WRONG), expect=255,
             want="Permission denied")
    host.command("disable", "alice")
    demo.ran("pam-dynamo disable alice: her password is refused at once",
             host.ssh("alice", PASSWORD), expect=255, want="Permission denied")
    host.command("enable", "alice")
    demo.ran("pam-dynamo enable alice: in again", host.ssh("alice", PASSWORD, "id -un"),
             want="alice")


def show_page(demo, host, page):
    """As her browser does it: cookies, a token out of each form, and from where the form comes."""
    page.start()
    bea = page_host.Browser(host.tmp, page.url)
    demo.step(f"lighttpd serves the page at {page.url}", bea.get("/signin").status == 200)
    answer = bea.register("bea", BEA, "Bea", reason="I keep the web servers.")
    demo.step("bea registers there", answer.location == f"{page.url}/register/submitted",
              bea.get("/register/submitted").words)
    demo.ran("ssh bea@127.0.0.1, her right password: out", host.ssh("bea", BEA), expect=255,
             want="Permission denied")
    demo.ran("pam-dynamo pending list", host.command("pending", "list", check=False), want="bea")
    demo.ran("pam-dynamo pending approve bea",
             host.command("pending", "approve", "bea", check=False))
    answer = bea.sign_in("bea", BEA)
    demo.step("bea signs in on the page", answer.location == f"{page.url}/profile",
              bea.get("/profile").words)
    demo.ran("ssh bea@127.0.0.1: still out, hers is a web account", host.ssh("bea", BEA),
             expect=255, want="Permission denied")
    demo.ran("pam-dynamo grant bea '*'", host.command("grant", "bea", "*", check=False))
    host.reload()  # that nobody had her name is remembered for some seconds
    demo.ran("ssh bea@127.0.0.1: in", host.ssh("bea", BEA, "id -un && pwd"),
             want="bea\n/home/bea")


def show_audit(demo, host, user="alice"):
    lines = host.audit(user)
    words = " ".join(lines)
    demo.step("the service wrote a line about each decision",
              "verdict=success" in words and len(lines) >= 3, *lines[-4:])


def show_end(demo, host):
    status = host.stop_service()
    demo.step("pam-dynamod ends cleanly", status == 0,
              *([] if status == 0 else [f"(exit status {status})"]))


def begin(demo, store, host, page):
    """A store with alice in it, and the service."""
    start_store(demo, store, host)
    page.configure()
    host.configure(store, page_host.SETTINGS)
    demo.ran("pam-dynamo init", host.command("init", check=False))
    demo.ran("pam-dynamo add alice --hosts '*' --password-stdin", host.command(
        "add", "alice", "--hosts", "*", "--password-stdin", stdin=PASSWORD + "\n", check=False))
    host.start_service()


def in_machine(store):
    """Everything, as root in the private machine."""
    demo = Demo()
    with tempfile.TemporaryDirectory(prefix="pam_dynamo_demo.") as tmp:
        host = machine.Machine(tmp)
        page = page_host.PageServer(host)
        try:
            host.install()
            host.use_in_pam()
            demo.step("pam_dynamo is installed and stands in /etc/pam.d", True,
                      *(f"common-{kind}: {line}" for kind, lines in machine.common_lines().items()
                        for line in lines if "pam_dynamo" in line))
            begin(demo, store, host, page)
            demo.step("pam-dynamod runs as user pam-dynamo", True)
            demo.ran("pam-dynamo check", host.command("check", check=False))
            show_pam(demo, host)
            show_names(demo)
            show_sshd(demo, host)
            show_page(demo, host, page)
            show_audit(demo, host)
            show_end(demo, host)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            demo.step("the demonstration itself", False, error)
        finally:
            page.close()
            host.close()
    return demo


SERVED = """
  the page   {page}
  sshd       ssh -p {port} alice@127.0.0.1
             alice's password: {password}

Who registers on the page waits. What is typed here are pam-dynamo's words, such as
  pending list
  pending approve NAME
  grant NAME '*'
Ctrl-C ends all of it.
"""


def obey(host, line):
    """One command of the administrator's."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        print(error, flush=True)
        return
    if words:
        words = words[1:] if words[0] == "pam-dynamo" else words
        print(host.command(*words, check=False).stdout, end="", flush=True)
        host.reload()


def serve(store):
    """The same, left running."""
    demo = Demo()
    with tempfile.TemporaryDirectory(prefix="pam_dynamo_serve.") as tmp:
        host = machine.Machine(tmp)
        page = page_host.PageServer(host)
        try:
            host.install()
            host.use_in_pam()
            begin(demo, store, host, page)
            host.start_sshd()
            page.start()
            print(SERVED.format(page=page.url, port=host.ssh_port, password=PASSWORD), flush=True)
            for line in sys.stdin:
                obey(host, line)
            while True:
                signal.pause()
        except KeyboardInterrupt:
            print("\nended", flush=True)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            demo.step("serving", False, error)
        finally:
            page.close()
            host.close()
    return demo.failed > 0


class UserHost:
    """The same with build/'s programs, a folder of its own and no right to change the machine."""

    def __init__(self, tmp):
        self.tmp = pathlib.Path(tmp)
        self.conf = self.tmp / "pam_dynamo.conf"
        self.log = self.tmp / "service.log"
        self.socket = self.tmp / "login.sock"
        self.user = getpass.getuser() if os.geteuid() else "alice"
        self.service = self.server = None

    def start_server(self):
        self.server = servers.start_dynoxide(self.tmp)

    def configure(self, store):
        """The user's own name is one that the local files hold, so that has to be allowed."""
        text = (f"[service]\nsocket = {self.socket}\nuserdb_socket =\n"
                f"[store]\nengine = {store}\npath = {self.tmp}/users.db\n"
                "[login]\nlocal_names = allow\nminimum_uid = 1\n"
                f"[password]\nblocklist = {passwords.common(self.tmp)}\n")
        if store == "dynamodb":
            keys = self.tmp / "credentials"
            keys.touch(mode=0o600)
            keys.write_text(f"aws_access_key_id = {machine.ACCESS_KEY}\n"
                            f"aws_secret_access_key = {machine.SECRET_KEY}\n")
            text += (f"[dynamodb]\nregion = {machine.REGION}\nendpoint = {self.server.url}\n"
                     f"credentials = file\ncredentials_file = {keys}\n")
        self.conf.write_text(text)
        self.conf.chmod(0o600)
        pam_d = self.tmp / "pam.d"
        pam_d.mkdir()
        module = f"{ROOT}/build/pam_dynamo.so socket={self.socket} minimum_uid=1"
        (pam_d / "demo").write_text(f"auth required {module}\naccount required {module}\n")

    def command(self, *words, stdin=""):
        return machine.run(ROOT / "build" / "pam-dynamo", "--config", self.conf, *words,
                           stdin=stdin)

    def start_service(self):
        with open(self.log, "ab") as log:
            self.service = subprocess.Popen(
                [ROOT / "build" / "pam-dynamod", "-f", "-c", self.conf], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=machine.ENVIRONMENT)
        machine.wait_for(lambda: self.service.poll() is not None or machine.listens(self.socket),
                         "pam-dynamod")
        if self.service.poll() is not None:
            raise RuntimeError("pam-dynamod ended:\n" + self.log.read_text())

    def pam(self, service, user, password, *steps):
        return machine.run(ROOT / "build" / "tests" / "pam_host", "-c", self.tmp / "pam.d", service,
                           user, *(steps or ("auth", "acct")), stdin=password + "\n")

    def audit(self, user):
        return [line for line in self.log.read_text().splitlines()
                if f"user={user} " in line and "verdict=" in line]

    def stop_service(self):
        self.service.terminate()
        return self.service.wait(20)

    def close(self):
        if self.service is not None and self.service.poll() is None:
            self.stop_service()
        if self.server is not None:
            self.server.stop()


def as_user(store, why):
    """What can be shown without changing the machine."""
    demo = Demo()
    demo.not_shown = ["a login over sshd: it starts sessions for another user",
                      "the self-service page: it runs as a user of its own",
                      "getent passwd: the socket belongs into /run/systemd/userdb"]
    with tempfile.TemporaryDirectory(prefix="pam_dynamo_demo.") as tmp:
        host = UserHost(tmp)
        name = host.user
        print(f"{why}: from build/, for the name {name}, with a PAM host of our own.", flush=True)
        try:
            start_store(demo, store, host)
            host.configure(store)
            demo.ran("pam-dynamo init", host.command("init"))
            demo.ran(f"pam-dynamo add {name} --hosts '*' --password-stdin", host.command(
                "add", name, "--hosts", "*", "--password-stdin", stdin=PASSWORD + "\n"))
            host.start_service()
            demo.step("pam-dynamod answers on a socket of its own", True)
            demo.ran("PAM, right password: in", host.pam("demo", name, PASSWORD),
                     want="acct: PAM_SUCCESS")
            demo.ran("PAM, wrong password: out", host.pam("demo", name, WRONG), expect=1,
                     want="auth: PAM_AUTH_ERR")
            host.command("disable", name)
            demo.ran(f"pam-dynamo disable {name}: the right password is refused",
                     host.pam("demo", name, PASSWORD), expect=1, want="auth: PAM_ACCT_EXPIRED")
            show_audit(demo, host, name)
            show_end(demo, host)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            demo.step("the demonstration itself", False, error)
        finally:
            host.close()
    return demo


def finish(demo, store):
    for text in demo.not_shown:
        print(f"not shown here, it needs root: {text}")
    print()
    if demo.failed:
        print(f"{demo.failed} of the steps went wrong.")
        return 1
    other = "make demo" if store == "dynamodb" else "make demo STORE=dynamodb"
    print("All as it should be. What to type next:")
    print(f"  {other:<28}the same on {'SQLite' if store == 'dynamodb' else 'a DynamoDB table'}")
    print("  make serve                  the page and sshd, to be tried by hand")
    print("  make check                  all tests")
    print("  less README.md              a real host, from the section «On a real host»")
    return 0


def listen():
    """In the child: Ctrl-C is its to answer."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main():
    os.umask(0o022)  # what is made for other users is theirs to reach
    arguments = [word for word in sys.argv[1:] if word not in ("--machine", "--serve")]
    serving = ["--serve"] if "--serve" in sys.argv else []
    store = arguments[0] if arguments else "sqlite"
    if store not in ("sqlite", "dynamodb"):
        sys.exit("STORE is sqlite or dynamodb")
    if serving and "--machine" in sys.argv:
        sys.exit(serve(store))
    if "--machine" in sys.argv:
        demo = in_machine(store)
        sys.exit(finish(demo, store))
    os.chdir(ROOT)
    print(f"pam_dynamo: a login against {'a DynamoDB table' if store == 'dynamodb' else 'SQLite'}, "
          f"on {platform.node() or 'this machine'}\n", flush=True)
    if serving and os.geteuid() != 0:
        sys.exit("make serve needs root, for a private copy of this machine")
    if os.geteuid() != 0:
        sys.exit(finish(as_user(store, "Not root"), store))
    before = fingerprint()
    signal.signal(signal.SIGINT, signal.SIG_IGN if serving else signal.default_int_handler)
    status = subprocess.run(["tests/lib/private_machine.sh", sys.executable, __file__, "--machine",
                             *serving, store], check=False, preexec_fn=listen).returncode
    if status == SKIPPED and not serving:
        sys.exit(finish(as_user(store, "No private machine can be had here"), store))
    if serving and status == 128 + signal.SIGINT:
        status = 0
    if fingerprint() != before:
        print("FAIL  something outside of the private machine changed")
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
