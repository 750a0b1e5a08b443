# SPDX-License-Identifier: BSD-2-Clause
"""What people do at the page, and what it shows them."""
from page_site import PASSWORD


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
