# SPDX-License-Identifier: BSD-2-Clause
"""A browser for all tests; a site of its own for each, as limits count for a network."""
import contextlib
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from browser import Browser  # noqa: E402
from page_site import Site  # noqa: E402


@pytest.fixture(scope="session")
def chromium():
    browser = Browser()
    yield browser
    browser.stop()


@pytest.fixture
def make_site():
    with contextlib.ExitStack() as stack:
        yield lambda mode, **more: stack.enter_context(Site(mode, **more))


@pytest.fixture
def browser(chromium):
    """W-84: it stays silent, whatever a test does."""
    yield chromium
    assert chromium.messages() == []


@pytest.fixture
def open_site(browser, make_site):
    site = make_site("open")
    browser.begin(site)
    return site


@pytest.fixture(params=["script", "no-script"])
def script(request):
    """A browser with JavaScript, and one without."""
    return request.param == "script"
