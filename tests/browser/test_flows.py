# SPDX-License-Identifier: BSD-2-Clause
"""What people do at the page in Chromium, with JavaScript and without."""
from page_site import PASSWORD
from steps import is_error, passwords_are_empty, register, sign_in

NEW = "another long enough sentence"
TYPED = {"given_name": 'Ann "<b>&amp;', "family_name": "O'Malley", "email": "ann@example.org",
         "organization": "Größe & Söhne"}


def test_registering_and_living_with_an_account(browser, open_site, script):
    """W-80, W-86, W-88: every step works without a script, and errors lose nothing."""
    browser.script(script)
    browser.open("/register")
    assert bool(browser.all("button.reveal")) == script
    browser.fill(username="Ann", password=PASSWORD, password2="something else", **TYPED)
    browser.press()
    is_error(browser, script)
    assert {name: browser.value(name) for name in TYPED} == TYPED
    assert browser.value("username") == "Ann"
    passwords_are_empty(browser)
    browser.fill(username="ann", password=PASSWORD, password2=PASSWORD, terms=True)
    browser.press()
    assert browser.path == "/register/submitted" and "ready" in browser.text

    sign_in(browser, password="not this one")
    is_error(browser, script)
    assert browser.value("username") == "ann"
    passwords_are_empty(browser)
    sign_in(browser)
    assert browser.path == "/profile" and TYPED["given_name"] in browser.text

    browser.open("/profile/edit")
    browser.fill(given_name="", organization="Elsewhere")
    browser.press()
    is_error(browser, script)
    assert browser.find("#error-summary a").text == "Given name: Fill in this field"
    assert browser.value("organization") == "Elsewhere"
    browser.fill(given_name="Anna")
    browser.press()
    assert browser.path == "/profile?ok=profile" and "Anna" in browser.text
    assert browser.find("[role=status]").text != ""

    browser.open("/profile/password")
    browser.fill(current="not this one", password=NEW, password2=NEW)
    browser.press()
    is_error(browser, script)
    passwords_are_empty(browser)
    browser.fill(current=PASSWORD, password=NEW, password2=NEW)
    browser.press()
    assert browser.path == "/profile?ok=password"
    browser.press("/signout")
    assert browser.path.startswith("/signin")
    sign_in(browser)
    is_error(browser, script)
    sign_in(browser, password=NEW)

    browser.open("/profile/close")
    browser.fill(current=NEW)
    browser.press()
    is_error(browser, script)
    browser.fill(current=NEW, sure=True)
    browser.press()
    sign_in(browser, password=NEW)
    is_error(browser, script)
    assert "not correct" in browser.text
    assert "closed" in open_site.service.command("show", "ann")


def test_signing_out_elsewhere(browser, open_site, script):
    browser.script(script)
    register(browser)
    sign_in(browser)
    elsewhere = browser.cookies(new=[])
    sign_in(browser)
    browser.press("/profile/sessions")
    assert browser.path == "/profile?ok=sessions"
    here = browser.cookies(new=elsewhere)
    browser.open("/profile")
    assert browser.path == "/signin"
    browser.cookies(new=here)
    browser.open("/profile")
    assert browser.path == "/profile"


def test_waiting_for_approval(browser, make_site, script):
    site = make_site("approval")
    browser.begin(site)
    browser.script(script)
    register(browser, reason="I work here.\nSince May.")
    assert "received" in browser.text
    sign_in(browser)
    is_error(browser, script)
    assert "ann" in site.service.command("pending", "list")
    site.service.command("pending", "approve", "ann")
    sign_in(browser)
    assert browser.path == "/profile" and "not allowed" in browser.text


def link(site, address="ann@example.org"):
    [(to, found)] = [mail for mail in site.mails() if mail[1]]
    assert to == address
    return found


def test_confirming_and_resetting_by_mail(browser, make_site, script):
    site = make_site("email")
    browser.begin(site)
    browser.script(script)
    register(browser, email="ann@example.org")
    confirm = link(site)
    browser.open(confirm)
    browser.fill(password="not this one")
    browser.press()
    is_error(browser, script)
    browser.fill(password=PASSWORD)
    browser.press()
    assert browser.path == "/profile?ok=verified", browser.text
    browser.press("/signout")
    browser.open("/reset")
    browser.fill(username="ann@example.org")
    browser.press()
    assert browser.path == "/reset/sent"
    reset = link(site)
    browser.open(reset)
    browser.fill(password="short", password2="short")
    browser.press()
    is_error(browser, script)
    passwords_are_empty(browser)
    browser.fill(password=NEW, password2=NEW)
    browser.press()
    assert browser.path.startswith("/signin")
    sign_in(browser, password=NEW)
    assert browser.path == "/profile"
    for used in (confirm, reset):
        browser.open(used)
        assert "not valid any more" in browser.text


def test_w10_cookies(browser, open_site):
    register(browser)
    sign_in(browser)
    cookies = browser.cookies()
    assert sorted(each["name"] for each in cookies) == ["__Host-pd_form", "__Host-pd_session"]
    for each in cookies:
        assert each["secure"] and each["httpOnly"] and each["session"]
        assert (each["sameSite"], each["path"]) == ("Strict", "/")
    assert browser.evaluate("document.cookie") == ""


def test_w16_forms_of_another_site(browser, open_site):
    """Signed in or not, what another site's page sends is refused."""
    register(browser)
    sign_in(browser)
    path = open_site.other_page(f'<!DOCTYPE html><html lang="en"><title>Other</title><link '
                                f'rel="icon" href="data:,"><main><form method="post" '
                                f'action="{open_site.url}/signout"><button type="submit">Go'
                                f'</button></form></main>')
    browser.open(f"http://127.0.0.1:{open_site.port}{path}")
    browser.press("/signout")
    assert browser.path == "/signout" and "expired" in browser.title
    browser.open("/profile")
    assert browser.path == "/profile"


def test_w84_scripts_of_others_do_not_run(browser, open_site):
    """What the silence of the console in all other tests is worth: here it speaks."""
    browser.open("/signin")
    browser.evaluate("var s = document.createElement('p'); s.setAttribute('style', 'color: red');"
                     "document.body.appendChild(s); 0")
    said = browser.messages()
    assert said and "Content Security Policy" in said[0]


def test_the_page_at_an_address(browser, make_site):
    """Without a name, for who tries it on his own machine: its cookies are kept as well."""
    browser.begin(make_site("open", host="127.0.0.1"))
    register(browser)
    sign_in(browser)
    assert browser.path == "/profile"
