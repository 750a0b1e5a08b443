# SPDX-License-Identifier: BSD-2-Clause
"""The page in Chromium: with JavaScript and without, light and dark, wide, narrow and zoomed."""
import re

import pytest
from browser import COLOURS, RULES
from page_site import PASSWORD
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

NEW = "another long enough sentence"
LOOKS = [dict(scheme=scheme, width=width) for scheme in ("light", "dark") for width in (1280, 320)]
TYPED = {"given_name": 'Ann "<b>&amp;', "family_name": "O'Malley", "email": "ann@example.org",
         "organization": "Größe & Söhne"}


def register(browser, user="ann", **more):
    browser.open("/register")
    browser.fill(**{"username": user, "given_name": "Ann", "password": PASSWORD,
                    "password2": PASSWORD, "terms": True, **more})
    browser.press()
    assert browser.path == "/register/submitted", browser.text


def sign_in(browser, user="ann", password=PASSWORD):
    browser.open("/signin")
    browser.fill(username=user, password=password)
    browser.press()


def is_error(browser, script=True):
    """W-86: the title says so, and the summary is where reading goes on."""
    assert browser.title.startswith("Error: "), browser.title
    assert browser.find("#error-summary").is_displayed()
    if script:
        assert browser.focused() == "error-summary"


def passwords_are_empty(browser):
    """W-40, W-88: nor is there one in the source."""
    for field in browser.all("input[type=password]"):
        assert field.get_property("value") == "" and field.get_dom_attribute("value") is None


def audit(browser, *looks):
    """W-81, W-83: nothing for axe to find and nothing to scroll sideways for, in each look."""
    for look in looks or LOOKS:
        browser.look(**look)
        where = f"{browser.path}, {browser.title}, {look}"
        assert browser.violations(COLOURS if look.get("scheme") == "dark" else RULES) == [], where
        assert browser.too_wide() == 0, where
    browser.look()


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


def test_w81_w83_pages_of_strangers(browser, open_site):
    pages = {"/register": "Register", "/signin": "Sign in", "/reset": "Reset", "/help": "Help",
             "/register/submitted": "", "/reset/sent": "", "/signin?ok=closed": "Sign in"}
    for path, title in pages.items():
        browser.open(path)
        assert title in browser.title and not browser.title.startswith("Error")
        audit(browser)


def test_w81_w83_pages_of_users(browser, open_site):
    register(browser, email="ann@example.org")
    sign_in(browser)
    browser.cookies(new=[])
    sign_in(browser)
    for path in ("/profile", "/profile?ok=password", "/profile/edit", "/profile/email",
                 "/profile/password", "/profile/close"):
        browser.open(path)
        assert browser.path == path
        audit(browser)


def test_w81_w83_forms_with_errors(browser, open_site):
    register(browser)
    for path in ("/register", "/signin", "/reset"):
        browser.open(path)
        browser.press()
        is_error(browser)
        audit(browser)
    sign_in(browser)
    for path in ("/profile/edit", "/profile/email", "/profile/password", "/profile/close"):
        browser.open(path)
        if path == "/profile/edit":
            browser.fill(given_name="")
        browser.press()
        is_error(browser)
        audit(browser)


def forget_the_form(browser):
    browser.open("/signin")
    browser.cookies(new=[])
    browser.press()


def press_an_old_token(browser):
    browser.open("/signin")
    browser.evaluate("document.querySelector('[name=csrf]').value = 'A'.repeat(43)")
    browser.press()


def test_w81_w83_refusals(browser, make_site):
    site = make_site("off")
    browser.begin(site)
    for go, says in (
            (lambda: browser.open("/nowhere"), "found|not here|no such|exist"),
            (lambda: browser.open("/signout"), ""),
            (lambda: browser.open("/register"), "closed"),
            (lambda: browser.open("/verify?t=" + 48 * "A"), "not valid any more"),
            (lambda: browser.open("/reset/confirm?t=" + 48 * "A"), "not valid any more"),
            (lambda: forget_the_form(browser), "cookie"),
            (lambda: press_an_old_token(browser), "expired")):
        go()
        assert re.search(says, browser.text), browser.text
        audit(browser)
    browser.open("/signin")
    browser.fill(username="ann", password=PASSWORD)
    site.outage()
    browser.press()
    assert "not available" in browser.text
    audit(browser)


def test_w81_german(browser, open_site):
    """The pages say which language they are in, and fit as well."""
    browser.open("/help")
    browser.evaluate("document.getElementById('lang').value = 'de'")
    browser.press("/lang")
    for path in ("/help", "/register", "/signin"):
        browser.open(path)
        assert browser.find("html").get_attribute("lang") == "de"
        audit(browser, LOOKS[-1])
    assert "Anmelden" in browser.title


def test_w83_zoomed_four_times(browser, open_site):
    """All is there without scrolling sideways, and fields keep their size for fingers."""
    register(browser, user="a" * 31, given_name="W" * 64, email="e" * 60 + "@" + "d" * 60 + ".org")
    browser.look(zoom=4)
    browser.open("/register")
    browser.press()
    assert browser.evaluate("innerWidth") == 320 and browser.too_wide() == 0
    sign_in(browser, user="a" * 31)
    for path in ("/profile", "/profile/edit", "/profile/email", "/profile/password"):
        browser.open(path)
        assert browser.too_wide() == 0, path
        for control in browser.all("main input:not([type=hidden]):not([hidden]), main button"):
            assert control.rect["height"] >= 24 and control.rect["x"] >= 0, path


def test_dark_is_dark_and_forced_colors_keep_borders(browser, open_site):
    browser.open("/signin")
    page = "getComputedStyle(document.documentElement).backgroundColor"
    light = browser.evaluate(page)
    browser.look(scheme="dark")
    dark = browser.evaluate(page)
    assert light == "rgb(255, 255, 255)" and max(map(int, re.findall(r"\d+", dark))) < 48
    browser.look(forced="active")
    assert browser.evaluate("matchMedia('(forced-colors: active)').matches")
    assert browser.evaluate("getComputedStyle(document.querySelector('main button[type=submit]'))"
                            ".borderTopWidth") == "2px"


def keys(browser, *typed):
    ActionChains(browser.driver).send_keys(*typed).perform()


def tab(browser):
    """W-82: to the next control; what has the focus shows it."""
    keys(browser, Keys.TAB)
    outline = browser.evaluate("(function () { var s = getComputedStyle(document.activeElement);"
                               "return s.outlineStyle + s.outlineWidth; }())")
    assert outline == "solid3px", (browser.focused(), outline)
    return browser.focused()


def tab_to(browser, name):
    for _ in range(40):
        if tab(browser) == name:
            return
    raise AssertionError(f"no way to {name}")


def test_w82_keyboard_alone(browser, open_site):
    browser.open("/register")
    assert tab(browser) == "Skip to content"
    skip = browser.find("a.skip")
    assert skip.is_displayed() and skip.rect["x"] >= 0
    keys(browser, Keys.ENTER)
    assert browser.focused() == "main"
    for name, value in (("username", "ann"), ("given_name", "Ann"), ("password", PASSWORD),
                        ("password2", PASSWORD)):
        tab_to(browser, name)
        keys(browser, value)
    browser.leave(lambda: keys(browser, Keys.ENTER))
    is_error(browser)
    assert tab(browser) == browser.find("#error-summary a").text
    keys(browser, Keys.ENTER)
    assert browser.focused() == "terms"
    keys(browser, Keys.SPACE)
    for name in ("password", "password2"):  # before it in the form
        browser.evaluate(f"document.getElementById('{name}').focus()")
        keys(browser, PASSWORD)
    browser.leave(lambda: keys(browser, Keys.ENTER))
    assert browser.path == "/register/submitted"
    browser.open("/signin")
    tab_to(browser, "username")
    keys(browser, "ann", Keys.TAB, PASSWORD)
    browser.leave(lambda: keys(browser, Keys.ENTER))
    assert browser.path == "/profile"
    tab_to(browser, "Sign out")
    browser.leave(lambda: keys(browser, Keys.SPACE))
    assert browser.path.startswith("/signin")


def test_w87_pasting(browser, open_site):
    """Into every field, passwords above all."""
    browser.open("/register")
    for field in browser.all("main input:not([type=hidden]):not([type=checkbox]):not([name=website])"):
        browser.fill(organization="pasted@example.org")
        browser.find("#organization").send_keys(Keys.CONTROL, "ac")
        field.clear()
        field.send_keys(Keys.CONTROL, "v")
        assert field.get_property("value") == "pasted@example.org", field.get_attribute("id")


def test_showing_a_password(browser, open_site):
    register(browser)
    browser.open("/signin")
    browser.fill(username="ann", password=PASSWORD)
    button, field = browser.find("button.reveal"), browser.find("#password")
    assert (button.get_attribute("aria-pressed"), field.get_attribute("type")) == \
        ("false", "password")
    button.click()
    assert (button.get_attribute("aria-pressed"), field.get_attribute("type")) == ("true", "text")
    audit(browser, LOOKS[0])
    browser.press()
    assert browser.path == "/profile"


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


@pytest.mark.parametrize("host", ["127.0.0.1"])
def test_the_page_at_an_address(browser, make_site, host):
    """Without a name, for who tries it on his own machine: its cookies are kept as well."""
    browser.begin(make_site("open", host=host))
    register(browser)
    sign_in(browser)
    assert browser.path == "/profile"
