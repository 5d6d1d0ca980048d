"""The hands that hold an arm while it is calibrated."""

import numpy as np

from armchair_core.so101 import kinematics
from armchair_sim.twin.leader_input.calibration_sweep import CalibrationSweep, middle, sweep_path


def test_every_joint_goes_to_both_stops():
    path = sweep_path()
    assert (path.min(axis=0) <= kinematics.JOINT_LOW_RAD).all()
    assert (path.max(axis=0) >= kinematics.JOINT_HIGH_RAD).all()
    np.testing.assert_array_equal(path[-1], middle())


def test_nothing_hits_the_table_on_the_way():
    guide, lowest_m = CalibrationSweep(middle(), sweep_path()), 1.0
    while not guide.arrived:
        lowest_m = min(lowest_m, kinematics.forward_kinematics(guide.step()).z)
    assert lowest_m > 0.04


def test_goes_at_a_persons_pace():
    guide = CalibrationSweep(np.zeros(6), np.ones((1, 6)))
    before, fastest = np.zeros(6), 0.0
    while not guide.arrived:
        now = guide.step().copy()
        fastest = max(fastest, float(np.abs(now - before).max()))
        before = now
    assert fastest < 0.01
    np.testing.assert_array_equal(before, np.ones(6))
