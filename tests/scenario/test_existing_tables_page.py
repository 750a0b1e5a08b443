# SPDX-License-Identifier: BSD-2-Clause
"""A sign-up table that a page in Python with Flask and boto3 made and fills: its users sign in on
our page with the passwords that they have, log in over sshd once the table says where, and stay as
boto3 wrote them."""
import shutil

import boto3
import pytest

import existing_table
import hosts_matrix
import machine
import page_host

UID = 1900000088
WRONG = "wrong horse battery staple"


@pytest.fixture(scope="module")
def signups(host):
    """The table; the host reads it, and the page is there, for as long as this file takes."""
    resource = boto3.resource("dynamodb", endpoint_url=host.server.url,
                              region_name=machine.REGION, aws_access_key_id=machine.ACCESS_KEY,
                              aws_secret_access_key=machine.SECRET_KEY)
    table = resource.create_table(TableName="flask_users", **existing_table.schema("username"))
    ours = machine.CONF.read_text()
    with page_host.PageServer(host) as server:
        server.configure()
        machine.CONF.write_text(
            ours.replace("[dynamodb]\n", "[dynamodb]\nusers_table = flask_users\n") +
            "[attributes]\nprofile = flask-boto3\npassword = password_hash\nuid = uid\n"
            "hosts = hosts\n"
            f"[web]\nuser = {page_host.USER}\n")
        host.reload()
        server.start()
        table.page = server
        yield table
    machine.CONF.write_text(ours)
    host.reload()
    table.delete()
    shutil.rmtree("/home/wim", ignore_errors=True)


@pytest.fixture
def wim(signups):
    """As the Flask page's own registration writes him: several fields and Werkzeug's hash."""
    item = {"username": "wim", "name": "Wim Example", "email": "wim@example.org",
            "phone": "+49 30 1234567", "created_at": "2025-01-31T08:00:00", "is_active": True,
            "password_hash": existing_table.werkzeug(hosts_matrix.PASSWORD, "pbkdf2:sha256"),
            "preferences": {"newsletter": True, "tags": ["a", "b"]}}
    signups.put_item(Item=item)
    return item


def read(signups):
    return signups.get_item(Key={"username": "wim"}, ConsistentRead=True)["Item"]


def test_its_users_sign_in_on_the_page(host, signups, wim, tmp_path, password):
    browser = page_host.Browser(tmp_path, signups.page.url)
    wrong = browser.sign_in("wim", WRONG)
    assert (wrong.status, wrong.location) == (403, None), wrong.words
    good = browser.sign_in("wim", password)
    assert (good.status, good.location) == (303, browser.url + "/profile"), good.words
    shown = browser.get("/profile")
    assert "<bdi>wim</bdi>" in shown.text and "<bdi>wim@example.org</bdi>" in shown.text
    assert "Login to servers not allowed" in shown.words
    assert host.ssh("wim", password).returncode == 255
    assert browser.submit("/signout", page="/profile").status == 303
    assert read(signups) == wim


def test_granted_in_the_table_they_log_in_over_sshd(host, signups, wim, tmp_path, password):
    """Their administrator writes where, and which uid, as boto3 or the AWS console does."""
    assert machine.run("getent", "passwd", "wim").returncode == 2
    signups.update_item(Key={"username": "wim"}, UpdateExpression="SET hosts = :h, uid = :u",
                        ExpressionAttributeValues={":h": {"*"}, ":u": UID})
    granted = read(signups)
    host.reload()
    result = host.ssh("wim", password, "id -un; id -u; pwd")
    assert result.stdout.splitlines() == ["wim", str(UID), "/home/wim"]
    assert host.ssh("wim", WRONG).returncode == 255
    browser = page_host.Browser(tmp_path, signups.page.url)
    assert browser.sign_in("wim", password).status == 303
    assert "Login to servers allowed" in browser.get("/profile").words
    assert read(signups) == granted == dict(wim, hosts={"*"}, uid=UID)


def test_what_only_the_table_s_own_page_may_change(signups, wim, tmp_path, password):
    """The table is read alone: our page says no and leaves everything as it is."""
    browser = page_host.Browser(tmp_path, signups.page.url)
    assert browser.sign_in("wim", password).status == 303
    new = "quite another sentence of wim"
    for path, fields in (
            ("/profile/password", {"current": password, "password": new, "password2": new}),
            ("/profile/email", {"current": password, "email": "wim@example.net"}),
            ("/profile/edit", {"given_name": "Wim"}),
            ("/profile/close", {"current": password, "sure": "yes"})):
        answer = browser.submit(path, **fields)
        assert answer.status == 422 and "kept by another program" in answer.words, \
            (path, answer.status, answer.words)
    assert browser.submit("/profile/password", current=WRONG, password=new,
                          password2=new).words.count("is not correct") > 0
    assert browser.get("/register").status == 403
    assert read(signups) == wim
