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
        assert "$argon2" not in result.stdout + result.stderr
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


NEAR = "Nothing was changed"
REFUSED = [
    ("fourteen chars", "15 characters or more"),
    ("aaaaaaaaaaaaaaaa", "follows a pattern"),
    ("x7!kx7!kx7!kx7!k", "follows a pattern"),
    ("qwertyuiopasdfgh", "follows a pattern"),
    ("fedcba9876543210", "too easy to guess"),
    ("passwordpassword", "commonly used"),
    ("ThisIsMyPassword", "commonly used"),
    ("MAY THE FORCE BE WITH YOU", "commonly used"),
    ("our own house word", "commonly used"),
    ("januaryfebruary", "too easy to guess"),
    ("alice1234567890", "belongs to you"),
    ("Hargreaves2026!", "too easy to guess"),
    ("HargreavesHargreaves", "belongs to you"),
    ("alice@example.org", "belongs to you"),
    ("desk.example.org", "belongs to you"),
    ("mauve\tladder\ttrombone", "control character"),
    ("\u00e4" * 129, "128 characters or fewer"),
    ("\U0001f426\u2603" * 63 + "\u2603\u2603\u2603", "128 characters or fewer"),
]


@pytest.fixture
def strict(sqlite, tmp_path):
    """With a list of the site's own."""
    site = tmp_path / "site-passwords"
    site.write_text("Our Own House Word\n")
    site.chmod(0o644)
    sqlite.configure(password={"site_blocklist": site})
    return sqlite


@pytest.mark.parametrize("password, word", REFUSED, ids=range(len(REFUSED)))
def test_passwd_says_what_a_new_password_needs(strict, password, word):
    strict.add("alice", "--email", "alice@example.org", "--full-name", "Alice Hargreaves")
    before = strict.show("alice")
    text = strict.bad(5, "passwd", "alice", stdin=password + "\n")
    assert word in text and NEAR in text and password not in text
    assert strict.show("alice") == before


def test_add_says_the_same(strict):
    for password, word in (("passwordpassword", "commonly used"), ("bobby1234567890", "belongs"),
                           ("example.net 2026", "too easy")):
        text = strict.bad(5, "add", "bobby", "--email", "bobby@example.net",
                          stdin=password + "\n")
        assert word in text and NEAR in text and password not in text
    strict.bad(3, "show", "bobby")


@pytest.mark.parametrize("password", [
    "alice keeps a white rabbit", "my desk.example.org is tidy", "a password is like a sock",
    "  two leading blanks  ", "\u00c4pfel, Birnen und M\u00fcsli", "\U0001f426\u2603\U0001f680" * 4
    + " is a bird", "#!comment: marks no list", "\u03b8\u03c1\u03cc\u03bd\u03bf\u03c2 \u03c4\u03bf\u03c5 \u03c7\u03b9\u03bf\u03bd\u03b9\u03bf\u03cd",
], ids=range(8))
def test_passwd_takes_every_other(strict, password):
    strict.add("alice")
    strict.good("passwd", "alice", stdin=password + "\n")


def test_the_rules_are_the_configuration_s(sqlite):
    sqlite.add("alice")
    sqlite.bad(5, "passwd", "alice", stdin="xv8Kq!\n")
    sqlite.configure(password={"min_length": 6})
    sqlite.good("passwd", "alice", stdin="xv8Kq!\n")
    sqlite.bad(5, "passwd", "alice", stdin="january\n")
    sqlite.configure(password={"min_length": 6, "min_guess_bits": 0})
    sqlite.good("passwd", "alice", stdin="january\n")
    assert "commonly" in sqlite.bad(5, "passwd", "alice", stdin="password123\n")
    sqlite.configure(password={"min_length": 6, "min_guess_bits": 0, "blocklist": ""})
    sqlite.good("passwd", "alice", stdin="password123\n")


def test_without_its_list_nothing_is_judged(sqlite, tmp_path):
    sqlite.add("alice")
    before = sqlite.show("alice")
    listed = tmp_path / "common-passwords"
    listed.unlink()
    text = sqlite.bad(78, "passwd", "alice", stdin=OTHER)
    assert f"{listed}: does not exist" in text
    listed.write_text("a word\nan over-long line " + "x" * 512 + "\n")
    assert f"{listed}: line 2: longer" in sqlite.bad(78, "passwd", "alice", stdin=OTHER)
    listed.write_text("a word\n")
    listed.chmod(0o666)
    assert "nobody else can write" in sqlite.bad(78, "passwd", "alice", stdin=OTHER)
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
