"""The real thing without a browser: a console with its own twin, and pages that are WebSocket clients."""

import io

import httpx
import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.real_time

LEFT = {"type_": "jog", "rates": [0, 1, 0, 0, 0, 0], "mode": "joints", "speed": "normal"}
OPENS_WITHIN_S = 150.0


def moves(news) -> np.ndarray:
    return np.array(news["arm"]["state"])


def is_driving(news) -> bool:
    return news["arm"]["phase"] == "driving" and "state" in news["arm"]


@pytest.fixture
def driver(console, visit):
    """A page with the wheel of an arm that is held, whatever the test before has left."""
    client = visit(console)
    post(console, "/api/twin/mend")
    if client.look()["arm"]["phase"] in ("halted", "released"):
        post(console, "/api/arm", {"do": "start"})
    client.until(is_driving, OPENS_WITHIN_S)
    client.say("seize")
    client.say("go")
    client.until(lambda news: news["driver"] == client.me["you"] and not news["arm"]["stopped"])
    yield client
    client.say("leave")


def post(console, path: str, body: dict | None = None, timeout: float = 120) -> httpx.Response:
    return httpx.post(console.url + path, json=body or {}, trust_env=False, timeout=timeout)


def test_everything_is_seen(driver):
    seen = {}
    driver.say("look", pictures={"front": 640, "wrist": 640})
    driver.watch(0.3)
    for _ in range(60):
        driver.look()
        seen |= {one["camera"]: one for one in driver.pictures}
    assert set(seen) == {"front", "wrist"}
    for one in seen.values():
        assert Image.open(io.BytesIO(one["image"])).size == (640, 480)
        assert 0 <= one["age_s"] < 5
    arm = driver.until(lambda news: len(news["arm"]["servos"]) == 6)["arm"]
    assert arm["rate_hz"] > 10
    assert all(low < at < high for low, at, high in zip(arm["low"], arm["state"], arm["high"], strict=True))
    load, current, voltage, heat = arm["servos"]["elbow_flex"]
    assert voltage > 4 and 10 < heat < 60 and abs(load) <= 100 and current < 5


def test_what_is_wished_moves_the_arm_and_silence_holds_it(driver):
    before = moves(driver.watch(0.3))
    after = moves(driver.until(lambda news: abs(moves(news) - before)[0] > 8, 30, also=LEFT))
    assert abs(after - before)[1:5].max() < 5
    driver.watch(1.0)  # the heartbeat is lost, and the line is not
    held = moves(driver.news)
    assert abs(moves(driver.watch(1.0)) - held).max() < 1
    assert driver.news["poses"][2] != driver.news["poses"][1]


def test_stop_outlasts_every_wish(console, driver, visit):
    driver.until(lambda news: not news["arm"]["stopped"], also=LEFT)
    visit(console).say("stop")
    driver.until(lambda news: news["arm"]["stopped"], also=LEFT)
    held = moves(driver.watch(0.8, also=LEFT))
    assert abs(moves(driver.watch(0.8, also=LEFT)) - held).max() < 1
    driver.say("go")
    driver.until(lambda news: abs(moves(news) - held)[0] > 5, 30, also={**LEFT, "rates": [0, -1, 0, 0, 0, 0]})
    assert post(console, "/api/stop").json() == {"stopped": True}
    driver.until(lambda news: news["arm"]["stopped"])


def test_a_page_that_is_closed_holds_the_arm(console, driver, visit):
    other = visit(console)
    other.say("seize")
    other.until(lambda news: news["driver"] == other.me["you"])
    for _ in range(5):
        other.say(**LEFT)
        other.look()
    other.line.close()
    driver.until(lambda news: news["driver"] is None)
    held = moves(driver.watch(0.7))
    assert abs(moves(driver.watch(0.7)) - held).max() < 1


def test_another_scene_is_set_and_seen(console, driver):
    assert post(console, "/api/twin/scene", {"seed": 7}).json()["scene"] == 7
    driver.until(lambda news: news["shown_scene"] == 7 and news["twin"]["scene"] == 7)
    assert post(console, "/api/twin/scene", {"seed": -1}).status_code == 422


def test_a_fault_is_set_found_by_the_doctor_and_mended(console, driver):
    wrong = post(console, "/api/twin/faults", {"name": "brown-ou"})
    assert wrong.status_code == 409 and "did you mean 'brown-out'" in wrong.json()["detail"]
    assert "brown-out" in post(console, "/api/twin/faults", {"name": "brown-out"}).json()["faults"]
    halted = driver.until(lambda news: news["arm"]["phase"] == "halted", 30)
    assert "power" in halted["arm"]["words"]
    assert console.twin(do="status")["motors_on"] == [], "the arm was let go of"
    verdict = post(console, "/api/doctor").json()
    assert not verdict["healthy"]
    assert "supply-low" in (each["code"] for each in verdict["arms"][0]["findings"])
    assert post(console, "/api/twin/mend").json()["faults"] == []
    driver.until(lambda news: news["arm"]["phase"] == "released")
    post(console, "/api/arm", {"do": "start"})
    driver.until(is_driving, OPENS_WITHIN_S)


def test_the_motors_go_off_and_on_again(console, driver):
    post(console, "/api/arm", {"do": "release"})
    driver.until(lambda news: news["arm"]["phase"] == "released", 30)
    assert console.twin(do="status")["motors_on"] == []
    post(console, "/api/arm", {"do": "start"})
    driver.until(is_driving, OPENS_WITHIN_S)
    assert len(console.twin(do="status")["motors_on"]) == 6
