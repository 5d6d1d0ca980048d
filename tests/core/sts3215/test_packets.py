"""Packets against the vendor's own examples, and the parser against everything that is not a packet."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armchair_core.sts3215.packets import (
    ACTION,
    BROADCAST,
    PAUSE_S,
    PING,
    READ,
    REG_WRITE,
    SYNC_READ,
    SYNC_WRITE,
    WRITE,
    Packet,
    Parser,
    build,
)

MOVE = "2a 00 08 00 00 e8 03"
FOUR = "2a 06 01 00 08 00 00 e8 03 02 00 08 00 00 e8 03 03 00 08 00 00 e8 03 04 00 08 00 00 e8 03"
VENDOR = {  # Feetech's communication protocol manual, chapter 1.3
    "ff ff 01 02 01 fb": Packet(1, PING),
    "ff ff 01 02 00 fc": Packet(1, 0),
    "ff ff 01 04 02 38 02 be": Packet(1, READ, bytes.fromhex("38 02")),
    "ff ff 01 04 00 18 05 dd": Packet(1, 0, bytes.fromhex("18 05")),
    "ff ff fe 04 03 05 01 f4": Packet(BROADCAST, WRITE, bytes.fromhex("05 01")),
    f"ff ff 01 09 04 {MOVE} d4": Packet(1, REG_WRITE, bytes.fromhex(MOVE)),
    "ff ff fe 02 05 fa": Packet(BROADCAST, ACTION),
    "ff ff fe 06 82 38 08 01 02 36": Packet(BROADCAST, SYNC_READ, bytes.fromhex("38 08 01 02")),
    f"ff ff fe 20 83 {FOUR} 58": Packet(BROADCAST, SYNC_WRITE, bytes.fromhex(FOUR)),
}
packets = st.builds(Packet, st.integers(0, 254), st.integers(0, 255), st.binary(max_size=253))


@pytest.mark.parametrize("wire", VENDOR)
def test_the_vendors_examples(wire):
    assert build(VENDOR[wire]).hex(" ") == wire
    assert Parser().feed(bytes.fromhex(wire), 0.0) == [VENDOR[wire]]


@settings(deadline=None)
@given(st.lists(packets, max_size=5), st.data())
def test_packets_arrive_whole_however_they_are_cut(sent, data):
    stream = b"".join(build(packet) for packet in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parser, got = Parser(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += parser.feed(stream[start:end], 0.0)
    assert got == sent


def test_noise_before_a_packet_is_skipped():
    ping = build(Packet(1, PING))
    too_short = "ff ff 01 01 fd", "ff ff 01 00 fe"  # lengths that leave no room for a code, checksums right
    for noise in ("00", "ff", "ff ff ff", "ff ff 01 01", "ff 01 ff", "ff ff 01 02 01 00", *too_short):
        assert Parser().feed(bytes.fromhex(noise) + ping, 0.0) == [Packet(1, PING)], noise


def test_a_header_cut_in_two_is_found():
    parser = Parser()
    assert parser.feed(b"\x00\xff", 0.0) == []
    assert parser.feed(build(Packet(1, PING))[1:], 0.0) == [Packet(1, PING)]


def test_half_a_packet_waits_for_the_rest_but_not_for_ever():
    ping = build(Packet(1, PING))
    parser = Parser()
    parser.feed(ping[:4], 0.0)
    assert parser.feed(ping[4:], PAUSE_S / 2) == [Packet(1, PING)]
    parser.feed(b"\xff\xff\x01\xf0", 1.0)  # promises 240 bytes
    assert parser.feed(ping, 1.0) == [], "within the burst it may be one of the 240"
    assert parser.feed(ping, 1.0 + 2 * PAUSE_S) == [Packet(1, PING)]


def test_a_wrong_checksum_loses_that_packet_alone():
    ping = build(Packet(1, PING))
    assert Parser().feed(ping[:-1] + b"\x00" + ping, 0.0) == [Packet(1, PING)]


def test_more_than_a_packet_holds_is_refused():
    assert len(build(Packet(1, 0, bytes(253)))) == 259
    with pytest.raises(ValueError, match="254 bytes do not fit into one packet"):
        build(Packet(1, 0, bytes(254)))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=600)))
def test_the_buffer_stays_small_and_a_pause_heals_everything(chunks):
    parser = Parser()
    for chunk in chunks:
        parser.feed(chunk, 0.0)
        assert len(parser._buffer) < 260
    assert parser.feed(build(Packet(9, PING)), 2 * PAUSE_S) == [Packet(9, PING)]
