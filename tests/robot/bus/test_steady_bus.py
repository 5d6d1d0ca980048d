"""What goes over the wire as motors go on and off: no goal to one that stays off, and none that makes an arm jump."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from armchair_core.sts3215.packets import BROADCAST, SYNC_WRITE, WRITE, Parser
from armchair_core.sts3215.registers import REGISTERS
from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.devices.arms import let_go, reopen
from armchair_robot.loop.real_time import run_loop
from armchair_robot.safety.torque_off import held

pytestmark = pytest.mark.usefixtures("steady_driver")
TORQUE, GOAL = REGISTERS["Torque_Enable"], REGISTERS["Goal_Position"]


class Wire:
    """The line of an arm in this process, and what its driver wrote: (id, register, value, Present_Position then)."""

    def __init__(self, device, bus) -> None:
        self.bus, self.writes, self._parser = bus, [], Parser()
        use_transport(device.bus, lambda: FeedTransport(self.feed))

    def feed(self, data: bytes) -> bytes:
        places = {memory["ID"]: memory["Present_Position"] for memory in self.bus.memories}
        for packet in self._parser.feed(data, 0.0):
            for id_, register, value in _written(packet):
                self.writes.append((id_, register, value, places.get(id_)))
        return b"".join(reply.data for reply in self.bus.feed(data))


def _written(packet) -> Iterator[tuple[int, str, int]]:
    if packet.code == WRITE:
        parts = [(packet.id, packet.parameters[0], packet.parameters[1:])]
    elif packet.code == SYNC_WRITE and packet.id == BROADCAST:
        address, size, *blocks = packet.parameters
        parts = [(id_, address, bytes(data)) for id_, *data in itertools.batched(blocks, size + 1)]
    else:
        return
    for id_, address, data in parts:
        for register in (TORQUE, GOAL):
            if address <= register.address < address + len(data):
                raw = data[register.address - address :][: register.size]
                yield id_, register.name, register.decode(raw)


def stray_goals(writes) -> list:
    """The goals that reach a motor which is off, unless they hold it where it is and its torque comes on next."""
    on, stray = dict.fromkeys(range(1, 7), False), []
    for number, (id_, register, value, place) in enumerate(writes):
        if register == "Torque_Enable":
            on[id_] = value == 1
        elif not on[id_]:
            following = next((each for each in writes[number + 1 :] if each[0] == id_), None)
            if value != place or following is None or following[1:3] != ("Torque_Enable", 1):
                stray.append((id_, value, place))
    return stray


@pytest.fixture
def wires(pair):
    """The follower and the leader, let go of, and what they write from the next `reopen` on."""
    follower, leader, *buses = pair
    for device in (follower, leader):
        let_go(device)
    return follower, leader, Wire(follower, buses[0]), Wire(leader, buses[1])


def torque(wire) -> list[int]:
    return [memory["Torque_Enable"] for memory in wire.bus.memories]


def test_an_arm_with_old_goals_is_told_to_stay_where_it_is(wires):
    follower, _, wire, _ = wires
    for memory in wire.bus.memories:
        memory["Goal_Position"] = 100
    follower.connect()
    assert torque(wire) == [1] * 6
    assert [memory["Goal_Position"] for memory in wire.bus.memories] == [
        memory["Present_Position"] for memory in wire.bus.memories
    ]
    assert stray_goals(wire.writes) == []
    for id_ in range(1, 7):
        mine = [(register, value) for at, register, value, _ in wire.writes if at == id_]
        place = wire.bus.memories[id_ - 1]["Present_Position"]
        assert mine == [
            ("Torque_Enable", 0), ("Goal_Position", place), ("Torque_Enable", 1), ("Goal_Position", place)
        ], "and once more, for servos that follow no goal from before"  # fmt: skip


def test_after_the_motors_are_off_no_goal_comes(wires):
    follower, leader, wire, _ = wires
    with held() as hold:
        follower.connect()
        leader.connect()
        hold(follower), hold(leader)
        left = itertools.count(-5)
        run_loop(follower, leader, 100, lambda moment: next(left) < 0, home=np.zeros(6), hurried=lambda: True)
    assert torque(wire) == [0] * 6
    assert [register for _, register, *_ in wire.writes][-6:] == ["Torque_Enable"] * 6
    assert stray_goals(wire.writes) == []


def test_the_leader_in_a_hand_is_never_sent_a_goal(wires):
    follower, leader, _, wire = wires
    follower.connect()
    leader.connect()
    left = itertools.count(-5)
    run_loop(follower, leader, 100, lambda moment: next(left) < 0)
    leader.send_feedback({f"{joint}.pos": 0.0 for joint in leader.bus.motors})
    assert torque(wire) == [0] * 6
    assert "Goal_Position" not in {register for _, register, *_ in wire.writes}


def test_a_leader_that_was_switched_on_follows_what_it_is_told(wires):
    """As LeRobot's DAgger does it, lerobot/common/control_utils.py, `teleop_smooth_move_to`."""
    _, leader, _, wire = wires
    leader.connect()
    leader.enable_torque()
    before = leader.get_action()
    leader.send_feedback(before | {"wrist_roll.pos": before["wrist_roll.pos"] + 10})
    leader.get_action()
    assert torque(wire) == [1] * 6
    place = wire.bus.memories[4]["Present_Position"]
    assert wire.bus.memories[4]["Goal_Position"] == pytest.approx(place + 114, abs=1)
    leader.disable_torque()
    leader.send_feedback(before)
    assert torque(wire) == [0] * 6
    assert stray_goals(wire.writes) == []


def test_an_arm_that_comes_back_holds_where_it_was_put(wires):
    follower, _, wire, _ = wires
    follower.connect()
    let_go(follower)
    for memory in wire.bus.memories:
        memory["Present_Position"] = memory["Present_Position"] - 40
    follower.config.port = follower.bus.port = "tcp://in-this-process"  # no file to look for
    reopen(follower)
    assert [memory["Goal_Position"] for memory in wire.bus.memories] == [
        memory["Present_Position"] for memory in wire.bus.memories
    ]
    assert stray_goals(wire.writes) == []


def test_a_reading_that_is_wrong_once_is_no_goal(wires):
    """As a late answer to another question: seen on a busy machine, a goal of 0 for a joint at 2084."""
    follower, _, wire, _ = wires
    read, wrong = follower.bus.sync_read, [0]
    follower.bus.sync_read = lambda *args, **options: (
        read(*args, **options) | ({"shoulder_pan": wrong.pop()} if wrong else {})
    )
    follower.connect()
    goals = [value for id_, register, value, _ in wire.writes if (id_, register) == (1, "Goal_Position")]
    assert goals == [wire.bus.memories[0]["Present_Position"]] * 2
