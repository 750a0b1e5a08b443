# SPDX-License-Identifier: BSD-2-Clause
"""passwd, and how passwords are read: never echoed, never an argument, the terminal put back."""
import os
import pathlib
import re
import signal
import subprocess
import termios
import time

import pexpect
import pytest

from command import PASSWORD

OTHER = "another fine long passphrase"


def encoded(command, name):
    """The stored hash of a SQLite store."""
    result = subprocess.run(["/usr/bin/python3", "-c", """
import re, sqlite3, sys
dump = "\\n".join(sqlite3.connect(sys.argv[1]).iterdump())
print(re.search(r"\\$argon2id\\$[^'\\"\\s]+", dump).group(0))
""", str(command.database)], text=True, stdout=subprocess.PIPE, check=True)
    assert name
    return result.stdout.strip()


class Terminal:
    """The command at a terminal; wire is everything that could be seen on it."""

    def __init__(self, command, *words):
        line = command.words(*words)
        self.child = pexpect.spawn(line[0], line[1:], env=command.environment, timeout=15,
                                   encoding="utf-8")
        self.wire = ""

    def answer(self, prompt, text):
        self.child.expect_exact(prompt)
        self.wire += self.child.before + self.child.after
        self.wait_echo(False)
        self.child.sendline(text)

    def echo(self):
        return bool(termios.tcgetattr(self.child.child_fd)[3] & termios.ECHO)

    def wait_echo(self, expected):
        end = time.monotonic() + 5
        while self.echo() != expected:
            assert time.monotonic() < end, f"echo is {self.echo()}"
            time.sleep(0.01)

    def finish(self):
        self.child.expect(pexpect.EOF)
        self.wire += self.child.before
        self.child.close()
        return self.child.exitstatus


def test_passwd_from_a_pipe(command):
    command.good("add", "alice", "--no-password")
    before = command.show("alice")
    text = command.good("passwd", "alice", stdin=PASSWORD + "\nfurther lines\n")
    user = command.show("alice")
    assert PASSWORD not in text and user["has_password"]
    assert user["epoch"] == before["epoch"] + 1 and user["version"] == before["version"] + 1
    assert abs(user["password_changed_at"] - time.time()) < 60
    assert user["password_must_change"] is False
    user = command.json("passwd", "alice", "--must-change", "--password-stdin", stdin=OTHER)
    assert user["password_must_change"] is True and user["epoch"] == before["epoch"] + 2
    assert command.json("passwd", "alice", stdin=PASSWORD)["password_must_change"] is False


def test_the_hash_is_argon2id_and_is_never_shown(sqlite):
    sqlite.add("alice")
    stored = encoded(sqlite, "alice")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    for words in (["show", "alice"], ["show", "alice", "--json"], ["list", "--json"],
                  ["show", "alice", "--debug"], ["passwd", "alice", "--debug", "--json"]):
        result = sqlite.run(*words, stdin=OTHER)
        assert "argon2" not in result.stdout + result.stderr
        assert stored.rsplit("$", 1)[1] not in result.stdout + result.stderr


@pytest.mark.parametrize("data, word", [
    (b"", "empty"), (b"\n", "empty"), (b"short\n", "15"), (b"\0" * 20 + b"\n", "NUL"),
    (b"a long enough pass\0word\n", "NUL"), (b"x" * 512 + b"\n", "long"),
    (b"\xff\xfe\xfd" * 8 + b"\n", ""), (b"y" * 100000, "long"), (b"alice@example.org\n", ""),
], ids=range(9))
def test_passwd_refuses(sqlite, data, word):
    sqlite.add("alice", "--email", "alice@example.org")
    before = sqlite.show("alice")
    text = sqlite.bad(5, "passwd", "alice", stdin=data)
    assert word in text and "Nothing was changed" in text
    assert sqlite.show("alice") == before


def test_passwd_needs_a_user(command):
    command.bad(3, "passwd", "nobody-there", stdin=PASSWORD)
    command.bad(5, "passwd", "root", stdin=PASSWORD)


def test_the_password_is_not_echoed(sqlite):
    sqlite.add("alice")
    before = encoded(sqlite, "alice")
    terminal = Terminal(sqlite, "passwd", "alice")
    terminal.answer("New password: ", OTHER)
    terminal.answer("The same again: ", OTHER)
    assert terminal.finish() == 0
    assert OTHER not in terminal.wire and "new password" in terminal.wire
    assert encoded(sqlite, "alice") != before


def test_two_that_differ_are_refused(sqlite):
    sqlite.add("alice")
    before = sqlite.show("alice")
    for second in (OTHER + "x", OTHER[:-1], OTHER.upper()):
        terminal = Terminal(sqlite, "passwd", "alice")
        terminal.answer("New password: ", OTHER)
        terminal.answer("The same again: ", second)
        assert terminal.finish() == 5 and "do not agree" in terminal.wire
    assert sqlite.show("alice") == before


def test_add_asks_too(sqlite):
    terminal = Terminal(sqlite, "add", "alice")
    terminal.answer("New password: ", PASSWORD)
    terminal.answer("The same again: ", PASSWORD)
    assert terminal.finish() == 0 and PASSWORD not in terminal.wire
    assert sqlite.show("alice")["has_password"]


def test_the_end_of_the_terminal_is_no_password(sqlite):
    sqlite.add("alice")
    terminal = Terminal(sqlite, "passwd", "alice")
    terminal.child.expect_exact("New password: ")
    terminal.wait_echo(False)
    terminal.child.sendeof()
    assert terminal.finish() == 5


def shell(command, *words):
    """The command under a shell that stays, so that the terminal outlives it."""
    line = " ".join(f"'{word}'" for word in command.words(*words))
    terminal = Terminal.__new__(Terminal)
    terminal.wire = ""
    terminal.child = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile", "-i"], timeout=15, encoding="utf-8",
        env=dict(command.environment, PS1="READY>", PS2="", BASH_SILENCE_DEPRECATION_WARNING="1"))
    terminal.child.expect_exact("READY>")
    terminal.child.sendline("stty -a | grep -c -- ' echo '")
    terminal.child.expect_exact("READY>")
    terminal.child.sendline(line)
    terminal.child.expect_exact("New password: ")
    terminal.wait_echo(False)
    return terminal


@pytest.mark.parametrize("key, number", [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)])
def test_a_signal_puts_the_terminal_back(sqlite, key, number):
    sqlite.add("alice")
    before = sqlite.show("alice")
    terminal = shell(sqlite, "passwd", "alice")
    terminal.child.send("half a passw" + key)
    terminal.child.expect_exact("READY>")
    terminal.child.sendline("echo status=$?; stty -a | tr ';' '\\n' | grep -w echo | head -1")
    terminal.child.expect(rf"status={128 + number}\r\n")
    terminal.child.expect_exact("READY>")
    assert " echo " in " " + terminal.child.before and "-echo " not in terminal.child.before
    terminal.child.sendline("exit")
    terminal.child.expect(pexpect.EOF)
    assert sqlite.show("alice") == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_ended_by_a_signal_from_outside(sqlite, number):
    sqlite.add("alice")
    terminal = Terminal(sqlite, "passwd", "alice")
    before = termios.tcgetattr(terminal.child.child_fd)[3] | termios.ECHO
    terminal.child.expect_exact("New password: ")
    terminal.wait_echo(False)
    os.kill(terminal.child.pid, number)
    terminal.wait_echo(True)
    assert termios.tcgetattr(terminal.child.child_fd)[3] == before
    terminal.child.expect(pexpect.EOF)
    terminal.child.close()
    assert terminal.child.signalstatus == number


def test_stopped_and_continued_it_asks_again(sqlite):
    sqlite.add("alice")
    terminal = shell(sqlite, "passwd", "alice")
    terminal.child.send("half\x1a")
    terminal.child.expect_exact("READY>")
    terminal.child.sendline("stty -a | tr ' ;' '\\n\\n' | grep -cx echo; fg")
    terminal.child.expect_exact("New password: ")
    assert "\r\n1\r\n" in terminal.child.before
    terminal.wait_echo(False)
    terminal.child.sendline(OTHER)
    terminal.answer("The same again: ", OTHER)
    terminal.child.expect_exact("has a new password.")
    terminal.child.sendline("exit")
    terminal.child.expect(pexpect.EOF)


def test_nothing_of_it_is_in_the_arguments_or_the_environment(sqlite):
    """What other processes see of the command while it holds a password."""
    sqlite.add("alice")
    words = sqlite.words("passwd", "alice")
    child = pexpect.spawn(words[0], words[1:], env=sqlite.environment, timeout=15)
    child.expect_exact("New password: ")
    time.sleep(0.1)
    child.sendline(OTHER)
    child.expect_exact("The same again: ")
    for name in ("cmdline", "environ"):
        seen = pathlib.Path(f"/proc/{child.pid}/{name}").read_bytes()
        assert OTHER.encode() not in seen and PASSWORD.encode() not in seen
    limits = pathlib.Path(f"/proc/{child.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
    child.sendline(OTHER)
    child.expect(pexpect.EOF)


def test_only_the_first_line_is_taken(sqlite):
    """A script can give the rest of its input to the next program."""
    sqlite.add("alice")
    words = " ".join(f"'{word}'" for word in sqlite.words("passwd", "alice", "--quiet"))
    result = subprocess.run(["/bin/sh", "-c", f"{words} && cat"], input=f"{OTHER}\nrest\n",
                            text=True, stdout=subprocess.PIPE, env=sqlite.environment, check=True)
    assert result.stdout == "rest\n"
