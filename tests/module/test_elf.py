#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the built module shows to its hosts and asks of them."""
import pathlib
import re
import subprocess

MODULE = pathlib.Path(__file__).resolve().parents[2] / "build" / "pam_dynamo.so"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_exports_the_six_entry_points_and_nothing_else():
    lines = output("nm", "-D", "--defined-only", str(MODULE)).splitlines()
    assert sorted(line.split()[-1] for line in lines) == [
        "pam_sm_acct_mgmt", "pam_sm_authenticate", "pam_sm_chauthtok",
        "pam_sm_close_session", "pam_sm_open_session", "pam_sm_setcred"]


def test_needs_libpam_and_libc_and_nothing_else():
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", str(MODULE)))
    assert sorted(needed) == ["libc.so.6", "libpam.so.0"]


def test_asks_nothing_of_libc_that_would_touch_the_host():
    """No process, no thread, no signal, no environment, no name service, no end of the host."""
    undefined = {line.split()[-1].split("@")[0]
                 for line in output("nm", "-D", "--undefined-only", str(MODULE)).splitlines()}
    forbidden = {"fork", "vfork", "system", "popen", "execve", "posix_spawn", "pthread_create",
                 "signal", "sigaction", "sigprocmask", "alarm", "setitimer", "umask", "chdir",
                 "setlocale", "getenv", "secure_getenv", "setenv", "putenv", "getpwnam",
                 "getpwnam_r", "getaddrinfo", "gethostbyname", "exit", "_exit", "abort", "select",
                 "openlog", "closelog", "printf", "puts", "dlopen", "atexit", "setrlimit",
                 "setuid", "seteuid", "sleep", "usleep", "strtok"}
    assert not undefined & forbidden


def test_has_no_writable_data_of_its_own():
    """No state of the module outlives a call except in libpam's hands. What gcc itself puts there
    is a few bytes; tables of pointers stand in .data.rel.ro, read-only after loading."""
    sections = output("readelf", "-SW", str(MODULE))
    for name in (".data", ".bss"):
        found = re.search(r"\]\s+\%s\s+\S+\s+\S+\s+\S+\s+(\S+)" % name, sections)
        assert found is None or int(found.group(1), 16) <= 16, name
