import pytest

from armchair_core.sts3215 import units
from armchair_core.sts3215.registers import CALIBRATION_REGISTERS, LARGEST_OFFSET_TICKS, MODEL_NUMBER, REGISTERS


def test_readings_in_people_s_units():
    assert units.to_volts(121) == 12.1
    assert units.to_percent(-403) == -40.3
    assert units.to_amperes(200) == pytest.approx(1.3)


def test_the_current_s_sign_is_its_highest_bit():
    assert units.to_amperes(0x8000 | 200) == pytest.approx(-1.3)
    assert units.from_amperes(-1.3) == 0x8000 | 200
    assert units.from_amperes(-0.0) == units.from_amperes(0.001) == 0


@pytest.mark.parametrize("raw", [0, 1, 415, 0x8001, 0x8000 | 415])
def test_a_current_comes_back(raw):
    assert units.from_amperes(units.to_amperes(raw)) == raw


def test_what_the_table_of_registers_says_is_said_there_alone():
    assert MODEL_NUMBER == 777
    assert LARGEST_OFFSET_TICKS == 2047
    assert [REGISTERS[name].default for name in CALIBRATION_REGISTERS.values()] == [0, 0, 4095]
