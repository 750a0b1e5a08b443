# SPDX-License-Identifier: BSD-2-Clause
"""Keyboard, clipboard and the script's comfort in Chromium."""
from browser import RULES
from page_site import PASSWORD
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from steps import is_error, register


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
    for field in browser.all(".field:not(.check) input"):
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
    assert browser.violations(RULES) == []
    browser.press()
    assert browser.path == "/profile"
