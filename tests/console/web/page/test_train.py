"""Train in a real browser: a short training with its curve, through a reload, a stop and a restart of the console."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from armchair.web.jobs.home import jobs_home

pytestmark = pytest.mark.slow
LONG_S = 600.0


def record(folder: Path) -> None:
    """A small dataset of the expert's."""
    words = (Path(sys.executable).parent / "armchair", "record", "--task", "reach", "--episodes", "4")
    done = subprocess.run((*words, "--image-size", "32", "--workers", "1", "--out", "data"), cwd=folder,
                          env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True,
                          timeout=LONG_S)  # fmt: skip
    assert done.returncode == 0, done.stderr


def set_value(page, css: str, value: str) -> None:
    """Type over what stands in a field."""
    page.driver.execute_script(
        "const e = arguments[0]; e.value = arguments[1]; e.dispatchEvent(new Event('input', {bubbles: true}));"
        "e.dispatchEvent(new Event('change', {bubbles: true}))", page.find(css), value,
    )  # fmt: skip


def begin(browser, name: str, length: str, unit: str) -> None:
    browser.until_text("4 episodes")
    set_value(browser, "select[aria-label='Minutes or steps']", unit)
    set_value(browser, "input[aria-label='How long']", length)
    set_value(browser, "input[aria-label^='Name of']", name)
    browser.press("Train")
    browser.until_text(f"as {name}")


def last_step(folder: Path) -> int:
    return int((folder / "checkpoints" / "last").resolve().name)


@pytest.fixture(scope="module")
def bench(page):
    record(page.folder)
    return page


def test_a_training_with_its_curve_reload_stop_and_go_on(bench, open_browser, shots):
    browser = open_browser()
    browser.open(f"{bench.url}/#train")
    begin(browser, "short", "30", "minutes")
    browser.find("[data-state=running]")
    points = lambda: browser.find(".losses polyline").get_attribute("points").split()  # noqa: E731
    browser.until(lambda: len(points()) > 1, LONG_S)
    browser.driver.refresh()  # in the middle of it
    browser.find("[data-state=running]")
    browser.until(lambda: len(points()) > 1)
    browser.until_text("left")
    browser.shoot(shots, "train")
    assert browser.complaints() == []
    browser.press("Stop")
    browser.find("[data-state=stopped]", LONG_S)
    assert "go on with" in browser.find("[data-state=stopped]").text
    stopped_at = last_step(bench.folder / "short")
    browser.press("Go on")
    browser.until(lambda: "training" in browser.find("[data-state=running]").text, LONG_S)
    browser.press("Stop")
    browser.find("[data-state=stopped]", LONG_S)
    assert last_step(bench.folder / "short") > stopped_at
    browser.press("Off the list")
    browser.until(lambda: "As you would type it" not in browser.text)
    assert browser.errors() == []


def test_two_side_by_side_and_one_that_would_overwrite(bench, open_browser, shots):
    browser, phone = open_browser(), open_browser("phone")
    browser.open(f"{bench.url}/#train")
    for name in ("one", "two"):
        begin(browser, name, "40", "steps")
    browser.until(lambda: len(browser.texts("[data-state=done]")) == 2, LONG_S)
    browser.until(lambda: len(browser.driver.find_elements("css selector", ".losses polyline[points*=' ']")) >= 2)
    set_value(browser, "input[aria-label^='Name of']", "one")
    browser.press("Train")
    browser.until_text("one-2 is free")
    browser.shoot(shots, "train-two")
    phone.open(f"{bench.url}/#train")
    phone.until(lambda: len(phone.texts("[data-state=done]")) == 2)
    phone.find(".losses polyline")
    phone.shoot(shots, "train-two")
    assert phone.complaints() == []
    assert phone.driver.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert phone.errors() == []


def test_it_goes_on_while_the_console_is_started_again(tmp_path, serve_folder, open_browser):
    record(tmp_path)
    browser = open_browser()
    with serve_folder(tmp_path) as first:
        browser.open(f"{first.url}/#train")
        begin(browser, "policy", "30", "minutes")
        browser.find("[data-state=running]")
        began = json.loads((jobs_home(tmp_path) / "0001/process.json").read_text())
    with serve_folder(tmp_path) as second:
        browser.open(f"{second.url}/#train")
        browser.find("[data-state=running]")
        browser.until_text("left", LONG_S)
        assert json.loads((jobs_home(tmp_path) / "0001/process.json").read_text()) == began
        browser.press("Stop")
        browser.find("[data-state=stopped]", LONG_S)
