"""Nothing impossible gets past the guard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from armchair_robot.guard import Guard
from armchair_sim import so101
from armchair_sim.errors import ArmchairError


@given(arrays(np.float32, 6, elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_everything_finite_comes_out_within_limits(action):
    safe = Guard().check(action)
    assert (safe >= so101.ACTION_LOW).all()
    assert (safe <= so101.ACTION_HIGH).all()
    inside = (action >= so101.ACTION_LOW) & (action <= so101.ACTION_HIGH)
    np.testing.assert_array_equal(safe[inside], action[inside])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite_is_refused_by_joint(bad):
    action = np.zeros(6)
    action[3] = bad
    with pytest.raises(ArmchairError, match="not finite at wrist_flex"):
        Guard().check(action)


@pytest.mark.parametrize("action", [np.zeros(5), np.zeros((1, 6)), 0.0])
def test_other_shapes_are_refused(action):
    with pytest.raises(ArmchairError, match="6 numbers"):
        Guard().check(action)


def test_counts_what_it_clamped():
    guard = Guard()
    guard.check(np.full(6, 10.0))
    guard.check(np.full(6, 1000.0))
    assert guard.clamped_ticks == 1
