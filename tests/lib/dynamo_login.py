# SPDX-License-Identifier: BSD-2-Clause
"""pam-dynamod on tables of its own behind the checking proxy, or on a file, asked through the real
module by a PAM host or by frames.

    with servers.proxied_dynoxide(tmp) as (proxy, server), Login(folder, proxy, server) as login:
        login.start()
        login.pam("alice", PASSWORD)     (["auth: PAM_SUCCESS", "acct: PAM_SUCCESS"], seconds)
        login.items()                    both tables as boto3 sees them
"""
import json
import os
import signal
import subprocess
import time

import boto3
import botocore.config

import command
import frames

PASSWORD = command.PASSWORD
WRONG = "wrong horse battery staple"
HOST = command.BUILD / "tests" / "pam_host"
MODULE = command.BUILD / "pam_dynamo.so"
DEADLINE_MS = 1500
START_S = 15


class Login:
    """One host: configuration, tables, credentials, PAM files, service. `proxy` is what the service
    asks, `server` what the administrator's side asks (nothing may stand in its way)."""

    def __init__(self, folder, proxy, server):
        self.folder, self.proxy, self.server = folder, proxy, server
        self.service_log = folder / "service.log"
        self.credentials = folder / "credentials"
        self.pam_folder = folder / "pam.d"
        self.process = None
        self.sections = {"service": {"deadline_ms": DEADLINE_MS, "workers": 4},
                         "password": {"memory_kib": 8192, "passes": 1}}
        self.prepare()
        self.socket = self.command.socket
        self.configure()
        self.command.good("init", "--quiet")
        self.first_user()
        self.write_pam()

    def first_user(self):
        self.command.add("alice", "--hosts", "*")

    def prepare(self):
        self.command = command.Command(self.folder, "dynamodb", self.server.url)
        self.store = boto3.client(
            "dynamodb", endpoint_url=self.server.url, region_name=command.REGION,
            aws_access_key_id=command.ACCESS_KEY, aws_secret_access_key=command.SECRET_KEY,
            config=botocore.config.Config(proxies={}, retries={"max_attempts": 0}))
        self.write_keys()

    def configure(self, **sections):
        """Two files: the command asks the server itself, the service asks the proxy."""
        for section, values in sections.items():
            self.sections.setdefault(section, {}).update(values)
        tables = {"region": command.REGION, "users_table": self.command.users,
                  "state_table": self.command.state}
        rest = {name: values for name, values in self.sections.items() if name != "dynamodb"}
        service = {**tables, "endpoint": self.proxy.url, "credentials": "file",
                   "credentials_file": self.credentials, "connect_timeout_ms": 500,
                   "attempt_timeout_ms": 600, **self.sections.get("dynamodb", {})}
        self.command.conf = self.folder / "service.conf"
        self.command.configure(dynamodb=service, **rest)
        self.conf = self.command.conf
        self.command.conf = self.folder / "command.conf"
        self.command.configure(dynamodb=dict(tables, endpoint=self.server.url), **rest)

    def write_keys(self, access_key=command.ACCESS_KEY, secret_key=command.SECRET_KEY):
        self.credentials.unlink(missing_ok=True)
        self.credentials.write_text(f"aws_access_key_id = {access_key}\n"
                                    f"aws_secret_access_key = {secret_key}\n")
        self.credentials.chmod(0o600)

    def write_pam(self, *options):
        self.pam_folder.mkdir(exist_ok=True)
        words = " ".join([str(MODULE), f"socket={self.socket}", *options])
        (self.pam_folder / "test").write_text("".join(
            f"{kind} required {words}\n" for kind in ("auth", "account", "password", "session")))

    def start(self):
        before = self.log().count("listening on")
        with open(self.service_log, "ab") as log:
            self.process = subprocess.Popen(
                [command.BUILD / "pam-dynamod", "-f", "-c", self.conf], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin"})
        end = time.monotonic() + START_S
        while self.log().count("listening on") == before:
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.01)

    def log(self):
        return self.service_log.read_text(errors="replace") if self.service_log.exists() else ""

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None

    def pam(self, user, password, *steps):
        """({step: code}, the longest step's seconds), each call in a process of its own."""
        begun = time.monotonic()
        result = subprocess.run(
            [HOST, "-c", self.pam_folder, "test", user, *(steps or ("auth", "acct"))],
            input="".join(line + "\n" for line in password.split("\n")), text=True, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env={"PATH": "/usr/bin:/bin"})
        pairs = [line.split(": ", 1) for line in result.stdout.splitlines() if ": PAM_" in line]
        assert pairs, result.stdout
        return dict(pairs), time.monotonic() - begun

    def authenticate(self, user="alice", password=PASSWORD, **more):
        return frames.authenticate(self.socket, user, password, **more)

    def account(self, user="alice", ticket=None, **more):
        return frames.account(self.socket, user, ticket, **more)

    def change(self, old, new, user="alice"):
        return frames.ask(self.socket, frames.CHANGE, {
            frames.USER: user, frames.PASSWORD: old, frames.NEW_PASSWORD: new,
            frames.SERVICE: "test"})

    def items(self):
        """Both tables, in an order that does not change."""
        return {table: sorted(json.dumps(item, sort_keys=True, default=sorted)
                              for item in self.store.scan(TableName=table)["Items"])
                for table in (self.command.users, self.command.state)}

    def failures(self, user="alice"):
        item = self.store.get_item(TableName=self.command.state, ConsistentRead=True,
                                   Key={"id": {"S": "fail#" + user}}).get("Item", {})
        return int(item.get("count", {"N": "0"})["N"])

    def put(self, table, key, **attributes):
        """Sets attributes of an item that may be there, as an administrator's script would."""
        name, value = key
        names = {f"#{i}": attribute for i, attribute in enumerate(attributes)}
        values = {f":{i}": typed for i, typed in enumerate(attributes.values())}
        self.store.update_item(
            TableName=table, Key={name: {"S": value}}, ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            UpdateExpression="SET " + ", ".join(f"#{i} = :{i}" for i in range(len(names))))

    def resident_kib(self):
        """Without what is only read from files: the program and its libraries."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class FileLogin(Login):
    """The same on a SQLite file; one file of configuration serves both."""

    def __init__(self, folder):
        super().__init__(folder, None, None)

    def prepare(self):
        self.command = command.Command(self.folder, "sqlite")

    def configure(self, **sections):
        for section, values in sections.items():
            self.sections.setdefault(section, {}).update(values)
        self.command.configure(**self.sections)
        self.conf = self.command.conf
