"""The mathematics of chunks: continuous, by the clock, never a second time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from armchair_robot.rollout.action_chunks import PATIENCE_S, ActionChunk, ChunkSchedule

PERIOD_S, FADE_S = 1 / 30, 0.1
STILL = np.zeros(6, np.float32)


def ramp(starts_s: float, steps: int = 16, slope: float = 1.0, base: float = 0.0) -> ActionChunk:
    """Every joint at base, base + slope, …"""
    values = base + slope * np.arange(steps, dtype=np.float32)
    return ActionChunk(starts_s, np.repeat(values[:, None], 6, axis=1), PERIOD_S)


def plan(fade_s: float = FADE_S, now_s: float = 0.0, pose: np.ndarray = STILL) -> ChunkSchedule:
    new = ChunkSchedule(fade_s)
    new.hold(pose, now_s)
    return new


def test_an_action_is_for_its_own_moment():
    chunk = ramp(10.0)
    for step in (0, 3, 15):
        assert chunk.at(10.0 + step * PERIOD_S)[0] == pytest.approx(step, abs=1e-4)
    assert chunk.at(10.0 + 2.5 * PERIOD_S)[0] == pytest.approx(2.5, abs=1e-4)
    assert (chunk.at(9.0)[0], chunk.at(99.0)[0]) == (0, 15)


def test_a_moving_arm_does_not_do_again_what_has_passed_while_the_policy_thought():
    moving = plan(fade_s=0.0)
    moving.add(ramp(1.0), 1.0)
    looked_s = 1.0 + 8 * PERIOD_S
    assert moving.add(ramp(looked_s, base=8), looked_s + 4 * PERIOD_S)
    assert moving.at(looked_s + 4 * PERIOD_S)[0] == pytest.approx(12, abs=1e-3)


def test_an_arm_that_stood_still_begins_at_the_beginning():
    still = plan(fade_s=0.0, now_s=1.0)
    assert still.add(ramp(1.0), 5.0)
    assert still.at(5.0)[0] == 0
    assert still.at(5.0 + 3 * PERIOD_S)[0] == pytest.approx(3, abs=1e-3)


def test_what_comes_too_late_is_dropped():
    moving = plan()
    moving.add(ramp(1.0, steps=100), 1.0)
    assert not moving.add(ramp(2.0), 2.0 + 17 * PERIOD_S)  # over before it came
    assert not moving.add(ramp(0.9, steps=200), 2.0)  # looked at an older world
    assert not plan().add(ramp(1.0), 1.0 + PATIENCE_S + 0.1)  # somebody may have moved the scene


def test_when_the_plan_is_over_the_last_action_is_held():
    moving = plan()
    moving.add(ramp(1.0), 1.0)
    end_s = 1.0 + 16 * PERIOD_S
    assert moving.still_s(end_s) == 0
    assert moving.still_s(end_s + 2) == pytest.approx(2)
    np.testing.assert_array_equal(moving.at(end_s + 2), moving.at(end_s + 200))
    assert moving.at(end_s + 2)[0] == 15


def test_hold_drops_what_was_planned():
    moving = plan()
    moving.add(ramp(1.0), 1.0)
    moving.hold(np.full(6, 7.0), 1.2)
    assert moving.at(1.3)[0] == 7
    assert moving.add(ramp(1.25, base=50), 1.4)
    assert moving.at(1.4)[0] == pytest.approx(7)


chunks = st.lists(
    st.tuples(
        st.floats(0.02, 0.6),  # s since the last look
        st.floats(0.0, 0.3),  # s of thinking
        st.lists(st.floats(-90, 90, width=32), min_size=2, max_size=20),
    ),
    min_size=1,
    max_size=6,
)


@given(chunks)
def test_the_motion_is_continuous_whatever_comes_when(looks):
    moving, step_s, before, now_s = plan(), 0.001, STILL, 0.0
    every = [abs(number) for _, _, values in looks for number in values]
    # Within the fade two actions change places, while each of them moves on; and fades may overlap.
    fastest = len(looks) * 2 * max(every) * (1 / PERIOD_S + 1 / FADE_S)
    for since_s, thinking_s, values in looks:
        looked_s, actions = now_s + since_s, np.repeat(np.array(values, np.float32)[:, None], 6, axis=1)
        until_s = looked_s + thinking_s
        while now_s < until_s:
            now_s += step_s
            now = moving.at(now_s)
            assert np.abs(now - before).max() <= fastest * step_s + 1e-3
            assert np.abs(now).max() <= max(every) + 1e-3
            before = now
        moving.add(ActionChunk(looked_s, actions, PERIOD_S), now_s)
        np.testing.assert_allclose(moving.at(now_s), before, atol=1e-3)
