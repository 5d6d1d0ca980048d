"""A servo's control table: the wire's limits, the EPROM's lock, the power cycle."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armchair_core.errors import ArmchairError
from armchair_core.sts3215.registers import REGISTERS
from armchair_sim.twin.servos.control_table import ControlTable


def put(memory: ControlTable, name: str, value: int) -> None:
    """Write a register as the wire does."""
    memory.write(REGISTERS[name].address, REGISTERS[name].encode(value))


def everything(memory: ControlTable) -> dict[str, int]:
    return {name: memory[name] for name in REGISTERS}


def test_starts_with_factory_values_and_what_was_saved():
    memory = ControlTable({"ID": 3, "Homing_Offset": -700, "Max_Torque_Limit": 500})
    assert (memory["ID"], memory["Homing_Offset"]) == (3, -700)
    assert memory["Torque_Limit"] == 500, "the vendor's table: copied from Max_Torque_Limit at power-on"
    assert everything(ControlTable()) == {name: register.default for name, register in REGISTERS.items()}


def test_wrong_saved_values_are_explained():
    with pytest.raises(ArmchairError, match="did you mean 'Homing_Offset'"):
        ControlTable({"Homing_Ofset": 1})
    with pytest.raises(ArmchairError, match="no register in the EPROM called 'Goal_Position'"):
        ControlTable({"Goal_Position": 1})
    with pytest.raises(ArmchairError, match="ID cannot be 254, it takes 0 to 253: write 253"):
        ControlTable({"ID": 254})


def test_what_is_written_unlocked_survives_and_what_is_written_locked_works_but_does_not():
    memory = ControlTable()
    put(memory, "Lock", 0)
    put(memory, "Homing_Offset", -123)
    put(memory, "Lock", 1)
    put(memory, "P_Coefficient", 16)
    assert (memory["Homing_Offset"], memory["P_Coefficient"]) == (-123, 16)
    assert memory.eprom()["P_Coefficient"] == 32
    memory.power_cycle()
    assert (memory["Homing_Offset"], memory["P_Coefficient"]) == (-123, 32)


def test_unlocking_later_saves_only_what_is_written_then():
    memory = ControlTable()
    put(memory, "P_Coefficient", 16)
    put(memory, "Lock", 0)
    put(memory, "D_Coefficient", 8)
    memory.power_cycle()
    assert (memory["P_Coefficient"], memory["D_Coefficient"]) == (32, 8)


def test_a_power_cycle_forgets_control_registers_and_locks():
    memory = ControlTable()
    for name, value in {"Lock": 0, "Torque_Enable": 1, "Goal_Position": 900}.items():
        put(memory, name, value)
    memory.hold(42, b"\x01\x00")
    memory.power_cycle()
    assert [memory[name] for name in ("Lock", "Torque_Enable", "Goal_Position")] == [1, 0, 0]
    memory.act()
    assert memory["Goal_Position"] == 0, "a held write goes with the power"
    assert memory.take_written() == set()


def test_eprom_goes_round():
    memory = ControlTable()
    put(memory, "Lock", 0)
    put(memory, "Max_Position_Limit", 3000)
    memory["Firmware_Minor_Version"] = 9
    again = ControlTable(memory.eprom())
    assert again.eprom() == memory.eprom()
    assert (again["Max_Position_Limit"], again["Firmware_Minor_Version"]) == (3000, 9)


def test_the_servo_writes_anything_itself_and_for_good():
    memory = ControlTable()
    memory["Present_Position"], memory["Homing_Offset"] = -20, 55
    assert memory.read(56, 2) == b"\x14\x80"
    assert memory.take_written() == set(), "only the wire's writes are news"
    memory.power_cycle()
    assert (memory["Present_Position"], memory["Homing_Offset"]) == (0, 55)
    with pytest.raises(ValueError, match="2048 does not fit into Homing_Offset"):
        memory["Homing_Offset"] = 2048


def test_a_write_across_registers_takes_all_of_them():
    memory = ControlTable()
    memory.write(42, bytes([0x00, 0x08, 0x00, 0x00, 0xE8, 0x03]))  # the vendor's example: position 2048, speed 1000
    assert [memory[name] for name in ("Goal_Position", "Goal_Time", "Goal_Velocity")] == [2048, 0, 1000]
    assert memory.take_written() == {"Goal_Position", "Goal_Time", "Goal_Velocity", "Torque_Enable"}
    assert memory.take_written() == set()


def test_half_a_register_can_be_written():
    memory = ControlTable()
    put(memory, "Goal_Position", 0x0102)
    memory.write(43, b"\x03")
    assert memory["Goal_Position"] == 0x0302


NOWHERE = {
    "read-only": (56, b"\x01\x01"),
    "model": (3, b"\x01\x01"),
    "gap": (2, b"\x07"),
    "gap of two": (50, b"\x07\x07"),
    "past the table": (100, b"\x07"),
    "past the end": (255, b"\x07" * 200),
    "nothing": (0, b""),
}


@pytest.mark.parametrize("address, data", NOWHERE.values(), ids=NOWHERE)
def test_writes_that_reach_nothing_change_nothing(address, data):
    memory = ControlTable()
    before, raw = everything(memory), memory.read(0, 256)
    memory.write(address, data)
    assert (everything(memory), memory.read(0, 256)) == (before, raw)
    assert memory.take_written() == set()


def test_a_value_out_of_range_is_not_taken_and_its_neighbours_are():
    memory = ControlTable()
    put(memory, "ID", 7)
    memory.write(5, bytes([254, 1]))
    assert (memory["ID"], memory["Baud_Rate"]) == (7, 1)
    memory.write(16, (1001).to_bytes(2, "little"))
    assert memory["Max_Torque_Limit"] == 1000


def test_reads_past_the_end_and_in_gaps_are_zeros():
    memory = ControlTable()
    assert memory.read(250, 20) == bytes(20)
    assert memory.read(50, 5) == bytes(5)
    assert memory.read(3, 2) == (777).to_bytes(2, "little")


def test_factory_reset_keeps_the_id_and_lasts():
    memory = ControlTable({"ID": 4, "Homing_Offset": 99, "Firmware_Minor_Version": 9})
    put(memory, "Goal_Position", 1000)
    memory.factory_reset()
    assert (memory["ID"], memory["Homing_Offset"], memory["Goal_Position"]) == (4, 0, 1000)
    assert memory["Firmware_Minor_Version"] == 9, "a reset does not change the firmware"
    assert "Homing_Offset" in memory.take_written()
    memory.power_cycle()
    assert memory["Homing_Offset"] == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=251))))
def test_no_write_puts_a_register_out_of_range(writes):
    memory = ControlTable()
    read_only = {name: memory[name] for name, register in REGISTERS.items() if not register.writable}
    for address, data in writes:
        memory.write(address, data)
    for name, register in REGISTERS.items():
        assert register.low <= memory[name] <= register.high
    assert {name: memory[name] for name in read_only} == read_only
    ControlTable(memory.eprom())
