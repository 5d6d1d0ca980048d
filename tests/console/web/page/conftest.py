"""A headless Chromium, and what tests do in it."""

import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.remote.webelement import WebElement  # noqa: E402

OPENS_WITHIN_S = 150.0
SIZES = {
    "desktop": (1440, 900), "projector": (1024, 768), "tablet": (768, 1024), "phone": (390, 844), "lying": (844, 390),
}  # fmt: skip
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
_AXE = Path(__file__).with_name("axe.min.js")
_WORDS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-timer-throttling",
)  # fmt: skip
_NO_TOUR = "try { localStorage.setItem('armchair-tour', 'left') } catch { }"


class Browser:
    """One window, a desktop's or a phone's; the latter has fingers instead of a mouse."""

    def __init__(self, kind: str) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for word in _WORDS:
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        self.become(kind)
        found = self.cdp("Page.addScriptToEvaluateOnNewDocument", source=_NO_TOUR)
        self._no_tour = found["identifier"]

    def become(self, kind: str) -> None:
        """Take on another size."""
        self.kind, (width, height), has_fingers = kind, SIZES[kind], kind in ("phone", "lying")
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if has_fingers else 1}
        self.cdp("Emulation.setDeviceMetricsOverride", mobile=has_fingers, **metrics)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=has_fingers)

    def cdp(self, command: str, **words: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, words)

    def want_tour(self) -> None:
        """From the next page on: it is not left in the test's own way."""
        self.cdp("Page.removeScriptToEvaluateOnNewDocument", identifier=self._no_tour)

    def open(self, url: str) -> None:
        self.driver.get("about:blank")  # else only what stands behind # would change
        self.driver.get(url)

    def view(self, name: str) -> None:
        self.find(f"nav a[href='./#{name}']").click()

    def find(self, css: str, within_s: float = 60.0) -> WebElement:
        return self.until(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, css)), None), within_s)

    def button(self, words: str, within_s: float = 60.0) -> WebElement:
        def named() -> WebElement | None:
            found = self.driver.find_elements(By.XPATH, f"//button[contains(normalize-space(.), '{words}')]")
            return next((each for each in found if each.is_displayed()), None)

        return self.until(named, within_s)

    def press(self, words: str, within_s: float = 60.0) -> None:
        self.driver.execute_script("arguments[0].click()", self.button(words, within_s))

    @property
    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def texts(self, css: str) -> list[str]:
        return [each.text for each in self.driver.find_elements(By.CSS_SELECTOR, css)]

    def until_text(self, words: str, within_s: float = 60.0) -> None:
        self.until(lambda: words in self.text, within_s)

    def until(self, so: Callable[[], Any], within_s: float = 60.0) -> Any:
        end_s = time.monotonic() + within_s
        while True:
            try:
                if found := so():
                    return found
            except Exception:  # an element that has just been drawn anew
                pass
            assert time.monotonic() < end_s, self.text
            time.sleep(0.1)

    # --- hands ------------------------------------------------------------------------------------------------
    def key(self, key: str, down: bool) -> None:
        code = key if len(key) > 1 else f"Key{key.upper()}"
        self.cdp("Input.dispatchKeyEvent", type="keyDown" if down else "keyUp", key=key, code=code)

    def tap(self, key: str) -> None:
        """Press a key and let go of it, where nothing has the focus."""
        self.driver.execute_script("document.activeElement.blur()")
        code = {" ": "Space"}.get(key, key if len(key) > 1 else f"Key{key.upper()}")
        for type_ in ("keyDown", "keyUp"):
            self.cdp("Input.dispatchKeyEvent", type=type_, key=key, code=code)

    def fill(self, css: str, words: str) -> None:
        """Type into a field in place of what is there."""
        from selenium.webdriver.common.keys import Keys

        field = self.find(css)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(words)

    def choose(self, css: str, words: str) -> None:
        """An option by its words."""
        from selenium.webdriver.support.select import Select

        Select(self.find(css)).select_by_visible_text(words)

    def touch(self, pad: str, x: float, y: float) -> None:
        """Lay a finger on a pad, `x` and `y` from its middle, -1 to 1; lift it with `lift`."""
        box = self.driver.execute_script(
            "const b = document.querySelector(arguments[0]); b.scrollIntoView({block: 'center'});"
            "const r = b.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]", f"[data-pad={pad}]",
        )  # fmt: skip
        reach = min(box[2], box[3]) / 2
        point = {"x": box[0] + box[2] / 2 + 0.9 * x * reach, "y": box[1] + box[3] / 2 + 0.9 * y * reach}
        self.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[point])

    def lift(self) -> None:
        self.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    # --- eyes -------------------------------------------------------------------------------------------------
    def pixels(self, css: str) -> np.ndarray:
        """What is drawn there: uint8[h, w, 3]."""
        return np.asarray(Image.open(io.BytesIO(self.find(css).screenshot_as_png)).convert("RGB"))

    def shoot(self, folder: Path, name: str) -> None:
        self.driver.save_screenshot(str(folder / f"{name}-{self.kind}.png"))

    def complaints(self) -> list[str]:
        """What axe finds against WCAG 2.1 A and AA, contrast among it."""
        # By the debugger: the page's own policy allows no foreign script.
        self.cdp("Runtime.evaluate", expression=_AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',"
            " 'best-practice']}).then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target + ' '"
            " + (n.any[0]?.message ?? '')).join(' | '))))"
        )
        return found

    def errors(self) -> list[str]:
        """What the browser has said against the page, its security policy among it."""
        return [each["message"] for each in self.driver.get_log("browser") if each["level"] == "SEVERE"]

    def close(self) -> None:
        self.driver.quit()


# --- for tests ----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def shots(tmp_path_factory) -> Path:
    """Where pictures of the views are left."""
    folder = Path(os.environ.get("ARMCHAIR_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def browsers() -> Iterator[dict[tuple[str, str], Browser]]:
    """Those that are open, by kind and name."""
    if not (CHROMIUM and DRIVER):
        pytest.skip("there is no Chromium: apt-get install chromium chromium-driver")
    browsers: dict[tuple[str, str], Browser] = {}
    yield browsers
    for browser in browsers.values():
        browser.close()


@pytest.fixture
def open_browser(browsers) -> Iterator[Callable[..., Browser]]:
    """Call it with "desktop" or "phone", and a name for a second one. What it shows is closed after the test."""

    def open_browser(kind: str = "desktop", name: str = "") -> Browser:
        if (kind, name) not in browsers:
            browsers[kind, name] = Browser(kind)
        return browsers[kind, name]

    yield open_browser
    for browser in browsers.values():
        browser.driver.get("about:blank")  # a page that nobody looks at costs the others their time
        browser.errors()


@pytest.fixture
def ready(console) -> Callable[..., Any]:
    """Opens a view when the arm is held, whatever the test before has left."""

    def ready(browser, view: str = "live"):
        httpx.post(f"{console.url}/api/twin/mend", json={}, trust_env=False)
        browser.open(f"{console.url}/#{view}")
        browser.find("#driver", OPENS_WITHIN_S)
        end_s = time.monotonic() + OPENS_WITHIN_S
        while not (browser.texts("[data-arm=driving]") and "holds still" not in browser.text):
            assert time.monotonic() < end_s, browser.text
            for words in ("Start the arm", "Let it go on"):
                if words in browser.text:
                    browser.press(words)
            time.sleep(0.5)
        return browser

    return ready
