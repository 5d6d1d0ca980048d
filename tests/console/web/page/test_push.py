"""Share in a real browser: a dataset goes to a classroom hub on this machine, after consent and not before."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real_time, pytest.mark.slow]
ARRIVES_WITHIN_S = 300.0


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """`armchair hub`, for as long as the tests of this file take; its address."""
    words = [Path(sys.executable).parent / "armchair", "hub", "--json", "--port", "0"]
    folder = tmp_path_factory.mktemp("hub")
    with subprocess.Popen(
        [*words, "--folder", folder / "hub"], stdout=subprocess.PIPE, text=True, cwd=folder
    ) as process:
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


@pytest.fixture
def sharing_console(hub, tmp_path, monkeypatch, start_console):
    """A console beside a dataset of two episodes, that pushes to the hub."""
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record

    state = {"HF_ENDPOINT": hub, "HF_TOKEN": "any", "HF_HOME": tmp_path / "home", "ARMCHAIR_STATE": tmp_path / "state"}
    for name, value in state.items():
        monkeypatch.setenv(name, str(value))
    record(SimulatedRecordingRequest("reach", "expert", 2, None, tmp_path / "reached", workers=1))
    return start_console(tmp_path)


def test_a_dataset_is_looked_at_agreed_to_and_arrives(sharing_console, hub, open_browser, shots):
    page = open_browser()
    page.open(f"{sharing_console.url}/#share")
    page.until_text("A hub of your own", 150)
    page.fill("input[placeholder^='your-name']", "ana/reached")
    page.press("See what would be sent")
    page.until_text("Before it leaves this computer")
    assert "front and wrist" in page.find(".consent").text and f"{hub}/datasets/ana/reached" in page.text
    consent = page.find(".consent").text
    assert (
        f"everybody who may use the hub at {hub}" in consent
        and "reached, 2 episodes of “Touch the red ball.”" in consent
    )
    page.shoot(shots, "share-consent")
    assert page.complaints() == []
    assert not page.button("Upload").is_enabled(), "nothing leaves unasked"
    for box in page.driver.find_elements("css selector", ".consent input"):
        if "Let everybody" not in box.find_element("xpath", "..").text:
            box.click()
    page.until(lambda: page.button("Upload").is_enabled())
    page.press("Upload")
    page.find("[data-upload='ana/reached']", 120)
    page.driver.refresh()  # it goes on by itself
    page.find("[data-upload='ana/reached'][data-state='sent']", ARRIVES_WITHIN_S)
    page.shoot(shots, "share")
    assert page.complaints() == [] and page.errors() == []
    code = "from lerobot.datasets import LeRobotDataset; print(LeRobotDataset('ana/reached').num_episodes)"
    env = {**os.environ, "HF_HOME": str(sharing_console.folder / "other"), "HF_HUB_OFFLINE": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "2", done.stderr


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_with_a_real_arm_and_nothing_recorded_the_views_are_fit_to_be_shown(page, open_browser, shots, kind):
    browser = open_browser(kind)
    for view, words in (("teach", "Let the expert show it"), ("data", "No dataset is here"), ("share", "Where to")):
        browser.open(f"{page.url}/#{view}")
        browser.until_text(words)
        browser.shoot(shots, f"{view}-of-a-real-arm")
        assert browser.complaints() == [], view
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{view} is {wide} pixels too wide"
    assert browser.errors() == []
