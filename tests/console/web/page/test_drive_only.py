"""The page of `--hand network` in a real browser: a phone's fingers, a laptop's keys, and what makes the arm hold."""

import time

import pytest

from armchair_robot.teleoperators.network.driver import Jog, Wheel
from armchair_robot.teleoperators.network.server import DriveServer

pytestmark = pytest.mark.real_time


@pytest.fixture
def wheel():
    return Wheel()


@pytest.fixture
def link(wheel, request):
    served = DriveServer(wheel, lambda: "moving the tip · slow · holding still", 0, getattr(request, "param", False))
    yield served.links[0]
    served.close()


on_a_network_too = pytest.mark.parametrize("link", [False, True], ids=["this machine", "lan"], indirect=True)


@pytest.fixture
def drives(wheel, link, open_browser):
    """Opens the page in a browser, and waits until it drives."""

    def drives(kind):
        page = open_browser(kind)
        page.open(link)
        page.until_text("You drive.")
        return page

    return drives


def jogs(wheel):
    """The rates that are wished for now, or None."""
    wish = wheel.command(time.perf_counter())
    return wish.rates if isinstance(wish, Jog) else None


@on_a_network_too
def test_fingers_drive_and_lifting_them_holds(wheel, drives, shots):
    page = drives("phone")
    page.touch("place", 0, -1)
    rates = page.until(lambda: jogs(wheel))
    assert rates[0] > 0.7 and rates[2:] == [0, 0, 0, 0]
    page.shoot(shots, "drive-only")
    page.lift()
    page.until(lambda: jogs(wheel) is None, 1.0)
    page.touch("height", 1, 0)
    page.until(lambda: jogs(wheel))
    page.driver.execute_script("dispatchEvent(new Event('blur'))")
    page.until(lambda: jogs(wheel) is None, 1.0)
    page.lift()
    assert page.complaints() == []
    # On a network, where nothing is encrypted, Chromium says that it heeds that header nowhere but on this machine.
    assert [words for words in page.errors() if "Cross-Origin-Opener-Policy" not in words] == []


def test_keys_drive_until_stop(wheel, drives, shots):
    page = drives("desktop")
    page.key("w", True)
    assert page.until(lambda: jogs(wheel)) == [0, 0, 1, 0, 0, 0]
    page.key("Escape", True)
    page.until(lambda: jogs(wheel) is None, 1.0)
    page.until_text("holding still · tap to drive on")
    page.key("w", False)
    page.key("w", True)
    time.sleep(0.3)
    assert jogs(wheel) is None, "STOP holds whatever is pressed"
    page.shoot(shots, "drive-only-stopped")
    page.key("w", False)
    page.find("#stop").click()
    page.key("i", True)
    assert page.until(lambda: jogs(wheel)) == [1, 0, 0, 0, 0, 0]
    page.driver.get("about:blank")
    page.until(lambda: jogs(wheel) is None, 1.0)


def test_who_has_the_wheel_is_said(wheel, link, open_browser):
    wheel.take("ana", time.perf_counter() + 1)  # who is silent for four seconds from now
    page = open_browser("phone")
    page.open(link)
    page.until_text("wait until they have left")
    assert "You drive" not in page.text
    page.until_text("You drive.")


@on_a_network_too
def test_a_link_that_is_not_whole_does_not_drive(wheel, link, open_browser):
    page = open_browser("phone")
    page.open(link.partition("#")[0])
    if "#" in link:
        page.until_text("is the link complete?")
        assert not wheel.is_driven()
    else:
        page.until_text("You drive.")
