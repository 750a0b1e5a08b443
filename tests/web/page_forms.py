# SPDX-License-Identifier: BSD-2-Clause
"""The pages, and fields that make each form good."""

GET_PAGES = ["/", "/signin", "/register", "/register/submitted", "/invite/abc", "/verify?t=x",
             "/profile", "/profile/edit", "/profile/email", "/profile/password", "/profile/close",
             "/reset", "/reset/sent", "/reset/confirm?t=x", "/help"]
POST_PAGES = ["/signin", "/register", "/verify", "/signout", "/profile/edit", "/profile/email",
              "/profile/password", "/profile/sessions", "/profile/close", "/profile/resend",
              "/reset", "/reset/confirm", "/lang"]
GOOD = {"username": "ann", "password": "correct horse battery staple",
        "password2": "correct horse battery staple", "given_name": "Ann",
        "email": "ann@example.org", "current": "old password of ann", "sure": "yes", "t": "tok",
        "version": "7", "lang": "de"}
FORMS = {  # fields that make each form good
    "/signin": ("username", "password"),
    "/register": ("username", "given_name", "email", "password", "password2"),
    "/profile/edit": ("version", "given_name"),
    "/profile/password": ("current", "password", "password2"),
    "/profile/email": ("email", "current"),
    "/profile/close": ("current", "sure"),
    "/reset": ("username",),
    "/verify?t=tok": ("t", "password"),
    "/reset/confirm?t=tok": ("t", "password", "password2"),
}
SCRIPT = "\"'><script>alert(1)</script>&"


def good(path):
    return {name: GOOD[name] for name in FORMS[path]}
