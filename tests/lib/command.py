# SPDX-License-Identifier: BSD-2-Clause
"""The pam-dynamo command on a store of its own, for the tests of the command.

    command = Command(tmp, "sqlite")
    command.good("init")
    command.bad(3, "show", "nobody-there")
    command.json("list")
"""
import base64
import json
import os
import pathlib
import re
import subprocess
import uuid

import passwords

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PAM_DYNAMO_BUILD", ROOT / "build"))
PROGRAM = BUILD / "pam-dynamo"
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI"
REGION = "us-east-1"
PASSWORD = "correct horse battery staple"


def public_key(comment, kind="ssh-ed25519", body=bytes(range(32))):
    """A line of a .pub file (RFC 8709)."""
    parts = [kind.encode(), body]
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"{kind} {base64.b64encode(blob).decode()} {comment}"


KEY = public_key("alice@desk")

BASE_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}


class Command:
    """One configuration and store; engine "sqlite" or "dynamodb" (with the URL of a server)."""

    def __init__(self, directory, engine, url=None):
        self.directory = pathlib.Path(directory)
        self.engine = engine
        self.url = url
        self.users = "users_" + uuid.uuid4().hex[:12]
        self.state = "state_" + uuid.uuid4().hex[:12]
        self.database = self.directory / "users.db"
        self.socket = self.directory / "login.sock"
        self.conf = self.directory / "pam_dynamo.conf"
        self.environment = dict(BASE_ENVIRONMENT, HOME=str(self.directory))
        if engine == "dynamodb":
            self.environment.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY)
        self.configure()

    def configure(self, **sections):
        """Writes the configuration; sections add or replace keys: login={"max_failures": 3}."""
        keys = {"service": {"socket": self.socket, "userdb_socket": ""},
                "store": {"engine": self.engine}, "host": {"name": "desk.example.org"},
                "password": {"blocklist": passwords.common(self.directory)}}
        if self.engine == "sqlite":
            keys["store"]["path"] = self.database
        else:
            keys["dynamodb"] = {"region": REGION, "endpoint": self.url,
                                "users_table": self.users, "state_table": self.state}
        for section, values in sections.items():
            keys.setdefault(section, {}).update(values)
        text = "".join(f"[{section}]\n" + "".join(f"{key} = {value}\n"
                                                  for key, value in values.items())
                       for section, values in keys.items())
        self.conf.write_text(text)
        self.conf.chmod(0o644)

    def words(self, *words):
        return [str(PROGRAM), "--config", str(self.conf), *map(str, words)]

    def run(self, *words, stdin="", timeout=60):
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        result = subprocess.run(self.words(*words), input=data, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, timeout=timeout, env=self.environment,
                                check=False)
        result.stdout = result.stdout.decode()  # always UTF-8: escaped where it was not
        result.stderr = result.stderr.decode()
        return result

    def good(self, *words, stdin=""):
        """Standard output; nothing but success will do, and nothing on standard error."""
        result = self.run(*words, stdin=stdin)
        assert result.returncode == 0, (words, result.returncode, result.stdout, result.stderr)
        assert result.stderr == "", (words, result.stderr)
        return result.stdout

    def bad(self, code, *words, stdin=""):
        """Standard error of a refusal: "pam-dynamo: what; what to do"."""
        result = self.run(*words, stdin=stdin)
        assert result.returncode == code, (words, result.returncode, result.stdout, result.stderr)
        lines = result.stderr.splitlines()
        assert lines and all(re.match(r"pam-dynamo: \S", line) for line in lines), result.stderr
        return result.stderr

    def json(self, *words, stdin=""):
        return json.loads(self.good(*words, "--json", stdin=stdin), parse_constant=refuse_constant)

    def add(self, name, *words, password=PASSWORD):
        return self.good("add", name, *words, stdin=password + "\n")

    def show(self, name):
        return self.json("show", name)


def with_file(path, over, words):
    """The words of a program that sees the file `path` in the place of `over`."""
    others = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", *others, "/bin/sh", "-c",
            'mount --bind "$0" "$1" && shift && exec "$@"', str(path), str(over), *words]


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def tables():
    """The command's own tables of commands, options and exit codes."""
    result = subprocess.run([PROGRAM, "help", "--json"], stdout=subprocess.PIPE, check=True,
                            env=BASE_ENVIRONMENT)
    return json.loads(result.stdout)
