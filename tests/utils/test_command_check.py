# SPDX-License-Identifier: BSD-2-Clause
"""init and check."""
import json
import os
import re
import stat
import subprocess

import pytest

import frames
import servers
from command import Command, with_file
from test_command_login import Liar, reply


def findings(command):
    """{subject: [(finding, text)]} and the exit code; the text and the JSON say the same."""
    result = command.run("check", "--json")
    found = {}
    for row in json.loads(result.stdout):
        found.setdefault(row["subject"], []).append((row["finding"], row["text"]))
    return found, result.returncode


@pytest.fixture
def answering(command):
    liar = Liar(command.socket, reply((frames.VERDICT, b"\x0a"), (frames.INFO, b"pam-dynamod 9")))
    yield command
    liar.close()


def test_init_creates(empty):
    text = empty.good("init")
    assert f"The {empty.engine} store is ready" in text and len(text.splitlines()) > 1
    empty.good("add", "alice", "--no-password")
    empty.good("init")
    assert empty.show("alice")["username"] == "alice"
    assert empty.json("init") == {"engine": empty.engine, "ready": True}


def test_init_makes_a_private_file(sqlite):
    status = os.stat(sqlite.database)
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert status.st_uid == os.stat(sqlite.directory).st_uid


def test_init_in_a_folder_of_the_service(tmp_path):
    """Run by root, the file is the service's, which could not open it otherwise."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to give a folder to another user")
    folder = tmp_path / "var"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    command = Command(tmp_path, "sqlite")
    command.configure(store={"engine": "sqlite", "path": folder / "users.db"})
    command.good("init")
    command.good("add", "alice", "--no-password")
    for file in folder.iterdir():
        assert os.stat(file).st_uid == 12345, file


def test_init_says_what_is_in_the_way(tmp_path):
    command = Command(tmp_path, "sqlite")
    (tmp_path / "users.db").write_text("this is no database, and it is long enough" * 100)
    assert command.run("init").returncode in (65, 78)
    command.configure(store={"engine": "sqlite", "path": "/nonexistent/users.db"})
    command.bad(78, "init")


@pytest.mark.parametrize("text, line, word", [
    ("[store]\nengine = mongodb\n", 2, "engine"), ("[nonsense]\nx = 1\n", 1, "nonsense"),
    ("[service]\nsockt = /x\n", 2, "sockt"), ("[login]\nmax_failures = -1\n", 2, "max_failures"),
    ("[login]\nmax_failures = 3\nmax_failures = 3\n", 3, "max_failures"), ("garbage\n", 1, ""),
])
def test_check_names_file_line_and_key(tmp_path, text, line, word):
    command = Command(tmp_path, "sqlite")
    command.conf.write_text(text)
    result = command.run("check")
    assert result.returncode == 78
    assert re.match(rf"bad +configuration: .*pam_dynamo.conf:{line}: .*{word}", result.stdout)
    assert word in command.bad(78, "list") and word in command.bad(78, "init")
    assert findings(command)[1] == 78


def test_check_takes_no_words(sqlite):
    sqlite.bad(2, "check", "alice")


def test_check_refuses_a_writable_configuration(sqlite):
    sqlite.conf.chmod(0o666)
    assert "writ" in sqlite.run("check").stdout
    sqlite.bad(78, "show", "alice")
    sqlite.conf.unlink()
    assert sqlite.run("check").returncode == 78


def test_check_reads_the_lists_of_passwords(sqlite, tmp_path):
    found, _ = findings(sqlite)
    [(finding, text)] = found["blocklist"]
    assert finding == "ok" and re.match(r"\d{3,} common passwords of 15 or more characters", text)
    sqlite.configure(password={"site_blocklist": tmp_path / "missing"})
    found, code = findings(sqlite)
    [(finding, text)] = found["blocklist"]
    assert code == 78 and finding == "bad" and f"{tmp_path}/missing: does not exist" in text


def test_check_when_all_is_well(answering):
    found, code = findings(answering)
    assert code == 0, found
    assert not [row for rows in found.values() for row in rows if row[0] == "bad"], found
    assert found["service"] == [("ok", f"{answering.socket} answers: pam-dynamod 9")]
    assert found["configuration"] == [("ok", str(answering.conf))]
    text = answering.run("check").stdout
    assert all(re.match(r"(ok|warning|bad) +\S.*: \S", line) for line in text.splitlines())
    assert "ok " not in answering.run("check", "--quiet").stdout
    if answering.engine == "sqlite":
        answering.good("check")


def test_check_without_a_store(empty):
    found, code = findings(empty)
    assert code in (69, 78)
    assert any("init" in text for rows in found.values() for finding, text in rows
               if finding == "bad"), found


def test_check_without_the_service(sqlite):
    found, code = findings(sqlite)
    assert code == 69 and found["service"][0][0] == "bad"
    assert "systemctl start" in found["service"][0][1]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad\r\n\r\n", reply()])
def test_check_of_another_service(sqlite, answer):
    liar = Liar(sqlite.socket, answer)
    found, code = findings(sqlite)
    liar.close()
    assert code in (65, 69) and found["service"][0][0] == "bad"


def nsswitch(command, tmp_path, text):
    """check on a machine with this nsswitch.conf."""
    file = tmp_path / "nsswitch.conf"
    file.write_text(text)
    result = subprocess.run(
        with_file(file, "/etc/nsswitch.conf", command.words("check")),
        env=command.environment, text=True, stdout=subprocess.PIPE, check=False)
    return re.findall(r"(\w+) +names: the (\w+) line", result.stdout)


def test_check_of_the_name_service(sqlite, tmp_path):
    sqlite.configure(service={"socket": sqlite.socket,
                              "userdb_socket": "/run/systemd/userdb/io.absent"})
    for text, passwd, group in [
            ("passwd: files systemd\ngroup: files [SUCCESS=merge] systemd\n", "ok", "ok"),
            ("passwd: files\ngroup:\tsystemd\n", "warning", "ok"),
            ("#passwd: systemd\ngroup: files # systemd\n", "warning", "warning"),
            ("", "warning", "warning"), ("passwd: systemdx\ngroup : systemd\n", "warning",
                                         "warning")]:
        assert nsswitch(sqlite, tmp_path, text) == [(passwd, "passwd"), (group, "group")], text
    assert "names: /run/systemd/userdb/io.absent" in sqlite.run("check").stdout


def test_check_of_a_server_that_is_gone(tmp_path):
    port = servers.free_port()
    command = Command(tmp_path, "dynamodb", f"http://127.0.0.1:{port}")
    found, code = findings(command)
    assert code == 69, found
    command.bad(69, "show", "alice")


def test_check_without_credentials(tmp_path, dynoxide):
    command = Command(tmp_path, "dynamodb", dynoxide.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del command.environment[name]
    command.environment["AWS_EC2_METADATA_DISABLED"] = "true"
    _, code = findings(command)
    assert code == 78


def test_check_of_the_trusted_users(sqlite):
    sqlite.configure(service={"socket": sqlite.socket, "userdb_socket": "",
                              "trusted_users": "daemon, nosuch nobody"})
    found, _ = findings(sqlite)
    words = [row[0] for row in found["trusted"]]
    texts = [row[1] for row in found["trusted"]]
    assert words == ["ok", "warning", "warning"], found
    assert texts[0] == "daemon may ask about every name"
    assert texts[1].startswith("nosuch is not in /etc/passwd; ") and "trusted_users" in texts[1]
    assert texts[2].startswith("nobody ") and texts[2].endswith("as a user of its own")


def test_check_of_the_groups_that_may_be_joined(sqlite):
    sqlite.configure(userdb={"groups": "staff, nosuchgroup root"})
    found, _ = findings(sqlite)
    words = [row[0] for row in found["groups"]]
    texts = [row[1] for row in found["groups"]]
    assert words == ["ok", "warning", "warning"], found
    assert texts[0].startswith("staff may be joined")
    assert texts[1].startswith("nosuchgroup is not in /etc/group; ") and "[userdb]" in texts[1]
    assert texts[2].startswith("root is root's group")
