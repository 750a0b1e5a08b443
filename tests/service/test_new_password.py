# SPDX-License-Identifier: BSD-2-Clause
"""New passwords: the service and the command judge alike, and what is taken logs in in every form."""
import subprocess
import unicodedata

import pytest

import frames
from conftest import BUILD, PASSWORD

BIRD = "\U0001f426"
REFUSED = [
    ("", "15 characters or more"),
    ("fourteen chars", "15 characters or more"),
    ("e\u0301" * 14, "15 characters or more"),
    ("mauve ladder " * 10, "128 characters or fewer"),
    (BIRD * 127 + "\u2603\u2603", "128 characters or fewer"),
    ("a\u0302\u0301" * 103, "511 bytes"),
    ("mauve\tladder trombone", "control character"),
    ("passwordPassword", "commonly used"),
    ("alice.alice.alice", "too easy"),
    ("ALICEalice20262026", "belongs to you"),
    ("liddell123456789", "belongs to you"),
    ("testhosttesthost", "belongs to you"),
    ("5432154321543215", "too easy"),
    ("asdfghjklqwertyuiop", "too easy"),
    ("\u2603" * 15, "too easy"),
]
TAKEN = [
    "alice keeps a white rabbit",
    "  blanks at both ends stay  ",
    "\u00c4pfel, Birnen und M\u00fcsli",
    "\ud55c\uae00 \ubc14\ud0d5\uc73c\ub85c \ub41c \ube44\ubc00\ubc88\ud638 \ud558\ub098",
    f"{BIRD}\u2603\U0001f680\U0001f9f2 four signs, one password",
    "s\u0323\u0307 under q\u0307\u0323 over the marks",
    "".join(chr(0x1f300 + 7 * i) for i in range(127)) + "\u2603",
]


def change(service, old, new):
    return frames.ask(service.login, frames.CHANGE, {
        frames.USER: "alice", frames.SERVICE: "passwd", frames.PASSWORD: old,
        frames.NEW_PASSWORD: new})


@pytest.fixture
def known(stopped):
    stopped.add("alice", "--hosts", "*", "--full-name", "Alice Liddell",
                "--email", "alice@example.org")
    stopped.start()
    return stopped


def test_command_and_service_say_the_same(known):
    for password, words in REFUSED:
        answer = change(known, PASSWORD, password)
        sentence = answer.text(frames.MESSAGE)
        assert answer.verdict == "refused", (password, answer)
        assert words in sentence, (password, sentence)
        if not password:
            continue  # the command asks again before any rule is held against it
        result = subprocess.run(
            [BUILD / "pam-dynamo", "-c", known.conf, "passwd", "alice", "--password-stdin"],
            input=password + "\n", text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=60, check=False)
        assert result.returncode == 5, (password, result.stdout)
        if len(password.encode()) < 512:
            assert sentence in result.stdout, (password, sentence, result.stdout)
    assert known.authenticate().verdict == "success"


def test_what_is_taken_logs_in_in_either_form(known):
    old = PASSWORD
    for password in TAKEN:
        answer = change(known, old, password)
        assert answer.verdict == "success", (password, answer)
        for form in ("NFC", "NFD"):
            typed = unicodedata.normalize(form, password)
            if len(typed.encode()) <= 512:
                assert known.authenticate(password=typed).verdict == "success", (form, password)
        assert known.authenticate(password=password.strip() + "x").verdict == "deny"
        old = unicodedata.normalize("NFD", password)
        old = old if len(old.encode()) <= 512 else password


def test_blanks_and_case_are_kept(known):
    assert change(known, PASSWORD, "  Blanks At Both Ends  ").verdict == "success"
    for other in ("Blanks At Both Ends", "  Blanks At Both Ends", "  blanks at both ends  "):
        assert known.authenticate(password=other).verdict == "deny"
    assert known.authenticate(password="  Blanks At Both Ends  ").verdict == "success"
