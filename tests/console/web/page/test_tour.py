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


def train_a_little(page, shots) -> None:
    """It says how long it will take; who has seen enough keeps what was learnt."""
    page.find("[data-step=train]")
    page.press("Train for 2,000 steps")
    page.until(
        lambda: "step" in (words := page.find("[data-step=train] [role=status]").text) and "left" in words, LONG_S
    )
    page.shoot(shots, "tour-train-goes")
    page.press("That is enough")
    step(page, "train", shots)


def reason(page, shots) -> None:
    """What was trained for a moment does badly: the tour says why, and how to go on."""
    said = page.find("[data-score=low]", LONG_S).text
    assert "of 20 scenes" in said and "of 2,000 steps were trained" in said and "200 of 200" in said
    page.shoot(shots, "tour-end")
    assert page.complaints() == []
    page.press("Train it on for 2,000 steps")
    page.find("[data-step=train]")
    page.until(lambda: "That is enough" in page.find("[data-step=train]").text, LONG_S)
    page.press("That is enough")
    page.until_text("Done. Go on", LONG_S)
    page.press("Next")
    page.button("Judge it in 20 scenes")
    page.press("Skip")


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
    page.find("[data-arm=driving]", LONG_S)
    page.until_text("Tour 1 of 5: See")
    page.until(lambda: page.find("[data-step=see] button.main").text == "Next", LONG_S)
    page.shoot(shots, "tour-see")
    page.press("Next")
    page.until_text("Tour 2 of 5: Drive")
    drive(page)
    page.shoot(shots, "tour-drive")
    page.press("Next")
    step(page, "teach", shots, "Let the expert show")
    train_a_little(page, shots)
    page.driver.refresh()  # it is remembered
    step(page, "judge", shots, "Judge it in")
    page.until_text("That is all of it")
    page.find("[data-result=tour-report]")
    reason(page, shots)
    page.press("End the tour")
    page.driver.refresh()
    page.find("button[aria-label=Menu]").click()
    assert "Tour 1 of 5" not in page.text
    page.press("Tour")
    page.until_text("Tour 1 of 5: See")
    page.press("Leave the tour")
    assert page.errors() == []
