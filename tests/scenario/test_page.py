# SPDX-License-Identifier: BSD-2-Clause
"""Accounts that people make for themselves at the page, on a host that lets others in: they are web
accounts, and log in nowhere until somebody with the right to says so."""
import json
import shutil

import pytest

import machine
import page_host

PASSWORD = "four unrelated words of bea"


@pytest.fixture(scope="module")
def page(host):
    """The host's page, on which everybody may register; its configuration is back afterwards."""
    ours = machine.CONF.read_text()
    with page_host.PageServer(host) as server:
        server.configure()
        machine.CONF.write_text(ours + f"[web]\nuser = {page_host.USER}\n"
                                "[registration]\nmode = open\n")
        host.reload()
        server.start()
        yield server
    machine.CONF.write_text(ours)
    host.reload()


@pytest.fixture
def browser(page, tmp_path):
    return page_host.Browser(tmp_path, page.url)


@pytest.fixture
def bea(host, browser):
    """She has registered; her browser."""
    answer = browser.register("bea", PASSWORD, "Bea")
    assert (answer.status, answer.location) == (303, browser.url + "/register/submitted"), \
        answer.words
    yield browser
    host.command("delete", "bea", "--yes", check=False)
    host.reload()
    shutil.rmtree("/home/bea", ignore_errors=True)


def is_nobody(name):
    return all(machine.run("getent", database, name).returncode == 2
               for database in ("passwd", "group"))


def has_nothing_of_hosts(host, name):
    record = json.loads(host.command("show", name, "--json").stdout)
    return not {"uid", "gid", "shell", "home"} & set(record) and \
        record["hosts"] == record["groups"] == record["services"] == []


def test_w51_a_new_account_logs_in_nowhere(host, bea):
    """Not by her right password either, and for no service."""
    signed_in = bea.sign_in("bea", PASSWORD)
    assert (signed_in.status, signed_in.location) == (303, bea.url + "/profile"), signed_in.words
    shown = bea.get("/profile")
    assert "<bdi>bea</bdi>" in shown.text and "Login to servers not allowed" in shown.words
    for service in ("sshd", "sudo", "login"):
        said = host.pam(service, "bea", PASSWORD, "auth").stdout
        assert "auth: PAM_PERM_DENIED" in said, said
        assert "acct: PAM_PERM_DENIED" in host.pam(service, "bea", PASSWORD, "acct").stdout
    assert is_nobody("bea")
    assert host.ssh("bea", PASSWORD).returncode == 255
    assert has_nothing_of_hosts(host, "bea")


def test_w51_waiting_accounts_neither(host, page, browser):
    """Before somebody approved her she is not even told that she has no host."""
    text = machine.CONF.read_text()
    machine.CONF.write_text(text.replace("mode = open", "mode = approval"))
    host.reload()
    try:
        assert browser.register("cleo", PASSWORD, "Cleo").status == 303
        assert browser.sign_in("cleo", PASSWORD).status == 403
        assert "auth: PAM_ACCT_EXPIRED" in host.pam("sshd", "cleo", PASSWORD, "auth").stdout
        assert "cleo" in host.command("pending", "list").stdout
        host.command("grant", "cleo", "*", check=False)
        assert host.ssh("cleo", PASSWORD).returncode == 255
    finally:
        host.command("delete", "cleo", "--yes", check=False)
        machine.CONF.write_text(text)
        host.reload()


def test_w51_w53_nobody_grants_themselves(host, browser):
    """Fields that the form does not have are no fields."""
    answer = browser.register("dora", PASSWORD, "Dora", hosts="*", host_access="all", uid="0",
                              gid="0", shell="/bin/bash", home="/root", groups="sudo",
                              status="active", services="sshd")
    assert answer.status == 303
    try:
        assert is_nobody("dora") and host.ssh("dora", PASSWORD).returncode == 255
        assert has_nothing_of_hosts(host, "dora")
    finally:
        host.command("delete", "dora", "--yes")


def test_granted_she_logs_in(host, bea):
    assert is_nobody("bea")
    host.command("grant", "bea", "*")
    host.reload()
    assert host.ssh("bea", PASSWORD, "id -un; pwd").stdout.splitlines() == ["bea", "/home/bea"]
    assert bea.sign_in("bea", PASSWORD).status == 303
    assert "Login to servers allowed" in bea.get("/profile").words


def test_a_password_of_the_page_counts_at_once(host, bea):
    new = "quite another sentence of bea"
    host.command("grant", "bea", "*")
    host.reload()
    assert bea.sign_in("bea", PASSWORD).status == 303
    changed = bea.submit("/profile/password", current=PASSWORD, password=new, password2=new)
    assert changed.status == 303, changed.words
    assert host.ssh("bea", PASSWORD).returncode == 255
    assert host.ssh("bea", new, "id -un").stdout == "bea\n"
