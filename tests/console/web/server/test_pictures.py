"""Who drives gets every picture as large as it is shown; who only watches gets few and small ones, and none unseen."""

import time
from types import SimpleNamespace

import pytest

from armchair.web.drive.camera_stream import Picture

WIDE = {"front": 640, "wrist": 640}


class Cameras:
    """A new picture whenever one is asked for; it says which size it is."""

    names = ("front", "wrist")

    def newest(self, name: str, large: bool) -> Picture:
        return Picture(b"large" if large else b"small", time.perf_counter())


@pytest.fixture(autouse=True)
def cameras(page, monkeypatch):
    monkeypatch.setattr(page.cell, "cameras", Cameras())


def seen(client, seconds: float = 1.0) -> SimpleNamespace:
    """What comes meanwhile: states a second, and the sizes by camera."""
    end_s, states, sizes = time.monotonic() + seconds, 0, {}
    while time.monotonic() < end_s:
        client.look()
        states += 1
        for one in client.pictures:
            sizes.setdefault(one["camera"], set()).add(one["image"].decode())
    return SimpleNamespace(rate_hz=states / seconds, sizes=sizes)


def look(client, pictures: dict[str, int]) -> None:
    client.say("look", pictures=pictures)
    client.watch(0.3)


def test_who_drives_gets_three_times_as_many_and_large_ones(page, visit):
    watcher, driver = visit(page), visit(page)
    driver.say("take")
    look(driver, WIDE)
    driven = seen(driver)
    assert driven.rate_hz > 18 and driven.sizes == {"front": {"large"}, "wrist": {"large"}}
    watched = seen(watcher)
    assert watched.rate_hz < 16 and watched.sizes == {"front": {"small"}, "wrist": {"small"}}


def test_what_a_page_does_not_show_is_not_sent(page, visit):
    client = visit(page)
    look(client, {"wrist": 300, "none": 300})
    assert seen(client, 0.5).sizes == {"wrist": {"small"}}
    look(client, {})
    assert seen(client, 0.5).sizes == {}


def test_few_who_watch_see_large_pictures_and_a_class_does_not(page, visit):
    clients = [visit(page) for _ in range(5)]
    for client in clients:
        client.say("look", pictures=WIDE)
    sizes: list[bytes] = []
    end_s = time.monotonic() + 15
    while sizes != 3 * [b"large"] + 2 * [b"small"]:  # until nobody keeps the line waiting
        assert time.monotonic() < end_s, sizes
        sizes = [client.look() and client.pictures[0]["image"] for client in clients]


def test_a_slow_line_carries_small_pictures(page, visit):
    driver = visit(page)
    driver.say("take")
    look(driver, WIDE)
    for _ in range(8):
        head_s = time.monotonic() + 0.5
        while time.monotonic() < head_s:
            driver.say("hold")
            time.sleep(0.1)
        driver.look()
    driver.look()
    assert {one["image"] for one in driver.pictures} == {b"small"}
    end_s = time.monotonic() + 10
    while {one["image"] for one in driver.pictures} != {b"large"}:
        assert time.monotonic() < end_s
        driver.say("hold")
        driver.look()


def test_a_page_that_is_hidden_or_slept_is_told_the_newest_at_once(page, visit):
    client = visit(page)
    look(client, WIDE)
    while True:  # as a page that sleeps: nothing more is shown
        try:
            client.look(acknowledge=False, within_s=0.5)
        except TimeoutError:
            break
    page.arm.said = {**page.arm.said, "words": "meanwhile"}
    time.sleep(0.5)
    client.say("seen", number=10_000)  # never sent
    with pytest.raises(TimeoutError):
        client.look(within_s=0.5)
    client.say("seen", number=client.number)
    assert client.look()["arm"]["words"] == "meanwhile"
    page.arm.said = {**page.arm.said, "words": ""}


class LargeCameras(Cameras):
    """Pictures as a noisy room makes them."""

    def newest(self, name: str, large: bool) -> Picture:
        return Picture(bytes(40_000), time.perf_counter())


def test_all_who_watch_share_what_a_line_carries(page, visit, monkeypatch):
    monkeypatch.setattr(page.cell, "cameras", LargeCameras())
    monkeypatch.setattr("armchair.web.server.picture_share._BYTES_S", 400_000)
    clients = [visit(page) for _ in range(3)]
    end_s, drawn, states = time.monotonic() + 4, 0, 0
    while time.monotonic() < end_s:
        for client in clients:
            client.look()
            states += 1
            drawn += sum(one["bytes"] for one in client.pictures)
    assert drawn < 2_000_000, "4 s of 400 kB, and at most one payload each before"
    assert drawn > 300_000
    assert states > 60, "what is in words comes all the same"
