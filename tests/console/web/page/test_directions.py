"""Left is left in the picture that one looks at: for keys, pads and gamepads, on the console's page and a phone's."""

import time
from types import SimpleNamespace

import mujoco
import numpy as np
import pytest

from armchair_core.so101.kinematics import units_to_rad
from armchair_robot.teleoperators.network.driver import Jog, Wheel
from armchair_robot.teleoperators.network.server import DriveServer
from armchair_sim.scene.world import build_model
from armchair_sim.tasks import get_task

pytestmark = pytest.mark.real_time
GAMEPAD = """
const [x, y] = arguments, buttons = Array.from({length: 17}, () => ({pressed: false, value: 0}));
buttons[4] = {pressed: true, value: 1};
navigator.getGamepads = () => [{connected: true, mapping: "standard", id: "A pad", axes: [x, y, 0, 0], buttons}];
"""


def picture(eye: np.ndarray) -> np.ndarray:
    """Return how a way in the arm's frame looks from `eye`: rows are right, up and towards it."""
    right = np.cross([0, 0, 1], eye) / np.linalg.norm(np.cross([0, 0, 1], eye))
    return np.array([right, np.cross(eye, right), eye])


def looks_from(page) -> np.ndarray:
    """Return where the 3-D picture is looked at from, a unit vector."""
    words = page.until(lambda: page.find(".stage canvas").get_attribute("data-eye"))
    return np.array([float(at) for at in words.split()])


def held(page, key: str, rates) -> np.ndarray:
    """Return the rates that a held key asks for; a browser that was kept waiting takes the lost wheel again."""

    def asked():
        if "Take the wheel" in page.text:
            page.press("Take the wheel")
        return rates()

    page.until(lambda: not rates())
    page.key(key, True)
    found = page.until(asked)
    page.key(key, False)
    page.until(lambda: not rates())
    return np.array(found)


# --- on the console's page ----------------------------------------------------------------------------------------
@pytest.fixture
def drives(page, open_browser):
    """The page's Drive view at the wheel of an arm that writes down what it is told; `rates` are the newest."""
    browser = open_browser()
    browser.open(f"{page.url}/#drive")
    browser.driver.execute_script("localStorage.removeItem('armchair-directions')")
    browser.driver.refresh()
    browser.button("Take the wheel")

    def told() -> bool:
        browser.tap("j")
        return "press Take the wheel first" in browser.text

    browser.until(told)
    browser.press("Take the wheel")
    browser.until_text("Let go of the wheel")
    eye = np.array(
        [float(at) for at in browser.until(lambda: browser.find(".stage canvas").get_attribute("data-eye")).split()]
    )

    def rates():
        newest = page.arm.commands[-1] if page.arm.commands else None
        return newest.rates if isinstance(newest, Jog) and any(newest.rates) else None

    yield SimpleNamespace(browser=browser, eye=eye, rates=rates)
    if "Let go of the wheel" in browser.text:
        browser.press("Let go of the wheel")


def test_a_key_moves_the_arm_as_the_3d_picture_shows_it(drives):
    browser, seen = drives.browser, picture(drives.eye)
    for key, side in (("j", -1), ("l", 1), ("ArrowLeft", -1), ("ArrowRight", 1)):
        right, _, near = seen @ held(browser, key, drives.rates)[:3]
        assert right * side > 0.95 and abs(near) < 0.2, key
    for key, way in (("i", 1), ("k", -1), ("ArrowUp", 1), ("ArrowDown", -1)):
        right, up, near = seen @ held(browser, key, drives.rates)[:3]
        assert up * way > 0.3 and near * way < -0.3 and abs(right) < 0.1, key
    assert (seen @ held(browser, "w", drives.rates)[:3])[1] > 0.5
    browser.driver.execute_script(GAMEPAD, -1.0, 0.0)
    assert (seen @ np.array(browser.until(drives.rates))[:3])[0] < -0.95
    browser.driver.execute_script(GAMEPAD, 0.0, 0.0)
    browser.until(lambda: not drives.rates())


def test_the_arms_own_directions_are_a_choice_that_stays(drives):
    browser = drives.browser
    browser.press("as the arm sees it")
    assert held(browser, "j", drives.rates).tolist() == [0, 1, 0, 0, 0, 0]
    assert held(browser, "ArrowUp", drives.rates).tolist() == [1, 0, 0, 0, 0, 0]
    browser.driver.refresh()
    browser.until_text("forward")
    browser.press("as I see it")
    browser.until_text("away")


def test_single_joints_pan_to_the_side_that_is_seen(drives):
    browser = drives.browser
    browser.press("single joints")
    assert held(browser, "j", drives.rates).tolist() == [0, -1, 0, 0, 0, 0], "from the front its right is on the left"
    assert held(browser, "i", drives.rates).tolist() == [1, 0, 0, 0, 0, 0], "a joint has no other side"
    browser.press("single joints")


# --- on the phone's page ------------------------------------------------------------------------------------------
def test_a_phone_says_where_one_stands(open_browser):
    wheel = Wheel()
    served = DriveServer(wheel, lambda: "moving the tip · slow · holding still", 0, False)
    page = open_browser("phone")

    def rates():
        wish = wheel.command(time.perf_counter())
        return wish.rates if isinstance(wish, Jog) else None

    try:
        page.open(served.links[0])
        page.until_text("You drive.")
        assert held(page, "j", rates).tolist() == [0, 1, 0, 0, 0, 0], "whoever stands behind the arm has its left"
        page.press("I face the arm")
        assert held(page, "j", rates).tolist() == [0, -1, 0, 0, 0, 0]
        assert held(page, "i", rates).tolist() == [-1, 0, 0, 0, 0, 0]
        page.touch("place", -1, 0)
        found = page.until(rates)
        page.lift()
        assert found[1] < -0.7 and found[0] == 0
    finally:
        served.close()


# --- the real thing -----------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_left_moves_the_grasp_point_to_the_left_of_both_pictures(console, ready, open_browser):
    page = ready(open_browser(), "drive")
    page.driver.execute_script("localStorage.removeItem('armchair-directions')")
    model = build_model(get_task("lift"))
    data = mujoco.MjData(model)

    def grasp_point() -> np.ndarray:
        data.qpos[:6] = units_to_rad(np.array(console.twin(do="status")["follower"]))
        mujoco.mj_forward(model, data)
        return data.site("tip").xpos.copy()

    page.press("Take the wheel")
    page.until_text("You drive")
    page.press("normal")
    page.key("w", True)  # away from the table
    time.sleep(1.5)
    page.key("w", False)
    shown = looks_from(page)
    for key, side in (("j", -1), ("l", 1)):
        before = grasp_point()
        page.key(key, True)
        page.until(lambda before=before: np.linalg.norm(grasp_point() - before) > 0.02, 60)
        page.key(key, False)
        way = grasp_point() - before
        assert side * (picture(shown) @ way)[0] > 0.015, "in the 3-D picture"
        assert side * (data.cam("front").xmat.reshape(3, 3).T @ way)[0] > 0.015, "in the front camera's"
