"""The tour, from the first visit to its end: see, drive, teach, train, judge, everything in the twin."""

import time

import pytest

pytestmark = pytest.mark.slow
LONG_S = 600.0


def step(page, name: str, shots, act: str = "") -> None:
    """One step: look at it, do what it asks for, go on."""
    page.find(f"[data-step={name}]")
    if act:
        page.press(act)
    page.until_text("Done. Go on" if act else "Next", LONG_S)
    page.until(lambda: page.find(f"[data-step={name}] button.main").text == "Next", LONG_S)
    page.shoot(shots, f"tour-{name}")
    assert page.complaints() == [], name
    page.press("Next")


def drive(page) -> None:
    """Until the arm has moved. A browser that was kept waiting for seconds has lost the wheel, and takes it again."""
    page.press("single joints")
    page.key("j", True)
    end_s = time.monotonic() + LONG_S
    while "Next" not in page.find("[data-step=drive] .line").text:
        assert time.monotonic() < end_s
        for words in ("Take the wheel", "Start the arm"):
            page.driver.execute_script(
                "[...document.querySelectorAll('button')].find(b => b.textContent.includes(arguments[0]))?.click()",
                words,
            )
        time.sleep(0.3)
    page.key("j", False)


def test_the_whole_tour(console, open_browser, shots):
    page = open_browser()
    page.want_tour()
    page.open(console.url)
    page.until_text(" Hz", LONG_S)
    page.until_text("Tour 1 of 5: See")
    page.until(lambda: page.find("[data-step=see] button.main").text == "Next", LONG_S)
    page.shoot(shots, "tour-see")
    page.press("Next")
    page.until_text("Tour 2 of 5: Drive")
    drive(page)
    page.shoot(shots, "tour-drive")
    page.press("Next")
    step(page, "teach", shots, "Let the expert show")
    step(page, "train", shots, "Train for")
    page.driver.refresh()  # it is remembered
    step(page, "judge", shots, "Judge it in")
    page.until_text("That is all of it")
    page.find("[data-result=tour-report]")
    page.shoot(shots, "tour-end")
    page.press("End the tour")
    page.driver.refresh()
    page.button("Tour")
    assert "Tour 1 of 5" not in page.text
    page.press("Tour")
    page.until_text("Tour 1 of 5: See")
    page.press("Leave the tour")
    assert page.errors() == []
