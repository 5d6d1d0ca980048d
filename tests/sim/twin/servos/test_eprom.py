"""What was written while unlocked outlives the twin; what was written while locked does not."""

import pytest

from armchair_core.errors import ArmchairError
from armchair_core.sts3215.registers import REGISTERS
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.servos.eprom import read_eproms, write_eproms


def write(memory, name: str, value: int) -> None:
    memory.write(REGISTERS[name].address, REGISTERS[name].encode(value))


def test_survives_a_restart(tmp_path):
    bench = Bench("reach", 0, "still", 8.0, read_eproms(tmp_path))
    servo = bench.follower.memories[0]
    write(servo, "Lock", 0)
    write(servo, "Homing_Offset", -123)
    write(servo, "Lock", 1)
    write(servo, "Max_Temperature_Limit", 55)
    write_eproms(tmp_path, bench.arms)

    again = Bench("reach", 0, "still", 8.0, read_eproms(tmp_path)).follower.memories[0]
    assert again["Homing_Offset"] == -123
    assert again["Max_Temperature_Limit"] != 55
    assert again["Min_Position_Limit"] == servo["Min_Position_Limit"]


@pytest.mark.parametrize("damage", ["", "[]", '{"follower": 3}', '{"follower": [{"ID": "x"}]}'])
def test_a_damaged_file_is_named(tmp_path, damage):
    (tmp_path / "eprom.json").write_text(damage)
    with pytest.raises(ArmchairError, match=r"eprom.json is damaged: remove it"):
        read_eproms(tmp_path)
