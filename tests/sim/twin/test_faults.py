"""Every fault can be set by name, does something that a driver can notice, and can be mended."""

import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import JOINTS
from armchair_core.sts3215.registers import REGISTERS
from armchair_sim.scene.world import World
from armchair_sim.tasks import get_task
from armchair_sim.twin.faults import FAULTS, Breaker
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.line.half_duplex import HalfDuplexLine
from armchair_sim.twin.line.port import PtyPort
from armchair_sim.twin.servos.follower import Follower


class Slots:
    """The cameras' slots, without a process that draws."""

    def __init__(self, folder):
        from armchair_sim.twin.cameras.frames import FrameSlot

        self.slots = {name: FrameSlot.create(folder / f"{name}.frames", 48, 64) for name in ("front", "wrist")}


@pytest.fixture
def bench(tmp_path):
    world = World(get_task("reach"))
    arm = Follower(world)
    arm.calibrate_registers()
    wire = HalfDuplexLine(Bus(arm.memories), PtyPort(tmp_path / "follower"))
    cameras = Slots(tmp_path)
    yield arm, wire, cameras, Breaker(arm, wire, cameras)
    wire.port.unplug()


def snapshot(arm, wire, cameras):
    memories = [[memory[name] for name in REGISTERS] for memory in arm.memories]
    slots = [slot.fault for slot in cameras.slots.values()]
    return memories, slots, bool(wire.port.filenos()), sorted(wire.faults), len(wire.silent)


def settle(arm):
    for _ in range(30):
        arm.step()


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_shows_and_is_mended(bench, name):
    arm, wire, cameras, breaker = bench
    assert FAULTS[name].endswith(".")
    eproms = [memory.eprom() for memory in arm.memories]
    if name == "overload":  # only a servo that wants to move can be overloaded
        memory = arm.memories[2]
        for register, value in {"Torque_Enable": 1, "Goal_Position": memory["Present_Position"] + 500}.items():
            memory.write(REGISTERS[register].address, REGISTERS[register].encode(value))
    before = snapshot(arm, wire, cameras)
    breaker.set(name)
    for _ in range(30 if name == "overload" else 1):
        settle(arm)
    assert snapshot(arm, wire, cameras) != before
    assert len(breaker.names()) == 1
    if name == "overload":
        assert arm.memories[2]["Status"] & 32
    if name == "overheat":
        assert arm.memories[2]["Status"] & 4
    if name == "brown-out":
        assert arm.memories[2]["Status"] & 1
    breaker.mend()
    assert breaker.names() == []
    assert [memory.eprom() for memory in arm.memories] == eproms
    assert wire.port.filenos()
    assert all(slot.fault == "none" for slot in cameras.slots.values())


def test_where_it_breaks_can_be_said(bench):
    arm, _, cameras, breaker = bench
    breaker.set("wrong-id", "gripper")
    breaker.set("camera-black", "wrist")
    assert arm.memories[JOINTS.index("gripper")]["ID"] == 42
    assert cameras.slots["wrist"].fault == "black"
    assert breaker.names() == ["camera-black at wrist", "wrong-id at gripper"]


def test_the_same_fault_twice_is_one_fault(bench):
    arm, _, _, breaker = bench
    breaker.set("duplicate-id")
    breaker.set("duplicate-id")
    breaker.mend()
    assert [memory["ID"] for memory in arm.memories] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("name", "at", "says"),
    [
        ("dead-serva", "", "did you mean 'dead-servo'"),
        ("dead-servo", "elbow", "did you mean 'elbow_flex'"),
        ("camera-gone", "frond", "did you mean 'front'"),
    ],
)
def test_wrong_names_get_the_nearest(bench, name, at, says):
    with pytest.raises(ArmchairError, match=says):
        bench[3].set(name, at)
