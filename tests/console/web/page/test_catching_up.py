"""A page that was hidden or slept: no picture is sent to it meanwhile, and it shows the newest at once afterwards."""

import io
import time

import pytest
from PIL import Image

from armchair.web.drive.camera_stream import Picture

pytestmark = pytest.mark.slow
HIDE = """
Object.defineProperty(document, "hidden", {value: arguments[0], configurable: true});
document.dispatchEvent(new Event("visibilitychange"));
"""


# As after a sleep: the line is open, and nothing goes over it any more; a new one is well.
DIE = """
const send = WebSocket.prototype.send, Old = WebSocket;
WebSocket.prototype.send = () => undefined;
window.WebSocket = class extends Old { send(data) { send.call(this, data); } };
"""


class Counted:
    """Cameras that count how often somebody asks for a picture."""

    names = ("front",)

    def __init__(self) -> None:
        self.asked = 0
        file = io.BytesIO()
        Image.new("RGB", (64, 48), "teal").save(file, "JPEG")
        self._jpeg = file.getvalue()

    def newest(self, name: str, large: bool) -> Picture:
        self.asked += 1
        return Picture(self._jpeg, time.perf_counter())


@pytest.fixture
def cameras(page, monkeypatch):
    cameras = Counted()
    monkeypatch.setattr(page.cell, "cameras", cameras)
    return cameras


def until_words(page, browser, words: str, within_s: float) -> None:
    page.arm.said = {"phase": "halted", "words": words}
    browser.until(lambda: words in browser.texts("#phase")[0], within_s)


def test_a_hidden_page_gets_no_pictures_and_catches_up(page, cameras, open_browser):
    browser = open_browser()
    browser.open(page.url)
    until_words(page, browser, "first", 20)
    browser.until(lambda: cameras.asked > 5)
    browser.driver.execute_script(HIDE, True)
    time.sleep(1.5)
    asked = cameras.asked
    time.sleep(1.5)
    assert cameras.asked == asked, "nobody sees them"
    browser.driver.execute_script(HIDE, False)
    until_words(page, browser, "second", 3)
    browser.until(lambda: cameras.asked > asked + 3, 3)


def test_a_line_that_died_in_sleep_is_opened_anew_at_once(page, cameras, open_browser):
    browser = open_browser()
    browser.open(page.url)
    until_words(page, browser, "before", 20)
    browser.driver.execute_script(DIE)
    browser.driver.execute_script(HIDE, True)
    time.sleep(4)
    assert not browser.texts("[role=alert].bad:not(#phase)"), "it does not know"
    browser.driver.execute_script(HIDE, False)
    until_words(page, browser, "after", 3)
