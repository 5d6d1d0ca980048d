"""The servo against the public bench figures (SO-ARM100 issue #134) and its own registers."""

import mujoco
import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_sim.scene.arm_model import add_motor
from armchair_sim.scene.servo import ServoBank, ServoConfig

STEP_S = 1 / 300
MIDDLE_RAD = kinematics.ticks_to_rad(np.full(6, 2047.0))
FREE_TURN = (-1e6, 1e6)


class Bench:
    """Six servos on a bench, nothing on their shafts but what a test hangs there."""

    def __init__(self, **config) -> None:
        spec = mujoco.MjSpec()
        spec.option.timestep, spec.option.gravity = STEP_S, [0, 0, 0]
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        for joint in kinematics.JOINTS:
            body = spec.worldbody.add_body(name=joint, mass=0.01, inertia=[1e-5] * 3, explicitinertial=True)
            add_motor(spec, body, joint, FREE_TURN)
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.data.qpos[:] = MIDDLE_RAD
        self.bank = ServoBank(ServoConfig(**config), STEP_S)
        self.bank.reset(MIDDLE_RAD)

    def run(self, seconds: float) -> np.ndarray:
        """Angles over time in ticks from the middle, [steps, 6]."""
        path = []
        for _ in range(round(seconds / STEP_S)):
            self.data.ctrl[:] = self.bank.duty(self.data.qpos, self.data.qvel)
            mujoco.mj_step(self.model, self.data)
            path.append((self.data.qpos - MIDDLE_RAD) / kinematics.RAD_PER_TICK)
        return np.array(path)

    def go(self, ticks: float) -> None:
        self.bank.write_goal(np.full(6, 2047.0 + ticks))


def test_no_load_speed():
    bench = Bench()
    bench.go(20_000)
    bench.run(1.0)
    assert bench.data.qvel[:5] == pytest.approx(4.8, rel=0.02)


def test_error_under_one_and_a_half_kilograms_at_ten_centimetres():
    bench = Bench(backlash_deg=0.0)
    bench.data.qfrc_applied[:5] = -1.5 * 9.81 * 0.10
    error = -bench.run(3.0)[-1, :5]
    assert (error > 20).all()
    assert (error < 30).all()


def test_stalls_at_three_and_a_half_kilograms():
    bench = Bench()
    bench.data.qfrc_applied[0] = -4.2 * 9.81 * 0.10
    assert bench.run(1.0)[-1, 0] < -400, "more than the stall torque turns the shaft back for good"
    bench = Bench()
    bench.data.qfrc_applied[0] = -3.3 * 9.81 * 0.10
    assert bench.run(2.0)[-1, 0] > -100, "less than the stall torque is held"


def test_a_step_settles_without_overshoot_worth_naming():
    bench = Bench(backlash_deg=0.0)
    bench.go(114)  # 10 degrees
    path = bench.run(1.5)[:, 0]
    assert path.max() < 114 * 1.05
    assert path[-1] == pytest.approx(114, abs=6)


def test_backlash_hides_a_degree_and_can_be_switched_off():
    hidden = {}
    for backlash_deg in (0.0, 1.0):
        bench = Bench(backlash_deg=backlash_deg, torque_limit=(0.0,) * 6)  # limp, pushed by hand
        bench.data.qpos[:] = MIDDLE_RAD - np.radians(5)
        bench.bank.duty(bench.data.qpos, bench.data.qvel)
        before = bench.bank.present_ticks[0]
        bench.data.qpos[:] += np.radians(2)
        bench.bank.duty(bench.data.qpos, bench.data.qvel)
        hidden[backlash_deg] = np.radians(2) / kinematics.RAD_PER_TICK - (bench.bank.present_ticks[0] - before)
    assert hidden[0.0] == pytest.approx(0, abs=1)
    assert hidden[1.0] * 360 / 4096 == pytest.approx(1.0, abs=0.15)


def test_delay_holds_a_goal_back_and_can_be_switched_off():
    for delay_s in (0.0, 0.02):
        bench = Bench(delay_s=delay_s)
        bench.go(500)
        moving = np.flatnonzero(bench.run(0.2)[:, 0] > 0.01)[0] * STEP_S
        assert moving == pytest.approx(delay_s, abs=2 * STEP_S)


def test_dead_zone_is_left_alone():
    bench = Bench(backlash_deg=0.0, dead_zone_ticks=8)
    bench.go(7)
    assert np.abs(bench.run(0.5)[-1]).max() < 0.5


def test_p_makes_stiff_and_i_takes_the_error_away():
    errors = {}
    for name, registers in {"p16": {}, "p32": {"p": 32}, "i": {"i": 8}}.items():
        bench = Bench(backlash_deg=0.0, **registers)
        bench.data.qfrc_applied[0] = -1.0
        errors[name] = -bench.run(4.0)[-1, 0]
    assert errors["p32"] == pytest.approx(errors["p16"] / 2, rel=0.2)
    assert errors["i"] < errors["p16"] / 2


def test_gripper_has_half_the_torque():
    bench = Bench()
    bench.go(5000)
    duty = bench.run(0.1) is not None and bench.data.ctrl
    assert duty[0] == 1.0
    assert duty[5] == 0.5


def test_each_servo_may_have_a_loop_of_its_own():
    bench = Bench(backlash_deg=0.0)
    bench.bank.set_loop(1, p=32, i=0, d=32, dead_zone_ticks=(1, 1))
    bench.data.qfrc_applied[:2] = -1.0
    error = -bench.run(3.0)[-1]
    assert error[1] == pytest.approx(error[0] / 2, rel=0.2)


def test_dead_zone_may_differ_by_direction():
    bench = Bench(backlash_deg=0.0)
    bench.bank.set_loop(0, p=16, i=0, d=32, dead_zone_ticks=(30, 2))
    bench.go(-25)
    assert abs(bench.run(0.5)[-1, 0]) < 0.5
    bench.go(25)
    assert bench.run(0.5)[-1, 0] > 20


def test_startup_force_moves_what_p_alone_leaves():
    moved = {}
    for startup_duty in (0.0, 0.05):
        bench = Bench(backlash_deg=0.0)
        bench.bank.set_loop(0, p=1, i=0, d=32, dead_zone_ticks=(1, 1), startup_duty=startup_duty)
        bench.go(12)  # a push of 0.013: less than the gearbox's dry friction
        moved[startup_duty] = bench.run(1.0)[-1, 0]
    assert abs(moved[0.0]) < 1
    assert moved[0.05] == pytest.approx(12, abs=3)


def test_a_shifted_zero_shifts_goals():
    bench = Bench(backlash_deg=0.0)
    bench.bank.zero_ticks[0] = 100
    bench.go(0)
    assert bench.run(1.0)[-1, :2] == pytest.approx([100, 0], abs=6)
