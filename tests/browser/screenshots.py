#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""screenshots.py FOLDER: pictures of the page as it is now."""
import pathlib
import sys

from browser import Browser
from page_site import PASSWORD, Site


def show(browser, folder, name, path=None, **look):
    browser.look(**look)
    if path is not None:
        browser.open(path)
    browser.picture(folder / f"{name}.png")
    print(folder / f"{name}.png")


def take(browser, folder):
    show(browser, folder, "register", "/register", width=640)
    browser.fill(username="Ann", given_name="Ann", email="ann@example.org", password="too short",
                 password2="too short", terms=True)
    browser.press()
    show(browser, folder, "register-errors-narrow", width=320)
    browser.fill(username="ann", password=PASSWORD, password2=PASSWORD)
    browser.press()
    show(browser, folder, "sign-in-dark", "/signin", width=640, scheme="dark")
    browser.fill(username="ann", password=PASSWORD)
    browser.press()
    show(browser, folder, "account", width=640)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    browser = Browser()
    try:
        with Site("open") as site:
            browser.begin(site)
            take(browser, folder)
    finally:
        browser.stop()


if __name__ == "__main__":
    main()
