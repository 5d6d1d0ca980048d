"""The line's pace and its faults, with a bus of six servos and a port of lists."""

import pytest

from armchair_core.sts3215.packets import BROADCAST, PING, READ, SYNC_READ, Packet, build
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.line.half_duplex import USB_LATENCY_S, WIRE_FAULTS, HalfDuplexLine
from armchair_sim.twin.servos.control_table import ControlTable

ROUNDS = 300


class ListPort:
    """What a driver sends, and what it gets back."""

    def __init__(self) -> None:
        self.incoming, self.outgoing = [], []

    def receive(self) -> bytes:
        return self.incoming.pop(0) if self.incoming else b""

    def send(self, data: bytes) -> None:
        self.outgoing.append(data)


@pytest.fixture
def wire():
    return HalfDuplexLine(Bus([ControlTable({"ID": number}) for number in range(1, 7)]), ListPort())


def ask(wire: HalfDuplexLine, packet: Packet, now_s: float = 0.0, wait_s: float = 1.0) -> list[bytes]:
    wire.port.incoming.append(build(packet))
    assert wire.hear(now_s)
    wire.send_due(now_s + wait_s)
    sent, wire.port.outgoing = wire.port.outgoing, []
    return sent


def replies(wire: HalfDuplexLine) -> list[bytes]:
    """What comes back to many reads of one register."""
    return [b"".join(ask(wire, Packet(3, READ, bytes([56, 2])), now_s=float(now_s))) for now_s in range(ROUNDS)]


def test_silence_is_not_heard(wire):
    assert not wire.hear(0.0)
    assert wire.next_s == float("inf")


def test_a_reply_takes_its_time_on_the_wire(wire):
    wire.port.incoming.append(build(Packet(1, PING)))
    wire.hear(10.0)
    # 500 us of factory return delay, and twelve bytes at 1 Mbaud: the question's six and the answer's six
    assert wire.next_s == pytest.approx(10.0 + USB_LATENCY_S + 500e-6 + 120e-6, abs=1e-6)
    wire.send_due(wire.next_s - 1e-6)
    assert not wire.port.outgoing
    wire.send_due(wire.next_s)
    assert wire.port.outgoing


def test_without_pace_the_reply_is_there_at_once():
    wire = HalfDuplexLine(Bus([ControlTable({"ID": 1})]), ListPort(), paced=False)
    assert ask(wire, Packet(1, PING), wait_s=0.0)


def test_a_sound_line_answers_always_the_same(wire):
    assert len(set(replies(wire))) == 1


@pytest.mark.parametrize("fault", sorted(set(WIRE_FAULTS) - {"late-reply"}))
def test_each_fault_strikes_now_and_then_and_can_be_mended(wire, fault):
    (sound,) = set(replies(wire))
    wire.faults.add(fault)
    broken = sum(reply != sound for reply in replies(wire))
    assert 0.05 * ROUNDS < broken < 0.35 * ROUNDS
    wire.faults.clear()
    assert set(replies(wire)) == {sound}


def test_one_reply_is_late_and_only_one(wire):
    wire.faults.add("late-reply")
    assert not ask(wire, Packet(1, PING), now_s=0.0, wait_s=0.06)
    both = ask(wire, Packet(1, PING), now_s=1.0)
    assert len(both) == 2


def test_a_dead_servo_is_silent_and_the_others_are_not(wire):
    wire.silent.append(wire.bus.memories[2])
    assert not ask(wire, Packet(3, PING))
    assert ask(wire, Packet(4, PING), now_s=1.0)


def test_a_handshake_is_no_control_loop(wire):
    ask(wire, Packet(1, PING), now_s=1.0)
    assert wire.last_loop_s == float("-inf")
    ask(wire, Packet(BROADCAST, SYNC_READ, bytes([56, 2, 1, 2])), now_s=2.0)
    assert (wire.last_heard_s, wire.last_loop_s) == (2.0, 2.0)
