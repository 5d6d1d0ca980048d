"""Every view at five sizes, light and dark: fit to be shown, STOP in its corner, pads that nothing covers.

Pictures of everything are left in the test's folder, or in $ARMCHAIR_SHOTS: look at them.
"""

import time
from pathlib import Path
from typing import Any

import pytest

from armchair_core.so101.joints import JOINTS

pytestmark = pytest.mark.slow
SIZES = ("phone", "lying", "tablet", "projector", "desktop")
BY_AXE = ("phone", "projector")
LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")
ARM = {
    "phase": "driving", "words": "", "warnings": ["elbow_flex is warm: 56 °C"], "fps": 60, "stopped": False,
    "hand": "moving the tip · slow · nobody drives", "held_back": "", "rate_hz": 60.0, "jitter_ms": 0.12,
    "state": [12.0, -45.0, 40.0, 60.0, 6.0, 30.0], "sent": [14.0, -45.0, 40.0, 60.0, 6.0, 30.0],
    "low": [-110.0, -100.0, -97.0, -95.0, -160.0, 0.0], "high": [110.0, 100.0, 97.0, 95.0, 160.0, 100.0],
    "servos": {joint: [12.0, 0.21, 12.1, 34.0] for joint in JOINTS},
}  # fmt: skip
HALTED = "The gripper presses on the table, and elbow_flex went weak: drive up when the arm is held again."
LESSON = {
    "number": 1, "dataset": "lift-by-hand-of-the-fourth-form", "hand": "wheel", "kept": 3, "last": None, "slow": "",
    "undone": [], "ended": None, "failed": False, "phase": "waiting", "left_s": None, "rate_hz": 30.0, "behind": 0,
    "free_bytes": 10**10,
}  # fmt: skip
RECORDING = {**LESSON, "phase": "recording", "left_s": 12.0}
TAKE = {"kept": True, "steps": 120, "level": "bad", "words": "Not picked up. Redo?\nThe wrist never moved."}
SLOW = "This computer is too slow just now, and such takes teach less: close other programs and pages."
JUDGED = {**LESSON, "last": TAKE, "slow": SLOW}
ATTEMPT = {
    "wanted": 5, "ended": 2, "successes": 1, "helped": 1, "last": "a person helped", "status": "reaching",
    "said": None, "phase": "trying", "left_s": 6.0, "out": "run",
}  # fmt: skip
# A view, and what is so meanwhile; "mine": this page drives, "trial": a policy does.
SCREENS: dict[str, tuple[str, dict[str, Any]]] = {
    "live": ("live", {}), "drive": ("drive", {}), "drive-mine": ("drive", {"mine": True}),
    "drive-stopped": ("drive", {"mine": True, "stopped": True}), "drive-trial": ("drive", {"trial": True}),
    "drive-halted": ("drive", {"phase": "halted", "words": HALTED}), "teach": ("teach", {}),
    "lesson": ("teach", {"mine": True, "lesson": LESSON}),
    "lesson-take": ("teach", {"mine": True, "lesson": RECORDING}),
    "lesson-verdict": ("teach", {"mine": True, "lesson": JUDGED}), "data": ("data", {}), "train": ("train", {}),
    "judge": ("judge", {}), "share": ("share", {}), "faults": ("faults", {}),
    "projector": ("projector", {"lesson": RECORDING}),
}  # fmt: skip


def show(page, browser, name: str) -> None:
    """Open a screen, and wait until it has settled."""
    view, so = SCREENS[name]
    said = {**ARM, **so} if "phase" not in so else {"phase": "halted", "words": HALTED, "fps": 60}
    # In the hand a verdict stands in the wheel's place until it is answered: the wheel was taken before.
    page.arm.said = said | {"lesson": LESSON} if "lesson" in so else said
    if "trial" in so:
        said["attempt"] = {**ATTEMPT, "policy": page.long_name}
    browser.open(f"{page.url}/#{view}")
    browser.find("main > *")
    if "mine" in so:
        browser.press("Take the wheel")
        browser.find(".wheel.mine")
    page.arm.said = said
    time.sleep(0.8)


@pytest.fixture
def screen(open_browser):
    """A browser of a size; fingers are another one's."""

    def screen(kind: str, theme: str = "dark"):
        browser = open_browser("phone" if kind in ("phone", "lying") else "desktop", "screens")
        browser.become(kind)
        browser.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        return browser

    return screen


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("kind", SIZES)
def test_every_screen_is_fit_to_be_shown(furnished, screen, shots, kind, theme):
    browser, corners, wrong = screen(kind, theme), {}, []
    for name in SCREENS:
        show(furnished, browser, name)
        found = browser.driver.execute_script(LOOK, name.startswith(("drive", "lesson")))
        browser.driver.save_screenshot(str(shots / f"{name}-{kind}-{theme}.png"))
        corners.setdefault(tuple(found["corner"]), []).append(name)
        wrong += [f"{name}: {each}" for each in found["bad"] + (browser.complaints() if kind in BY_AXE else [])]
    assert not wrong, "\n".join(wrong)
    assert len(corners) == 1, f"STOP moves: {corners}"
    assert browser.errors() == []


@pytest.mark.parametrize("kind", ["phone", "projector"])
def test_the_tour_moves_neither_stop_nor_pads(furnished, screen, shots, kind):
    browser = screen(kind)
    show(furnished, browser, "drive")
    before = browser.driver.execute_script(LOOK, True)
    browser.find("button[aria-label=Menu]").click()
    browser.press("Tour")
    browser.find(".tour .line button").click()
    browser.find("[data-step=drive]")
    time.sleep(0.5)
    browser.shoot(shots, "tour")
    after = browser.driver.execute_script(LOOK, True)
    assert after == before and after["bad"] == []
    browser.press("Leave the tour")


@pytest.mark.parametrize("kind", ["phone", "projector"])
def test_the_look_is_a_choice_that_stays(furnished, screen, shots, kind):
    browser = screen(kind, "dark")
    show(furnished, browser, "live")
    look = "const {theme, letters} = document.documentElement.dataset; return `${theme} ${letters}`"
    assert browser.driver.execute_script(look) == "dark normal"
    browser.find("button[aria-label=Menu]").click()
    browser.shoot(shots, "menu")
    assert browser.complaints() == []
    browser.press("light")
    browser.find("button[aria-label='largest letters']").click()
    for name in ("live", "drive", "lesson-verdict", "judge", "projector"):
        show(furnished, browser, name)
        assert browser.driver.execute_script(look) == "light largest"
        assert browser.driver.execute_script(LOOK, False)["bad"] == [], name
        browser.shoot(shots, f"{name}-largest")
    browser.driver.execute_script("localStorage.clear()")
