"""Teach and Data in a real browser: record by keys, judge, browse, tag, remove, and let the expert show it."""

import time

import numpy as np
import pytest

pytestmark = [pytest.mark.real_time, pytest.mark.slow]
SAVED_WITHIN_S, SET_WITHIN_S, BUILT_WITHIN_S = 60.0, 200.0, 300.0


def begin(page, data: str, hand: str = "") -> None:
    """Begin a lesson; with `hand`, words of another than the wheel. One that a test has left is ended."""
    time.sleep(1.0)
    for words in ("Finish the dataset", "End the lesson"):
        if words in page.text:
            page.press(words)
    page.button("Begin", 60)
    page.fill("form input[list]", data)
    if hand:
        page.choose("select[name=hand]", hand)
    page.press(f"Begin {data}")
    page.find("[data-phase=waiting]", SAVED_WITHIN_S)


def take(page, seconds: float = 1.5) -> str:
    """Record a take in which the pan is driven to and fro; the verdict."""
    page.tap(" ")
    page.find("[data-phase=countdown]")
    page.find("[data-phase=recording]", SAVED_WITHIN_S)
    for key in ("j", "l"):
        page.key(key, True)
        time.sleep(seconds)
        page.key(key, False)
    page.tap(" ")
    return page.find(".verdict", SAVED_WITHIN_S).text


def drive(page) -> None:
    page.press("Take the wheel")
    page.until_text("You drive")
    page.press("single joints")
    page.press("normal")


def unused(name: str) -> str:
    """For another try after one that failed."""
    return f"{name}-{int(time.time())}"


def kept(page) -> int:
    return int(page.driver.execute_script("return document.querySelector('.clapper .chip').textContent").split()[0])


def test_takes_by_keys_are_kept_redone_and_discarded_and_stock_lerobot_loads_them(console, ready, open_browser, shots):
    page = ready(open_browser(), "teach")
    page.shoot(shots, "teach")
    assert page.complaints() == []
    data = unused("by-hand")
    begin(page, data)
    drive(page)
    assert "Redo?" in take(page)
    page.shoot(shots, "verdict-of-a-take")
    assert page.complaints() == []
    page.tap("Enter")
    page.until(lambda: not page.texts(".verdict") and kept(page) == 1)
    take(page)
    page.until(lambda: kept(page) == 2)
    page.tap("r")  # redo: it goes, and the next begins
    page.find("[data-phase=recording]", SAVED_WITHIN_S)
    page.until(lambda: kept(page) == 1)
    page.shoot(shots, "recording")
    page.tap(" ")
    page.find(".verdict", SAVED_WITHIN_S)
    take(page)
    page.until(lambda: kept(page) == 3)
    page.press("Discard")
    page.until(lambda: kept(page) == 2)
    page.driver.refresh()  # whoever looks again finds it as it is
    page.until(lambda: kept(page) == 2, 90)
    page.press("Finish the dataset")
    page.until_text(f"Look at {data}", BUILT_WITHIN_S)
    from lerobot.datasets import LeRobotDataset

    dataset = LeRobotDataset(f"armchair/{data}", root=console.folder / data, video_backend="pyav")
    assert dataset.num_episodes == 2 and dataset.fps == 30
    row = dataset[0]
    assert set(dataset.meta.camera_keys) == {"observation.images.front", "observation.images.wrist"}
    assert row["observation.images.front"].shape == (3, 480, 640) and row["action"].shape == (6,)
    moved = np.stack(list(dataset.hf_dataset.with_format("numpy")["action"]))[:, 0]
    assert moved.max() - moved.min() > 5, "the keys moved the pan"
    assert page.errors() == []


@pytest.fixture
def reached(console) -> str:
    """A dataset of two episodes beside the console."""
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record

    name = unused("reached")
    record(SimulatedRecordingRequest("reach", "expert", 2, None, console.folder / name, workers=1))
    return name


def test_episodes_are_seen_tagged_and_removed(console, reached, ready, open_browser, shots):
    page = ready(open_browser(), f"data/{reached}")
    page.until(lambda: len(page.texts(".picker button")) == 2)
    page.until(lambda: page.driver.execute_script(SEEKED), 60)
    page.press("Play")
    page.until(lambda: float(page.find(".player output").text.split()[0]) > 0.5)
    assert page.pixels("video").std() > 10
    page.shoot(shots, "data")
    assert page.complaints() == []
    page.driver.execute_script(UNPLAYABLE)
    page.until(lambda: page.driver.execute_script(f"{SEEKED} && v.every(f => f.src.includes('/api/film?'))"), 60)
    stood = page.driver.execute_script(SHOWN_S)
    page.press("Play")
    page.until(lambda: page.driver.execute_script(SHOWN_S) != stood)
    assert page.pixels("video").std() > 10
    page.press("Check every episode")
    page.until_text("Check again", BUILT_WITHIN_S)
    page.press("good")
    page.fill("input[aria-label='Another tag']", "first try")
    page.press("Add")
    page.until(lambda: "good, first try" in page.texts(".picker button")[0])
    page.press("Delete this episode")
    page.until_text("for good, its pictures too?")
    page.press("Keep it")
    page.driver.execute_script("document.querySelectorAll('.picker button')[1].click()")
    page.until_text("Episode 1")
    page.press("Delete this episode")
    page.press("Delete for good")
    page.until(lambda: len(page.texts(".picker button")) == 1, BUILT_WITHIN_S)
    assert "first try" in page.texts(".picker button")[0], "what was said of the other stays"
    assert page.errors() == []


SEEKED = "const v = [...document.querySelectorAll('video')]; return v.length === 2 && v.every(f => f.readyState >= 2)"

SHOWN_S = "return document.querySelector('video').currentTime"
UNPLAYABLE = "document.querySelectorAll('video').forEach(film => film.dispatchEvent(new Event('error')))"


def test_the_expert_shows_three_at_once_and_another_task_in_real_time(console, ready, open_browser, shots):
    page = ready(open_browser("phone"), "teach")
    page.fill("input[type=number]", "3")
    shown, led = unused("shown"), unused("led")
    page.fill("section[aria-label='The expert'] input[placeholder]", shown)
    page.press(f"Show 3 into {shown}")
    page.find("[data-state=running], [data-state=done]", 60)
    page.until_text(f"Look at {shown}", BUILT_WITHIN_S)
    page.choose("select[name=task]", "Touch the red ball.")
    page.until(lambda: page.find("select[name=task]").is_enabled() and page.texts("[data-arm=driving]"), SET_WITHIN_S)
    options = page.driver.find_elements("css selector", "select[name=task] option")
    assert [option.text for option in options if option.is_selected()] == ["Touch the red ball."]
    begin(page, led, "The scripted expert")
    page.press("Record a take")
    page.find(".verdict", 90)
    page.shoot(shots, "teach-by-the-expert")
    assert page.complaints() == []
    assert kept(page) == 1, page.find(".verdict").text
    page.press("All right")
    page.press("Finish the dataset")
    page.until_text(f"Look at {led}", BUILT_WITHIN_S)
    page.shoot(shots, "teach")
    assert page.complaints() == []
    page.open(f"{console.url}/#data/{shown}")
    page.until(lambda: len(page.texts(".picker button")) == 3, 60)
    page.until(lambda: page.driver.execute_script(SEEKED), 60)
    page.shoot(shots, "data")
    assert page.complaints() == []
    wide = page.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    assert page.errors() == []
