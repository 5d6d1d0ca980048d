"""Units are guessed where the numbers give them away, and only there."""

import numpy as np
import pytest

from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_policies.training.units import DEGREES, NORMALISED, RADIANS, guess_units


@pytest.mark.parametrize(
    ("low", "high", "units"),
    [
        ([-40, -105, -20, 0, -90, 0], [40, 10, 95, 60, 90, 100], DEGREES),
        ([-40, -100, -20, 0, -90, 0], [40, 10, 95, 60, 90, 100], NORMALISED),
        ([-0.7, -1.8, 0, 0, -1.5, 0], [0.7, 0.2, 1.6, 1.0, 1.5, 100], RADIANS),
        ([-40, -95, -20, 0, -90, 0], [40, 10, 95, 60, 90, 100], None),
        ([1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 100], None),  # stands still: may be anything
        ([-40, -95, -20, 0, np.nan, 0], [40, 10, 95, 60, 90, 100], None),
    ],
)
def test_a_guess_from_the_range(low, high, units):
    assert guess_units(FEATURE_NAMES, np.array(low, float), np.array(high, float)) == units


def test_the_gripper_is_no_evidence():
    assert guess_units(["gripper.pos"], np.array([0.0]), np.array([100.0])) is None
