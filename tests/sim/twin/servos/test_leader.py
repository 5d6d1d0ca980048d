"""The leader: a hand moves it, the wire reads it."""

import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import START
from armchair_core.sts3215.registers import REGISTERS
from armchair_sim.scene.world import TIMESTEP_S
from armchair_sim.twin.servos.leader import FASTEST_DEG_S, Leader

TICK_DEG = 360 / 4096
ROLL = 4


def write(leader: Leader, servo: int, name: str, value: int) -> None:
    register = REGISTERS[name]
    leader.memories[servo].write(register.address, register.encode(value))
    leader.take_writes()


def read_units(leader: Leader) -> np.ndarray:
    return kinematics.ticks_to_units([memory["Present_Position"] for memory in leader.memories])


def run(leader: Leader, seconds: float) -> None:
    for _ in range(round(seconds / TIMESTEP_S)):
        leader.step()


def test_it_stands_where_episodes_start():
    leader = Leader()
    assert [memory["ID"] for memory in leader.memories] == [1, 2, 3, 4, 5, 6]
    assert read_units(leader) == pytest.approx(START, abs=1.01 * TICK_DEG)


def test_it_goes_where_the_hand_goes_to_within_a_tick():
    leader = Leader()
    target = np.array([30.0, -20.0, 10.0, 40.0, -50.0, 60.0])
    leader.move_to(target)
    run(leader, 1.0)
    assert read_units(leader) == pytest.approx(target, abs=1.01 * TICK_DEG)
    assert leader.units == pytest.approx(target, abs=1.01 * TICK_DEG)
    assert all(memory["Moving"] == 0 and memory["Present_Velocity"] == 0 for memory in leader.memories)


def test_a_hand_is_not_faster_than_a_hand():
    leader = Leader()
    before = read_units(leader)[ROLL]
    leader.move_to(START + np.array([0, 0, 0, 0, 120.0, 0]))
    run(leader, 0.1)
    assert read_units(leader)[ROLL] - before == pytest.approx(FASTEST_DEG_S * 0.1, abs=0.5)
    assert leader.memories[ROLL]["Moving"] == 1
    assert leader.memories[ROLL]["Present_Velocity"] == pytest.approx(FASTEST_DEG_S / TICK_DEG, rel=0.01)


def test_it_stops_at_the_ends_of_its_joints():
    leader = Leader()
    leader.move_to(np.array([500.0, -500.0, 500.0, -500.0, 500.0, 500.0]))
    run(leader, 2.0)
    units = read_units(leader)
    assert (units <= kinematics.ACTION_HIGH + 0.1).all()
    assert (units >= kinematics.ACTION_LOW - 0.1).all()
    assert units[5] == pytest.approx(100, abs=0.1)


def test_a_hand_is_stronger_than_torque():
    leader = Leader()
    for servo in range(6):
        write(leader, servo, "Torque_Enable", 1)
    target = START + np.array([10.0, 0, 0, 0, 0, 0])
    leader.move_to(target)
    run(leader, 0.5)
    assert read_units(leader) == pytest.approx(target, abs=1.01 * TICK_DEG)


def test_homing_moves_the_readings_at_once_and_wraps():
    leader = Leader()
    places = [memory["Present_Position"] for memory in leader.memories]
    for servo, place in enumerate(places):
        write(leader, servo, "Homing_Offset", place - 2047)
    assert [memory["Present_Position"] for memory in leader.memories] == [2047] * 6
    write(leader, ROLL, "Homing_Offset", -2047)
    assert leader.memories[ROLL]["Present_Position"] == (places[ROLL] + 2047) % 4096
    write(leader, ROLL, "Torque_Enable", 128)
    assert leader.memories[ROLL]["Present_Position"] == 2048


def test_calibrated_registers_survive_a_restart():
    leader = Leader()
    leader.calibrate_registers()
    again = Leader([memory.eprom() for memory in leader.memories])
    for memory, entry in zip(again.memories, again.calibration().values(), strict=True):
        limits = memory["Min_Position_Limit"], memory["Max_Position_Limit"]
        assert (memory["ID"], memory["Homing_Offset"]) == (entry["id"], entry["homing_offset"])
        assert limits == (entry["range_min"], entry["range_max"])
