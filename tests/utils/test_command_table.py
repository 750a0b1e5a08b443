# SPDX-License-Identifier: BSD-2-Clause
"""The tables of commands, options and exit codes, and what is written about them elsewhere."""
import pathlib
import re
import subprocess

import pytest

from command import BASE_ENVIRONMENT, PROGRAM, ROOT, tables

HERE = pathlib.Path(__file__).resolve().parent
MAN = ROOT / "utils" / "pam-dynamo.8"
COMPLETION = ROOT / "utils" / "pam-dynamo.bash-completion"
TABLES = tables()
COMMANDS = {row["name"]: row for row in TABLES["commands"]}
OPTIONS = {row["name"]: row for row in TABLES["options"]}
SECRET = "hunter2hunter2hunter2"


def call(*words, stdin=""):
    return subprocess.run([PROGRAM, *words], input=stdin, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=BASE_ENVIRONMENT, timeout=30, check=False)


def man_section(title):
    return re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh|\Z)", MAN.read_text(), re.M | re.S).group(1)


def complete(*words):
    """What bash offers for the last word."""
    script = (f"source {COMPLETION}; COMP_WORDS=(pam-dynamo {' '.join(repr(w) for w in words)}); "
              f"COMP_CWORD={len(words)}; _pam_dynamo; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    result = subprocess.run(["/bin/bash", "-c", script], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=BASE_ENVIRONMENT, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_man_page(name):
    entry = re.search(rf"^\.It Cm {re.escape(name)}(?: (.*))?\n(.*?)(?=^\.It Cm|\Z)",
                      man_section("COMMANDS"), re.M | re.S)
    assert entry, f"{name} is not in {MAN}"
    for option in COMMANDS[name]["options"]:
        assert f"Fl -{option}" in entry.group(0), f"{name} --{option}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_tested(name):
    text = "".join(path.read_text() for path in HERE.glob("test_command_*.py"))
    for kind in (r"(?:good|json|add|run)\(", r"bad\(\d+, "):
        assert re.search(kind + f'"{name}"', text), f"{name}: {kind}"


def test_the_man_page_has_no_other_commands():
    assert set(re.findall(r"^\.It Cm (\S+)", man_section("COMMANDS"), re.M)) == set(COMMANDS)


def test_the_man_page_has_the_exit_codes():
    found = re.findall(r"^\.It (\d+)\n(.*)$", man_section("EXIT STATUS"), re.M)
    assert found == [(str(row["code"]), row["meaning"]) for row in TABLES["exit_codes"]]


def test_the_man_page_has_the_global_options():
    text = man_section("DESCRIPTION")
    for option in OPTIONS.values():
        assert (f"Fl -{option['name']}" in text) == (
            option["global"] or option["name"] == "password-stdin"), option


@pytest.mark.parametrize("name", COMMANDS)
def test_the_completion_knows_the_options(name):
    expected = {f"--{option}" for option in COMMANDS[name]["options"]}
    expected |= {f"--{row['name']}" for row in OPTIONS.values() if row["global"]}
    assert complete(name, "-") == expected


def test_the_completion_knows_the_commands():
    assert complete("") == set(COMMANDS)
    assert complete("--config", "x", "") == set(COMMANDS)
    assert complete("help", "l") == {"list", "lock", "login-test"}


def test_the_completion_skips_values():
    for option in OPTIONS.values():
        if "value" in option:
            assert complete(f"--{option['name']}", "x", "d") == {"delete", "disable"}, option


def test_the_fields_are_the_same_everywhere(sqlite):
    refused = sqlite.bad(2, "set", "alice", "nonsense=1")
    fields = set(refused.split("these are:")[1].split())
    assert {word.rstrip("=") for word in complete("set", "alice", "")} == fields
    entry = man_section("COMMANDS").split(".It Cm set")[1].split("The fields are")[1]
    listed = re.findall(r"^\.Cm (\S+)", entry.split("A new mail")[0], re.M)
    assert set(listed) == fields


@pytest.mark.parametrize("name", COMMANDS)
def test_help_explains(name):
    for words in (("help", name), (name, "--help"), ("-h", name)):
        result = call(*words)
        assert result.returncode == 0 and result.stderr == ""
        assert result.stdout.startswith(f"usage: pam-dynamo {name}")
        for option in COMMANDS[name]["options"]:
            assert f"--{option}" in result.stdout
    assert all(len(line) <= 100 for line in result.stdout.splitlines())


def test_help_lists_the_commands(sqlite):
    text = sqlite.good("help")
    for name, row in COMMANDS.items():
        assert name in text and row["summary"] in text
    assert call("--help").stdout == text


def test_help_knows_no_other_command(sqlite):
    assert "frobnicate" in sqlite.bad(2, "help", "frobnicate")


def test_no_command_is_a_usage_error():
    result = call()
    assert result.returncode == 2 and result.stderr.startswith("usage:") and result.stdout == ""


def test_version():
    version = re.search(r"^VERSION := (\S+)", (ROOT / "Makefile").read_text(), re.M).group(1)
    assert call("--version").stdout == f"pam-dynamo {version}\n"
    assert call("-V").returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_other_commands_are_refused(name):
    for option in set(OPTIONS) - set(COMMANDS[name]["options"]):
        if OPTIONS[option]["global"]:
            continue
        value = ["x"] if "value" in OPTIONS[option] else []
        result = call(name, f"--{option}", *value)
        assert result.returncode == 2 and f"--{option}" in result.stderr, (name, option)


@pytest.mark.parametrize("name", COMMANDS)
def test_missing_and_further_words_are_refused(name):
    needed = len(re.findall(r"(?<!\[)\b[A-Z]", COMMANDS[name]["words"].replace("=VALUE", "")))
    if needed:
        assert call(name, *["x"] * (needed - 1)).returncode == 2
    if "..." not in COMMANDS[name]["words"]:
        result = call(name, "alice", SECRET, SECRET)
        assert result.returncode == 2 and SECRET not in result.stderr + result.stdout


@pytest.mark.parametrize("words", [
    ["passwd", "alice", f"--password={SECRET}"], ["passwd", "alice", "--password", SECRET],
    ["add", "alice", f"--passwd={SECRET}"], ["add", "alice", f"-p{SECRET}"],
    ["login-test", "alice", "-p", SECRET], ["set", "alice", f"password={SECRET}"],
], ids=lambda words: " ".join(words[::2]).replace(SECRET, "..."))
def test_a_password_is_never_an_argument(words, sqlite):
    result = call(*words, "-c", str(sqlite.conf))
    assert result.returncode == 2 and SECRET not in result.stderr + result.stdout
    assert "never an argument" in result.stderr


@pytest.mark.parametrize("words", [
    ["frobnicate"], ["--frobnicate"], ["-x"], ["show", "--json=yes", "alice"], ["list", "--status"],
    ["list", "--status", "active", "--status", "active"], ["list", "--stat", "active"],
    ["list", "--", "--json"], ["-"], ["check", "--config"],
    ["set", "alice"] + [f"full_name={i}" for i in range(200)],
], ids=lambda words: " ".join(words[:4]))
def test_broken_command_lines(words):
    result = call(*words)
    assert result.returncode == 2 and result.stderr.startswith("pam-dynamo: ")
    assert result.stdout == ""


def test_options_stand_anywhere(sqlite):
    conf = str(sqlite.conf)
    for words in (["--json", "list", "-c", conf], [f"--config={conf}", "list", "--json"],
                  [f"-c{conf}", "--json", "--", "list"]):
        assert call(*words).stdout == "[]\n"


def test_words_are_escaped():
    result = call("fro\x1b[31mb\nx")
    assert "\x1b" not in result.stderr and result.stderr.count("\n") == 1


def test_output_that_cannot_be_written():
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run([PROGRAM, "help"], stdout=full, stderr=subprocess.PIPE, text=True,
                                env=BASE_ENVIRONMENT, check=False)
    assert result.returncode == 74 and "cannot be written" in result.stderr
