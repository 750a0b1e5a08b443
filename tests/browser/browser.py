# SPDX-License-Identifier: BSD-2-Clause
"""One Chromium without a window, steered by chromedriver."""
import base64
import pathlib
import re
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

AXE = pathlib.Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what another scheme changes
AUDIT = """axe.run(document, {runOnly: %s, resultTypes: ["violations"]}).then(function (found) {
    return found.violations.map(function (each) {
        return each.id + ": " + each.nodes.map(function (node) {
            return node.html + " " + node.failureSummary;
        }).join(" | ");
    });
})"""
# Pixels that the page is wider than its window.
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# An answer with an error's status is one, and the browser says so; anything else is a message.
STATUS = re.compile(r"/account\S* - Failed to load resource: the server responded with a status of "
                    r"(4\d\d|503)")
WAIT_S = 30
# Its sandbox needs more rights than containers and root give; it sees pages of ours alone.
SWITCHES = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-extensions",
            "--disable-features=Translate,OptimizationHints,MediaRouter",
            "--no-proxy-server", "--lang=en-US", "--force-color-profile=srgb",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]


class Browser:
    """open(), fill(), press() and what the page then shows; stop() ends it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pam-dynamo-browser.")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for switch in [*SWITCHES, f"--user-data-dir={self.folder}"]:
            options.add_argument(switch)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        try:
            self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                                           options=options)
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        self.wait = WebDriverWait(self.driver, WAIT_S, poll_frequency=0.02)
        self.axe = AXE.read_text()
        self.site = None

    def stop(self):
        self.driver.quit()
        shutil.rmtree(self.folder, ignore_errors=True)

    def devtools(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def begin(self, site):
        """As on the first day: no cookie, with JavaScript, light, 1280 pixels, in English."""
        self.site = site
        self.devtools("Network.clearBrowserCookies")
        self.driver.get("about:blank")
        self.script(True)
        self.look()
        self.messages()

    def script(self, on):
        self.devtools("Emulation.setScriptExecutionDisabled", value=not on)

    def look(self, scheme="light", width=1280, zoom=1, height=None, forced="none"):
        """Zoomed by 4, a window of 1280 pixels is 320 wide to the page, as browsers do it."""
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "forced-colors", "value": forced}])
        self.devtools("Emulation.setScrollbarsHidden", hidden=True)
        self.devtools("Emulation.setDeviceMetricsOverride", width=width // zoom,
                      height=height or 800 // zoom, deviceScaleFactor=zoom, mobile=False)

    def open(self, path):
        self.driver.get(path if "://" in path else self.site.url + path)

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.site.url)

    @property
    def title(self):
        return self.driver.title

    @property
    def text(self):
        return self.find("main").text

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def value(self, name):
        return self.find(f"#{name}").get_property("value")

    def fill(self, **values):
        for name, value in values.items():
            field = self.find(f"#{name}")
            if field.get_attribute("type") == "checkbox":
                if field.is_selected() != value:
                    field.click()
                continue
            field.clear()
            self.driver.execute_script("arguments[0].focus()", field)
            self.devtools("Input.insertText", text=value)

    def press(self, form="/"):
        """Sends the form to this address, or the only one; when it returns, its answer is there."""
        self.leave(self.find(f'main form[action*="{form}"] button[type=submit]').click)

    def leave(self, action):
        old = self.find("html")
        action()
        self.wait.until(lambda _: self.is_gone(old))
        self.wait.until(lambda _: self.evaluate("document.readyState") == "complete")

    @staticmethod
    def is_gone(element):
        try:
            element.tag_name
        except Exception:  # pylint: disable=broad-except
            return True
        return False

    def evaluate(self, expression, **more):
        answer = self.devtools("Runtime.evaluate", expression=expression, returnByValue=True,
                               **more)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def focused(self):
        return self.evaluate("document.activeElement.id || document.activeElement.name || "
                             "document.activeElement.textContent")

    def violations(self, rules):
        """What axe says of the page as it looks now."""
        if not self.evaluate("typeof axe !== 'undefined'"):
            self.evaluate(self.axe + ";0")
        return self.evaluate(AUDIT % rules, awaitPromise=True)

    def too_wide(self):
        return self.evaluate(TOO_WIDE)

    def messages(self):
        """What the console was told since it was last asked, and refused contents."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if not STATUS.search(entry["message"])]

    def cookies(self, new=None):
        """All of them; or these from now on instead."""
        old = self.devtools("Network.getCookies", urls=[self.site.url])["cookies"]
        if new is not None:
            self.devtools("Network.clearBrowserCookies")
            for cookie in new:
                self.devtools("Network.setCookie", url=self.site.url, **{
                    key: cookie[key] for key in ("name", "value", "path", "secure", "httpOnly",
                                                 "sameSite")})
        return old

    def picture(self, path):
        height = self.evaluate("document.documentElement.scrollHeight")
        metrics = self.devtools("Page.getLayoutMetrics")["cssLayoutViewport"]
        shot = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                             clip={"x": 0, "y": 0, "width": metrics["clientWidth"],
                                   "height": height, "scale": 1})
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))
