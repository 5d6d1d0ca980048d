"""The register table against LeRobot's own, against itself, and against the page made from it."""

from itertools import pairwise

import pytest

from armchair_core.sts3215 import registers
from armchair_core.sts3215.registers import REGISTERS


def lerobot_tables():
    from lerobot.motors.feetech import tables

    return tables


def test_names_addresses_and_sizes_are_lerobots():
    theirs = lerobot_tables().STS_SMS_SERIES_CONTROL_TABLE
    # LeRobot 0.6.1 spells one name with a blank at its end.
    assert {name.strip(): place for name, place in theirs.items()} == {
        register.name: (register.address, register.size) for register in REGISTERS.values()
    }


def test_sign_bits_are_lerobots():
    theirs = lerobot_tables().STS_SMS_SERIES_ENCODINGS_TABLE
    ours = {register.name: register.sign_bit for register in REGISTERS.values() if register.sign_bit is not None}
    assert ours == {name: bit for name, bit in theirs.items() if name in REGISTERS}


def test_model_number_and_bauds_are_lerobots():
    from armchair_core.sts3215.packets import BAUDS

    tables = lerobot_tables()
    assert REGISTERS["Model_Number"].default == tables.MODEL_NUMBER_TABLE["sts3215"] == 777
    assert {baud: value for value, baud in enumerate(BAUDS)} == tables.STS_SMS_SERIES_BAUDRATE_TABLE


@pytest.mark.parametrize("name, value", [("Homing_Offset", -1234), ("Present_Load", -1000), ("Goal_Position", -5)])
def test_signs_are_written_and_read_as_lerobot_does(name, value):
    from lerobot.motors.encoding_utils import decode_sign_magnitude, encode_sign_magnitude

    register = REGISTERS[name]
    raw = register.encode(value)
    assert int.from_bytes(raw, "little") == encode_sign_magnitude(value, register.sign_bit)
    assert register.decode(raw) == value == decode_sign_magnitude(int.from_bytes(raw, "little"), register.sign_bit)


def test_address_order_without_overlap_but_lerobots_two_names_for_80():
    for one, other in pairwise(REGISTERS.values()):
        assert one.end <= other.address or one.address == other.address == 80, (one.name, other.name)


@pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)
def test_every_row_makes_sense(register):
    assert register.area in ("eprom", "ram", "present", "factory")
    assert register.source in ("lerobot", "vendor", "chosen")
    assert register.low <= register.default <= register.high
    assert register.decode(register.encode(register.low)) == register.low
    assert register.decode(register.encode(register.high)) == register.high
    assert not (register.writable and register.area == "present")
    assert register.meaning.endswith(".")


def test_a_value_that_does_not_fit_says_so():
    with pytest.raises(ValueError, match="-2048 does not fit into Homing_Offset"):
        REGISTERS["Homing_Offset"].encode(-2048)
    with pytest.raises(ValueError, match="256 does not fit into ID"):
        REGISTERS["ID"].encode(256)


def test_the_page_is_the_one_that_the_table_makes():
    written = (registers._notes() / "registers.md").read_text(encoding="utf-8")
    assert written == registers.page(), "run: python -m armchair_core.sts3215.registers"
    for name in REGISTERS:
        assert f"| {name} |" in written
