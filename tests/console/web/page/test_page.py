"""The page in a real browser, at a desk and on a phone, with a console and a twin behind it.

Pictures of every view are left in the test's folder, or in $ARMCHAIR_SHOTS.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

pytestmark = pytest.mark.real_time
with_twin = pytest.mark.slow  # a twin, two cameras, a control loop and browsers, on a machine of two cores
VIEWS = ("live", "drive", "teach", "data", "train", "judge", "share", "faults")
OPENS_WITHIN_S = 150.0


def stands(console) -> np.ndarray:
    return np.array(console.twin(do="status")["follower"])


@contextmanager
def moves(console, page, at_least_deg: float = 5.0, within_s: float = 90.0) -> Iterator[tuple[str, int]]:
    """What is done in the block moves the arm's pan; gives the key, and the side, that have the most way to go.

    As whoever faces the arm sees them: its right is on the left.

    A browser that was kept waiting for seconds has lost the wheel, and takes it again.
    """
    began = stands(console)[0]
    yield ("j", -1) if began < 0 else ("l", 1)
    end_s = time.monotonic() + within_s
    while abs(stands(console)[0] - began) < at_least_deg:
        if "Take the wheel" in page.text:
            page.press("Take the wheel")
        assert time.monotonic() < end_s, f"it stands at {stands(console)[0]}, and began at {began}"
        time.sleep(0.1)


def holds(console, within_s: float = 3.0) -> bool:
    """Whether it stands still, after what it takes to come to rest. The end of its range is farther away than that."""
    end_s = time.monotonic() + within_s
    was = stands(console)
    while time.monotonic() < end_s:
        time.sleep(0.6)
        was, before = stands(console), was
        if np.abs(was - before).max() < 1.0:
            return True
    return False


# --- see ----------------------------------------------------------------------------------------------------------
@with_twin
def test_cameras_arm_and_joints_are_seen(ready, open_browser):
    page = ready(open_browser())
    for name in ("front", "wrist"):
        page.until(lambda name=name: page.pixels(f"canvas[aria-label$='{name}']").std() > 10)
    page.until(lambda: [("ms old" in words) for words in page.texts("figcaption")] == [True, True])
    before = page.pixels(".stage canvas")
    assert before.std() > 10, "the arm in 3-D"
    rows = page.until(lambda: (words := page.texts("tbody tr")) and all("°C" in row for row in words) and words)
    assert len(rows) == 6 and rows[0].startswith("shoulder pan") and " V" in rows[0]
    turn(page)
    page.until(lambda: np.abs(page.pixels(".stage canvas").astype(int) - before).mean() > 2)
    assert page.errors() == []


def turn(page) -> None:
    """Drag across the 3-D view."""
    box = page.find(".stage canvas").rect
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for kind, dx in (("mousePressed", 0), ("mouseMoved", 60), ("mouseMoved", 140), ("mouseReleased", 140)):
        page.cdp("Input.dispatchMouseEvent", type=kind, x=x + dx, y=y, button="left", buttons=1, clickCount=1)


# --- drive --------------------------------------------------------------------------------------------------------
@with_twin
def test_a_held_key_moves_the_arm_and_a_released_one_holds_it(console, ready, open_browser):
    page = ready(open_browser(), "drive")
    page.press("Take the wheel")
    page.until_text("You drive")
    page.press("single joints")
    page.press("normal")
    with moves(console, page) as (key, _):
        page.key(key, True)
    page.key(key, False)
    assert holds(console)
    page.press("Let go of the wheel")
    page.until_text("Nobody drives")


@with_twin
def test_a_finger_on_a_pad_moves_the_arm(console, ready, open_browser):
    page = ready(open_browser("phone"), "drive")
    page.press("Take the wheel")
    page.until_text("You drive")
    page.press("More")
    page.press("single joints")
    page.press("normal")
    with moves(console, page) as (_, side):
        page.touch("place", side, 0)
    page.lift()
    assert holds(console)


PAD = """
const [l1, x] = arguments, buttons = Array.from({length: 17}, () => ({pressed: false, value: 0}));
buttons[4] = {pressed: l1, value: Number(l1)};
const pad = {connected: true, mapping: "standard", id: "A pad (made up)", axes: [x, 0, 0, 0], buttons};
navigator.getGamepads = () => [pad];
"""


@with_twin
def test_a_gamepad_moves_the_arm_while_l1_is_held(console, ready, open_browser):
    page = ready(open_browser(), "drive")
    page.press("Take the wheel")
    page.until_text("You drive")
    page.press("single joints")
    page.driver.execute_script(PAD, False, 1.0)
    page.until_text("A pad: hold L1")
    assert holds(console)
    with moves(console, page) as (_, side):
        page.driver.execute_script(PAD, True, float(side))
    page.driver.execute_script(PAD, False, float(side))
    assert holds(console)


@with_twin
@pytest.mark.parametrize("how", ["the Wi-Fi is lost", "the page is closed"])
def test_a_lost_heartbeat_holds_the_arm(console, ready, open_browser, how):
    page = ready(open_browser(), "drive")
    page.press("Take the wheel")
    page.until_text("You drive")
    page.press("single joints")
    with moves(console, page) as (key, _):
        page.key(key, True)
    if how == "the page is closed":
        page.driver.get("about:blank")
        assert holds(console)
        return
    # Its line stays open, and nothing is said on it any more, as when the Wi-Fi is lost.
    page.driver.execute_script("WebSocket.prototype.send = () => undefined")
    assert holds(console)


@with_twin
def test_a_second_viewer_watches_asks_and_is_handed_the_wheel(console, ready, open_browser):
    second, first = open_browser("phone"), ready(open_browser(), "drive")
    second.open(f"{console.url}/#drive")
    second.until_text("Nobody drives")
    first.press("Take the wheel")
    second.press("Ask for the wheel")
    second.until_text("You have asked")
    second.press("More")
    second.press("single joints")
    second.key("j", True)
    assert holds(console), "who watches moves nothing"
    second.key("j", False)
    first.until_text("asks for the wheel")
    first.press("Hand over to")
    second.until_text("You drive")
    with moves(console, second) as (key, _):
        second.key(key, True)
    second.key(key, False)
    first.until_text("drives.")


@with_twin
def test_stop_from_any_page_and_by_escape(console, ready, open_browser):
    second, first = open_browser("phone"), ready(open_browser(), "drive")
    second.open(f"{console.url}/#drive")
    second.until_text("Nobody drives")
    first.press("Take the wheel")
    first.until_text("You drive")
    first.press("single joints")
    for stop in (lambda: second.press("STOP"), lambda: first.key("Escape", True)):
        with moves(console, first) as (key, _):
            first.key(key, True)
        stop()
        first.until_text("The arm holds still")
        assert holds(console), "though the key is held"
        first.key(key, False)
        first.press("Let it go on")
        first.until(lambda: "holds still" not in first.text)


# --- break and mend -----------------------------------------------------------------------------------------------
@with_twin
def test_a_fault_is_injected_and_the_doctor_names_it(ready, open_browser, shots):
    page = ready(open_browser(), "faults")
    page.driver.execute_script("arguments[0].click()", page.find("[data-fault=brown-out] button"))
    page.until_text("Broken now: brown-out")
    page.find("#phase.bad", 30)
    page.press("Ask the doctor")
    page.find("[data-verdict=ill]", 90)
    assert "supply" in page.find(".findings").text
    page.shoot(shots, "verdict")
    assert page.complaints() == []
    page.press("Mend everything")
    page.until_text("Nothing is broken")
    page.press("Start the arm")
    page.find("[data-arm=driving]", OPENS_WITHIN_S)


# --- for everybody ------------------------------------------------------------------------------------------------
@with_twin
@pytest.mark.parametrize("kind", ["projector", "phone"])
def test_every_view_is_fit_to_be_shown(ready, open_browser, shots, kind):
    page = ready(open_browser(kind))
    for view in VIEWS:
        page.view(view)
        if view == "drive":
            page.press("Take the wheel")
            page.until_text("You drive")
        time.sleep(1.0)
        page.shoot(shots, view)
        assert page.complaints() == [], view
        wide = page.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{view} is {wide} pixels too wide"
    assert page.errors() == []


@with_twin
def test_keys_alone_reach_everything(ready, open_browser):
    page = ready(open_browser(), "drive")
    reached = set()
    page.driver.execute_script("document.activeElement.blur()")
    for _ in range(40):
        page.cdp("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        page.cdp("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        words = page.driver.execute_script(
            "const e = document.activeElement; return e.ariaLabel || e.textContent.trim()"
        )
        reached.add(words)
        if "Take the wheel" in words:
            page.cdp("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", text="\r",
                     windowsVirtualKeyCode=13)  # fmt: skip
    page.until_text("You drive")
    for words in ("Live", "Drive", "Faults", "STOP", "Take the wheel", "slow", "fast", "single joints", "3-D"):
        assert any(words in each for each in reached), (words, reached)


# --- on the network -----------------------------------------------------------------------------------------------
def test_on_the_network_a_link_lets_in_one(lan_page, open_browser, shots):
    student, stranger = open_browser(), open_browser("desktop", "second")
    link = f"{lan_page.url}/#{lan_page.visitors.invite('student')}"
    stranger.open(lan_page.url)
    stranger.until_text("needs a link of its own")
    student.open(link)
    student.until_text("Nobody drives")
    assert "#" not in student.driver.current_url, "the token is not left for the history"
    assert student.find("nav").text.split() == ["Live", "Drive", "Teach", "Data", "Train", "Judge", "Share"]
    student.driver.refresh()
    student.until_text("Nobody drives")
    stranger.open(link)
    stranger.until_text("this link has been used")
    stranger.shoot(shots, "closed")
    assert stranger.complaints() == []
    stranger.open(f"{lan_page.url}/#{lan_page.visitors.invite('view')}")
    stranger.until_text("Nobody drives")
    assert stranger.find("nav").text.split() == ["Live", "Data", "Train", "Judge"]


def test_a_teacher_invites_by_qr_code(lan_page, open_browser, shots):
    teacher = open_browser()
    teacher.driver.delete_all_cookies()
    teacher.open(lan_page.url)
    teacher.driver.delete_all_cookies()
    teacher.open(f"{lan_page.url}/#{lan_page.visitors.invite('teacher')}")
    teacher.find("button[aria-label=Menu]").click()
    teacher.press("Invite somebody")
    teacher.press("who may drive")
    token = teacher.until(lambda: teacher.find(".address").text.partition("#")[2])
    assert lan_page.visitors.is_open(token)
    assert teacher.pixels(".qr").std() > 60
    teacher.shoot(shots, "invite")
    assert teacher.complaints() == []
