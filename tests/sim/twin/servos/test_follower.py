"""The follower behind its registers: what stock software writes, and what it reads back."""

import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_core.sts3215.motor import NO_LOAD_SPEED_RAD_S
from armchair_core.sts3215.packets import ACTION, BROADCAST, REG_WRITE, SYNC_WRITE, WRITE, Packet, build
from armchair_core.sts3215.registers import REGISTERS
from armchair_sim.expert.expert import Expert
from armchair_sim.expert.grasping import holds
from armchair_sim.scene.world import TIMESTEP_S, World
from armchair_sim.tasks import get_task
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.servos.follower import Follower
from armchair_sim.twin.servos.leader import Leader

LIFT, ELBOW, ROLL, GRIPPER = 1, 2, 4, 5
STEPS_PER_TICK = 10


def write(arm: Follower | Leader, servo: int, **registers: int) -> None:
    """As the wire does it, one after the other."""
    for name, value in registers.items():
        register = REGISTERS[name]
        arm.memories[servo].write(register.address, register.encode(value))
        arm.take_writes()


def connect(arm: Follower) -> None:
    """What LeRobot 0.6.1 writes when a follower connects (so_follower.py, `configure`)."""
    for servo in range(6):
        write(arm, servo, Torque_Enable=0, Lock=0, Return_Delay_Time=0, Maximum_Acceleration=254, Acceleration=254)
        write(arm, servo, Operating_Mode=0, P_Coefficient=16, I_Coefficient=0, D_Coefficient=32)
    write(arm, GRIPPER, Max_Torque_Limit=500, Protection_Current=250, Overload_Torque=25)
    for servo in range(6):
        write(arm, servo, Torque_Enable=1, Lock=1)


def run(arm: Follower, seconds: float) -> None:
    for _ in range(round(seconds / TIMESTEP_S)):
        arm.step()


def write_goals(arm: Follower, units: np.ndarray) -> None:
    for servo, goal in enumerate(kinematics.units_to_ticks(units).tolist()):
        register = REGISTERS["Goal_Position"]
        arm.memories[servo].write(register.address, register.encode(goal))


def present(arm: Follower | Leader) -> np.ndarray:
    return np.array([memory["Present_Position"] for memory in arm.memories])


def make_arm(task: str = "reach", seed: int = 0) -> Follower:
    world = World(get_task(task))
    world.reset(seed)
    return Follower(world)


@pytest.fixture
def arm() -> Follower:
    """Connected as LeRobot connects it, standing still at the start of an episode."""
    arm = make_arm()
    connect(arm)
    run(arm, 0.5)
    return arm


def both_doors(task: str, seed: int, hard: bool, **gripper: int) -> tuple[np.ndarray, np.ndarray, Follower]:
    """The expert's actions through World.step and, the same, through registers: angles in degrees, [ticks, 6].

    6 s of them; `hard` shuts the gripper with all its might on what it holds.
    """
    fast, arm = World(get_task(task)), make_arm(task, seed)
    fast.reset(seed)
    connect(arm)
    write(arm, GRIPPER, **gripper)
    expert = Expert(fast)
    expert.reset()
    paths = []
    for _ in range(6 * 30):
        action = expert.act()
        if hard and holds(fast, "cube"):
            action[GRIPPER] = 0.0
        fast.step(action)
        write_goals(arm, action)
        run(arm, STEPS_PER_TICK * TIMESTEP_S)
        arm.world.judge()
        paths.append((fast.data.qpos[:6].copy(), arm.world.data.qpos[:6].copy()))
    fast_path, twin_path = np.degrees(np.array(paths)).transpose(1, 0, 2)
    return fast_path, twin_path, arm


# --- one model behind two doors -----------------------------------------------------------------------------
@pytest.mark.parametrize(("task", "seed"), [("lift", 1), ("lift", 5), ("place", 1), ("place", 2), ("reach", 1)])
def test_same_goals_same_path(task, seed):
    fast, twin, _ = both_doors(task, seed, hard=False, Overload_Torque=254)
    assert np.ptp(fast, axis=0).max() > 10, "the arm moves"
    assert np.array_equal(fast, twin), "bit for bit, as long as no protection trips"


@pytest.mark.parametrize("seed", [1, 5])
def test_a_tripped_gripper_keeps_the_other_joints_within_a_degree(seed):
    fast, twin, arm = both_doors("lift", seed, hard=True)
    assert np.sqrt(((fast - twin)[:, :GRIPPER] ** 2).mean(axis=0)).max() < 1.0
    assert arm.memories[GRIPPER]["Status"] == 32, "LeRobot's quarter of the torque, for two seconds"
    assert arm.memories[GRIPPER]["Present_Load"] == -200, "which then holds the cube with a fifth of its torque"
    assert arm.world.success


def test_a_leader_moved_by_the_expert_lifts_the_cube():
    arm, leader = make_arm("lift", 3), Leader()
    connect(arm)
    expert = Expert(arm.world)
    expert.reset()
    for _ in range(8 * 30):
        leader.move_to(expert.act())
        units = kinematics.ticks_to_units(present(leader))
        write_goals(arm, units)
        for _ in range(STEPS_PER_TICK):
            arm.step()
            leader.step()
        if arm.world.judge():
            break
    assert arm.world.success


# --- calibration --------------------------------------------------------------------------------------------
def test_a_factory_new_arm_reads_the_ticks_of_its_angles():
    arm = make_arm()
    assert [memory["ID"] for memory in arm.memories] == [1, 2, 3, 4, 5, 6]
    assert all(memory["Homing_Offset"] == 0 and memory["Max_Position_Limit"] == 4095 for memory in arm.memories)
    assert present(arm) == pytest.approx(kinematics.rad_to_ticks(arm.world.data.qpos[:6]), abs=0.51)


def test_calibrated_registers_are_what_the_calibration_file_says(arm):
    arm.calibrate_registers()
    for memory, joint in zip(arm.memories, kinematics.JOINTS, strict=True):
        entry = arm.calibration()[joint]
        assert set(entry) == {"id", "drive_mode", "homing_offset", "range_min", "range_max"}
        eprom = memory.eprom()
        assert (eprom["ID"], eprom["Homing_Offset"]) == (entry["id"], entry["homing_offset"])
        assert (eprom["Min_Position_Limit"], eprom["Max_Position_Limit"]) == (entry["range_min"], entry["range_max"])
    assert kinematics.ticks_to_units(present(arm)) == pytest.approx(arm.world.state, abs=0.01)


def test_homing_as_lerobot_does_it_is_read_at_once_and_moves_goals_along(arm):
    before = present(arm)
    offsets = before - 2047
    for servo in range(6):
        write(arm, servo, Torque_Enable=0, Homing_Offset=int(offsets[servo]))
    assert present(arm) == pytest.approx(np.full(6, 2047))
    for servo in range(6):
        write(arm, servo, Torque_Enable=1)
    run(arm, 0.3)
    write(arm, ROLL, Goal_Position=2047 + 300)
    run(arm, 1.0)
    assert present(arm)[ROLL] == pytest.approx(2347, abs=8)
    assert arm.world.servo.present_ticks[ROLL] == pytest.approx(before[ROLL] + 300, abs=8)


def test_the_position_wraps_within_one_turn(arm):
    place = int(present(arm)[ROLL])
    write(arm, ROLL, Torque_Enable=0, Homing_Offset=place + 5 if place + 5 <= 2047 else 2047)
    offset = arm.memories[ROLL]["Homing_Offset"]
    assert present(arm)[ROLL] == (place - offset) % 4096
    write(arm, ROLL, Homing_Offset=-2047)
    assert present(arm)[ROLL] == (place + 2047) % 4096
    write(arm, ROLL, Phase=12 | 16)
    assert present(arm)[ROLL] == place + 2047, "positions beyond one turn, when Phase asks for them"


def test_a_joint_that_turns_past_the_wrap_jumps_by_a_turn(arm):
    place = int(present(arm)[ROLL])
    write(arm, ROLL, Torque_Enable=0, Homing_Offset=place - 4096 + 50 if place > 2100 else place + 50)
    arm.lead(arm.world.state + np.array([0, 0, 0, 0, 10.0, 0]))
    seen = []
    for _ in range(300):
        arm.step()
        seen.append(present(arm)[ROLL])
    steps = np.diff(seen)
    assert min(seen) >= 0
    assert max(seen) < 4096
    assert steps.min() < -4000, "from just under 4096 to 0"


def test_a_motor_led_past_the_wrap_pushes_on_to_come_round(arm):
    place = int(present(arm)[ROLL])
    offset = place - 4090 if place > 2043 else place + 6
    write(arm, ROLL, Torque_Enable=0, Homing_Offset=offset)
    write(arm, ROLL, Torque_Enable=1, Torque_Limit=500)
    assert arm.memories[ROLL]["Goal_Position"] == 4090
    arm.lead(arm.world.state + np.array([0, 0, 0, 0, 0.4, 0]))
    run(arm, 0.1)
    assert arm.memories[ROLL]["Present_Load"] <= 0, "not yet past it: back to the goal"
    arm.lead(arm.world.state + np.array([0, 0, 0, 0, 20.0, 0]))
    run(arm, 0.5)
    assert present(arm)[ROLL] < 1000
    assert arm.memories[ROLL]["Present_Load"] == 500, "4090 now lies ahead"


def test_torque_enable_128_makes_here_2048(arm):
    place = arm.world.servo.present_ticks.copy()
    write(arm, ELBOW, Torque_Enable=128)
    assert present(arm)[ELBOW] == 2048
    assert arm.memories[ELBOW]["Homing_Offset"] == place[ELBOW] - 2048
    assert arm.memories[ELBOW]["Torque_Enable"] == 1, "as it was before"
    run(arm, 0.5)
    assert arm.world.servo.present_ticks[ELBOW] == pytest.approx(place[ELBOW], abs=12), "it sags, it does not jump"


def test_an_earlier_runs_eprom_comes_back(arm):
    write(arm, LIFT, Torque_Enable=0, Lock=0, Homing_Offset=-77)
    again = Follower(arm.world, [memory.eprom() for memory in arm.memories])
    assert again.memories[LIFT]["Homing_Offset"] == -77
    assert present(again) == pytest.approx(present(arm), abs=7), "to within the backlash"


# --- torque -------------------------------------------------------------------------------------------------
def test_connecting_moves_nothing_although_no_goal_was_written():
    arm = make_arm()
    before = present(arm)
    connect(arm)
    run(arm, 1.0)
    assert present(arm) == pytest.approx(before, abs=30), "no more than gravity takes from a P loop"
    assert arm.memories[LIFT]["Goal_Position"] == before[LIFT]


def test_without_torque_it_falls_and_can_be_led(arm):
    height = arm.world.tip[2]
    for servo in range(6):
        write(arm, servo, Torque_Enable=0)
    run(arm, 1.5)
    assert arm.world.tip[2] < height - 0.04
    assert not any(memory["Present_Load"] for memory in arm.memories)
    pose = np.array([20.0, -60.0, 40.0, 60.0, 30.0, 50.0])
    arm.lead(pose)
    run(arm, 2.0)
    assert arm.world.state == pytest.approx(pose, abs=2.5)
    arm.lead(None)
    run(arm, 0.5)
    assert arm.world.tip[2] < kinematics.forward_kinematics(kinematics.units_to_rad(pose)).z - 0.02, "it falls again"


def test_a_limp_motor_does_not_brake_and_a_damped_one_does(arm):
    speeds = {}
    for torque in (0, 2):
        arm = make_arm()
        write(arm, ROLL, Torque_Enable=torque)
        arm.world.data.qfrc_applied[ROLL] = 0.3
        run(arm, 0.5)
        speeds[torque] = abs(arm.world.data.qvel[ROLL])
    assert speeds[0] > 2 * speeds[2]


def limp(arm: Follower) -> None:
    """The roll joint, which gravity does not move."""
    write(arm, ROLL, Torque_Enable=0)
    run(arm, 0.1)


def send(arm: Follower, *packets: Packet) -> None:
    """All in one go, as an operating system hands over what came while it was busy."""
    Bus(arm.memories).feed(b"".join(map(build, packets)))
    arm.take_writes()


GOAL = REGISTERS["Goal_Position"]


@pytest.mark.parametrize("how", ["write", "vendor's write", "sync write", "reg write", "broadcast"])
def test_a_goal_switches_the_torque_on_however_it_is_written(arm, how):
    limp(arm)
    before = int(present(arm)[ROLL])
    goal = GOAL.encode(before + 300)
    packets = {
        "write": [Packet(ROLL + 1, WRITE, bytes([GOAL.address]) + goal)],
        "vendor's write": [Packet(ROLL + 1, WRITE, bytes([41, 50]) + goal + bytes([0, 0, 0xDC, 5]))],  # WritePosEx
        "sync write": [Packet(BROADCAST, SYNC_WRITE, bytes([GOAL.address, 2, ROLL + 1]) + goal)],
        "reg write": [Packet(ROLL + 1, REG_WRITE, bytes([GOAL.address]) + goal)],
        "broadcast": [Packet(BROADCAST, WRITE, bytes([GOAL.address]) + goal)],
    }[how]
    send(arm, *packets)
    if how == "reg write":
        assert arm.memories[ROLL]["Torque_Enable"] == 0, "it waits"
        send(arm, Packet(BROADCAST, ACTION))
    assert arm.memories[ROLL]["Torque_Enable"] == 1
    run(arm, 1.0)
    assert present(arm)[ROLL] == pytest.approx(before + 300, abs=8)


@pytest.mark.parametrize(
    "written", ["Lock", "Homing_Offset", "Acceleration", "Goal_Velocity", "Goal_Time", "Torque_Limit", "P_Coefficient"]
)
def test_nothing_else_does(arm, written):
    limp(arm)
    write(arm, ROLL, **{written: 1})
    run(arm, 0.2)
    assert arm.memories[ROLL]["Torque_Enable"] == 0
    assert arm.memories[ROLL]["Present_Load"] == 0


@pytest.mark.parametrize(("mode", "goal"), [(1, "Goal_Velocity"), (2, "Goal_Time"), (3, "Goal_Position")])
def test_so_does_the_goal_of_every_other_mode(arm, mode, goal):
    write(arm, ROLL, Torque_Enable=0, Operating_Mode=mode)
    before = present(arm)[ROLL]
    write(arm, ROLL, **{goal: 300})
    run(arm, 0.4)
    assert arm.memories[ROLL]["Torque_Enable"] == 1
    assert present(arm)[ROLL] - before > 40


def test_a_speed_of_zero_does_in_the_velocity_mode(arm):
    write(arm, ROLL, Torque_Enable=0, Operating_Mode=1)
    write(arm, ROLL, Goal_Velocity=0)
    assert arm.memories[ROLL]["Torque_Enable"] == 1


def test_the_last_of_a_goal_and_torque_off_counts(arm):
    off = Packet(ROLL + 1, WRITE, bytes([REGISTERS["Torque_Enable"].address, 0]))
    goal = Packet(BROADCAST, SYNC_WRITE, bytes([GOAL.address, 2, ROLL + 1]) + GOAL.encode(3000))
    send(arm, goal, off)
    assert arm.memories[ROLL]["Torque_Enable"] == 0
    send(arm, off, goal)
    assert arm.memories[ROLL]["Torque_Enable"] == 1


def test_torque_that_comes_on_jumps_to_the_old_goal(arm):
    old = int(present(arm)[ROLL]) + 200
    write(arm, ROLL, Goal_Position=old)
    run(arm, 0.5)
    limp(arm)
    arm.lead(arm.world.state + np.array([0, 0, 0, 0, 60.0, 0]))
    run(arm, 1.0)
    assert present(arm)[ROLL] - old > 400, "a hand has led it away"
    arm.lead(None)
    run(arm, 0.2)
    assert arm.memories[ROLL]["Goal_Position"] == old
    write(arm, ROLL, Torque_Enable=1)
    run(arm, 1.0)
    assert present(arm)[ROLL] == pytest.approx(old, abs=8)


def test_an_old_goal_is_approached_as_fast_as_the_registers_allow_from_where_the_joint_is(arm):
    write(arm, ROLL, Goal_Velocity=400, Goal_Position=int(present(arm)[ROLL]))
    run(arm, 0.2)
    limp(arm)
    arm.lead(arm.world.state + np.array([0, 0, 0, 0, 60.0, 0]))
    run(arm, 1.0)
    arm.lead(None)
    run(arm, 0.2)
    away = present(arm)[ROLL]
    write(arm, ROLL, Torque_Enable=1)
    run(arm, 0.5)
    assert away - present(arm)[ROLL] == pytest.approx(200, abs=60)


def test_a_servo_that_was_told_nothing_since_power_on_holds(arm):
    arm.power_cycle(ROLL)
    assert arm.memories[ROLL]["Goal_Position"] == 0
    before = present(arm)[ROLL]
    write(arm, ROLL, Torque_Enable=1)
    run(arm, 0.5)
    assert present(arm)[ROLL] == pytest.approx(before, abs=2)
    assert arm.memories[ROLL]["Goal_Position"] == pytest.approx(before, abs=2)


def test_a_goal_clears_the_fault_of_a_servo_that_was_switched_off_in_it(arm):
    arm.jam(ROLL)
    write(arm, ROLL, Protection_Time=10, Goal_Position=int(present(arm)[ROLL]) + 400)
    run(arm, 0.5)
    assert arm.memories[ROLL]["Status"] == 32
    write(arm, ROLL, Torque_Enable=0)
    write(arm, ROLL, Goal_Position=int(present(arm)[ROLL]))
    run(arm, 0.1)
    assert (arm.memories[ROLL]["Status"], arm.memories[ROLL]["Torque_Enable"]) == (0, 1)


def test_torque_limits_limit_the_duty(arm):
    write(arm, ROLL, Torque_Limit=300, Goal_Position=int(present(arm)[ROLL]) + 500)
    run(arm, 0.1)
    assert arm.memories[ROLL]["Present_Load"] == 300
    write(arm, GRIPPER, Goal_Position=2600)
    run(arm, 0.1)
    assert arm.memories[GRIPPER]["Present_Load"] == 500, "LeRobot's Max_Torque_Limit"


# --- goals and modes ----------------------------------------------------------------------------------------
def test_goals_stop_at_the_position_limits(arm):
    place = int(present(arm)[ROLL])
    write(arm, ROLL, Min_Position_Limit=place - 100, Max_Position_Limit=place + 100, Goal_Position=place + 600)
    run(arm, 1.0)
    assert present(arm)[ROLL] == pytest.approx(place + 100, abs=5)
    assert arm.memories[ROLL]["Goal_Position"] == place + 600, "the register keeps what was written"
    write(arm, ROLL, Min_Position_Limit=0, Max_Position_Limit=0, Goal_Position=place + 600)
    run(arm, 1.0)
    assert present(arm)[ROLL] == pytest.approx(place + 600, abs=5), "both 0: no limits"


def test_goal_velocity_limits_the_speed_of_a_move(arm):
    place = int(present(arm)[ROLL]) + 300
    write(arm, ROLL, Goal_Position=place)
    run(arm, 1.0)
    write(arm, ROLL, Goal_Velocity=400, Goal_Position=place + 800)
    run(arm, 0.2)
    assert present(arm)[ROLL] - place == pytest.approx(80, abs=60), "from where it stands"
    run(arm, 0.8)
    assert present(arm)[ROLL] - place == pytest.approx(400, abs=60)
    assert arm.memories[ROLL]["Present_Velocity"] == pytest.approx(400, rel=0.1)
    assert arm.memories[ROLL]["Moving"] == 1
    run(arm, 2.0)
    assert present(arm)[ROLL] - place == pytest.approx(800, abs=5)
    assert arm.memories[ROLL]["Moving"] == 0


def test_acceleration_ramps_a_move(arm):
    place = int(present(arm)[ROLL])
    write(arm, ROLL, Acceleration=10, Goal_Position=place + 1000)
    run(arm, 0.5)
    assert arm.memories[ROLL]["Present_Velocity"] == pytest.approx(500, rel=0.25), "1000 ticks/s² for half a second"
    run(arm, 1.0)
    assert arm.memories[ROLL]["Present_Velocity"] == pytest.approx(500, rel=0.25), "half a second before the end"
    run(arm, 1.5)
    assert present(arm)[ROLL] - place == pytest.approx(1000, abs=5)


def test_velocity_mode_turns_at_the_speed_and_stops(arm):
    write(arm, ROLL, Operating_Mode=1, Goal_Velocity=-500)
    run(arm, 0.5)
    assert arm.memories[ROLL]["Present_Velocity"] == pytest.approx(-500, rel=0.05)
    write(arm, ROLL, Goal_Velocity=0)
    run(arm, 0.5)
    assert arm.memories[ROLL]["Present_Velocity"] == pytest.approx(0, abs=5)


@pytest.mark.parametrize(("raw", "duty"), [(300, 300), (300 | 1 << 10, -300), (300 | 1 << 11, -300)])
def test_pwm_mode_gives_a_duty(arm, raw, duty):
    write(arm, ROLL, Operating_Mode=2, Goal_Time=raw)
    run(arm, 0.4)
    assert arm.memories[ROLL]["Present_Load"] == duty
    expected = duty / 1000 * NO_LOAD_SPEED_RAD_S / kinematics.RAD_PER_TICK
    assert arm.memories[ROLL]["Present_Velocity"] == pytest.approx(expected, rel=0.15)


def test_step_mode_goes_on_from_where_it_stands(arm):
    place = int(present(arm)[ROLL])
    write(arm, ROLL, Operating_Mode=3)
    for steps, expected in ((150, 150), (150, 300), (-100, 200)):
        write(arm, ROLL, Goal_Position=steps)
        run(arm, 1.0)
        assert present(arm)[ROLL] - place == pytest.approx(expected, abs=8)


def test_going_back_to_position_mode_stands_still(arm):
    write(arm, ROLL, Operating_Mode=1, Goal_Velocity=500)
    run(arm, 0.3)
    write(arm, ROLL, Goal_Velocity=0, Operating_Mode=0)
    place = present(arm)[ROLL]
    run(arm, 0.5)
    assert present(arm)[ROLL] == pytest.approx(place, abs=40)


# --- protection and power -----------------------------------------------------------------------------------
def test_a_jammed_joint_overloads_and_recovers(arm):
    arm.jam(ROLL)
    place = int(present(arm)[ROLL])
    write(arm, ROLL, Protection_Time=20, Goal_Position=place + 500)
    run(arm, 0.15)
    assert arm.memories[ROLL]["Present_Load"] == 1000
    assert arm.memories[ROLL]["Present_Current"] == pytest.approx(2.7 / 0.0065, rel=0.04), "stalled"
    run(arm, 0.2)
    assert (arm.memories[ROLL]["Status"], arm.memories[ROLL]["Present_Load"]) == (32, 200)
    write(arm, ROLL, Goal_Position=place + 400)
    run(arm, 0.1)
    assert arm.memories[ROLL]["Status"] == 32, "still pushing"
    arm.jam(ROLL, False)
    write(arm, ROLL, Goal_Position=place - 100)
    run(arm, 1.0)
    assert arm.memories[ROLL]["Status"] == 0
    assert present(arm)[ROLL] == pytest.approx(place - 100, abs=5)


def test_overheat_lets_go_until_torque_is_written(arm):
    arm.electrics.temperature_c[LIFT] = 75.0
    height = arm.world.tip[2]
    run(arm, 1.0)
    assert arm.memories[LIFT]["Status"] == 4
    assert arm.memories[LIFT]["Present_Temperature"] == 75
    assert arm.world.tip[2] < height - 0.02, "it falls"
    arm.electrics.temperature_c[LIFT] = 40.0
    run(arm, 0.1)
    assert arm.memories[LIFT]["Status"] == 4, "latched"
    write(arm, LIFT, Torque_Enable=0)
    write(arm, LIFT, Torque_Enable=1)
    run(arm, 0.1)
    assert arm.memories[LIFT]["Status"] == 0


def test_a_brown_out_is_reported_weakens_and_passes(arm):
    arm.electrics.supply_v = 3.5
    write(arm, ROLL, Goal_Position=int(present(arm)[ROLL]) + 600)
    run(arm, 0.2)
    assert arm.memories[ROLL]["Status"] == 1
    assert arm.memories[ROLL]["Present_Voltage"] <= 35
    slow = arm.memories[ROLL]["Present_Velocity"]
    assert 0 < slow < 0.4 * NO_LOAD_SPEED_RAD_S / kinematics.RAD_PER_TICK
    arm.electrics.supply_v = 12.0
    run(arm, 0.1)
    assert arm.memories[ROLL]["Status"] == 0


def test_a_load_makes_the_supply_sag_and_current_has_a_sign(arm):
    for servo in (ELBOW, ROLL):
        arm.jam(servo)
        write(arm, servo, Goal_Position=int(present(arm)[servo]) - 600)
    run(arm, 0.2)
    assert arm.memories[0]["Present_Voltage"] < 118
    assert arm.memories[ROLL]["Present_Current"] & 0x8000
    assert arm.memories[ROLL]["Present_Load"] == -1000


def test_a_power_cycle_leaves_the_servo_limp_where_it_is(arm):
    write(arm, ROLL, Torque_Limit=100)
    place = present(arm)[ROLL]
    arm.power_cycle(ROLL)
    memory = arm.memories[ROLL]
    assert (memory["Torque_Enable"], memory["Torque_Limit"], memory["Status"]) == (0, 1000, 0)
    assert (memory["Goal_Position"], memory["Present_Position"]) == (0, place)
