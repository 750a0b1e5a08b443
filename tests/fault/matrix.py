#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every fault of the proxy, at every operation of DynamoDB, under every phase of a login: no answer
that is wrong or late, nothing counted twice or half written, and all well when it is over.

Prints what went wrong, a line for each fault, and one line of figures; ends with 1 if anything was
wrong. FAULTS=drop,hang takes only these.
"""
import contextlib
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import checking_proxy  # noqa: E402
import servers  # noqa: E402
from dynamo_login import DEADLINE_MS, PASSWORD, WRONG, Login  # noqa: E402

OPERATIONS = ["", "BatchGetItem", "GetItem", "PutItem", "UpdateItem", "DeleteItem",
              "TransactWriteItems"]
# {} is what DynamoDB says of a write that was done: from a server that lies nothing can be learned.
LIES = {("empty_object", operation) for operation in OPERATIONS[3:]}
NEW = "another long enough sentence"
SLACK_S = 0.25
AGAIN_S = 3
# Only these may be told while the tables cannot be asked.
NO_ANSWER = {"unavailable", "fault"}


def good(login):
    return login.authenticate()


def wrong(login):
    return login.authenticate(password=WRONG)


def account(login):
    return login.account()


def change(login):
    return login.change(PASSWORD, NEW)


# Phase: what it says when all is well, and what it asks the tables for before it answers.
PHASES = {
    good: ("success", {"BatchGetItem"}),
    wrong: ("deny", {"BatchGetItem"}),
    account: ("success", {"BatchGetItem"}),
    change: ("success", {"BatchGetItem"}),
}


class Matrix:
    def __init__(self, login):
        self.login = login
        self.users, self.state = login.command.users, login.command.state
        self.item = self.get(self.users, "username", "alice")
        self.cells = self.hit = self.said = 0
        self.worst_ms = self.back_ms = 0.0
        self.problems = []

    def get(self, table, name, value):
        return self.login.store.get_item(TableName=table, Key={name: {"S": value}},
                                         ConsistentRead=True).get("Item")

    def complain(self, cell, text):
        self.problems.append(f"{cell}: {text}")
        print(self.problems[-1], flush=True)

    def prepare(self, failures):
        self.login.proxy.reset()
        self.login.store.put_item(TableName=self.users, Item=self.item)
        for prefix in ("fail#", "last#"):
            self.login.store.delete_item(TableName=self.state, Key={"id": {"S": prefix + "alice"}})
        self.works_again("before")
        self.settle()
        for _ in range(failures):
            wrong(self.login)
        self.login.proxy.reset()

    def settle(self):
        """Until nothing is written any more after a reply."""
        before = None
        while before != (before := self.login.proxy.counts()):
            time.sleep(0.03)

    def works_again(self, cell, password=PASSWORD):
        begun = time.monotonic()
        while time.monotonic() - begun < AGAIN_S:
            answer = self.login.authenticate(password=password)
            if answer.verdict in ("success", "deny"):
                self.back_ms = max(self.back_ms, (time.monotonic() - begun) * 1000)
                return answer.verdict == "success"
            time.sleep(0.02)
        self.complain(cell, f"not back after {AGAIN_S} s: {answer}")
        return False

    def run(self, fault, operation, phase, failures):
        cell = f"{fault}/{operation or 'all'}/{phase.__name__}/{failures}"
        self.prepare(failures)
        self.login.proxy.control(fault=fault, operation=operation)
        self.said = len(self.login.log())
        begun = time.monotonic()
        answer = phase(self.login)
        took = time.monotonic() - begun
        self.worst_ms = max(self.worst_ms, took * 1000)
        if took > DEADLINE_MS / 1000 + SLACK_S:
            self.complain(cell, f"answered after {took:.3f} s")
        self.settle()
        counts = self.login.proxy.counts()
        touched = operation in counts or (operation == "" and counts)
        self.cells += 1
        self.hit += bool(touched)
        self.login.proxy.reset()
        self.judge(cell, phase, answer, operation, touched, failures)

    def judge(self, cell, phase, answer, operation, touched, failures):
        usual, needed = PHASES[phase]
        allowed = {usual} | (NO_ANSWER if touched else set())
        if touched and operation in needed | {""}:
            allowed = set(NO_ANSWER)
        if phase is change and touched:
            allowed.add("try-again")
        if answer.verdict not in allowed:
            self.complain(cell, f"{answer}, not of {sorted(allowed)}")
        if phase is change:
            self.judge_change(cell, answer)
        else:
            if self.get(self.users, "username", "alice") != self.item:
                self.complain(cell, "the record has changed")
            self.judge_count(cell, phase, answer, failures)
            if not self.works_again(cell):
                self.complain(cell, "the right password is not right any more")

    def judge_count(self, cell, phase, answer, failures):
        found = self.login.failures()
        if phase is not wrong:
            wanted = {0, failures} if phase is good else {failures}
        elif answer.verdict == "deny" and "could not be counted" not in self.login.log()[self.said:]:
            wanted = {failures + 1}
        else:
            wanted = {failures, failures + 1}
        if found not in wanted:
            self.complain(cell, f"{found} failures are counted, not {sorted(wanted)}")

    def judge_change(self, cell, answer):
        """The old password or the new one is right: never both, never none."""
        new = self.works_again(cell, NEW)
        old = self.works_again(cell, PASSWORD)
        if old == new or (answer.verdict == "success" and not new):
            self.complain(cell, f"{answer.verdict}: old password {old}, new {new}")


def main():
    if os.geteuid() != 0:
        print("needs root, to ask as a PAM host does")
        return 77
    chosen = os.environ.get("FAULTS", "")
    faults = [name for name in checking_proxy.FAULTS if name and name in chosen.split(",")] \
        if chosen else [name for name in checking_proxy.FAULTS if name]
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(
            tempfile.TemporaryDirectory(prefix="pam-dynamo.")))
        pair = stack.enter_context(servers.proxied_dynoxide(folder))
        login = stack.enter_context(Login(folder, *pair))
        login.start()
        matrix = Matrix(login)
        for fault in faults:
            since = time.monotonic()
            for operation in OPERATIONS:
                if (fault, operation) in LIES:
                    continue
                for phase in PHASES:
                    for failures in (0, 2):
                        matrix.run(fault, operation, phase, failures)
            print(f"{fault:<16} {time.monotonic() - since:6.1f} s", flush=True)
        if login.stop() != 0:
            matrix.complain("end", "the service did not end well")
    print(f"fault-matrix: {matrix.cells} cells, {matrix.hit} met the fault, "
          f"{len(matrix.problems)} wrong; slowest answer {matrix.worst_ms:.0f} ms of "
          f"{DEADLINE_MS}, slowest return {matrix.back_ms:.0f} ms; "
          f"{time.monotonic() - begun:.0f} s")
    return 1 if matrix.problems or not matrix.hit else 0


if __name__ == "__main__":
    sys.exit(main())
