# SPDX-License-Identifier: BSD-2-Clause
"""Every page in Chromium: light and dark, wide, narrow and zoomed; axe finds nothing."""
import re

from browser import COLOURS, RULES
from page_site import PASSWORD
from steps import is_error, register, sign_in

LOOKS = [dict(scheme=scheme, width=width) for scheme in ("light", "dark") for width in (1280, 320)]


def audit(browser, *looks):
    """W-81, W-83: nothing for axe to find and nothing to scroll sideways for, in each look."""
    for look in looks or LOOKS:
        browser.look(**look)
        where = f"{browser.path}, {browser.title}, {look}"
        assert browser.violations(COLOURS if look.get("scheme") == "dark" else RULES) == [], where
        assert browser.too_wide() == 0, where
    browser.look()


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
