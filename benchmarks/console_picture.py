"""The picture at the top of the README: the console's real page, while the skill that ships moves the twin's arm.

    uv run python benchmarks/console_picture.py --out examples/console.png

Needs Chromium and chromedriver: apt-get install chromium chromium-driver.
"""

import argparse
import io
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from console_jitter import console
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By

WIDTH, HEIGHT = 1440, 900
COLOURS = 256  # enough for what is mostly dark and flat
WITHIN_S = 300.0
_WORDS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--use-angle=swiftshader",
          "--enable-unsafe-swiftshader")  # fmt: skip


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for word in _WORDS:
        options.add_argument(word)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False})  # fmt: skip
    try:
        yield driver
    finally:
        driver.quit()


def until(so: Callable[[], object]) -> object:
    end_s = time.monotonic() + WITHIN_S
    while not (found := so()):
        if time.monotonic() > end_s:
            raise TimeoutError("the page did not get so far.")
        time.sleep(0.2)
    return found


def shoot(page: webdriver.Chrome, url: str, after_s: float) -> bytes:
    """A PNG of the page, so many seconds after the skill has begun to move the arm."""

    def all_of(css: str) -> list:
        return page.find_elements(By.CSS_SELECTOR, css)

    def press(css: str) -> None:
        page.execute_script("arguments[0].click()", until(lambda: next(iter(all_of(css)), None)))

    page.get(url)
    page.execute_script("localStorage.setItem('armchair-tour', 'left')")
    page.get("about:blank")  # else only what stands behind # would change
    page.get(f"{url}#judge")
    until(lambda: all_of("[data-arm=driving]"))
    press("form[aria-label='Run on this arm'] button.main:not(:disabled)")
    press("a[href='./#live']")
    until(lambda: all_of("#trying[data-phase=trying]"))
    time.sleep(after_s)
    return page.get_screenshot_as_png()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("examples/console.png"))
    parser.add_argument("--after", type=float, default=2.5, help="seconds after the skill has begun")
    asked = parser.parse_args()
    with console() as url, browser() as page:
        picture = Image.open(io.BytesIO(shoot(page, url, asked.after))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(asked.out, optimize=True)
    print(f"{asked.out}: {picture.width} x {picture.height} pixels, {asked.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
