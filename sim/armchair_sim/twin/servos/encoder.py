"""The encoders of both arms of the twin: how a reading becomes Present_Position, and the calibration. No I/O.

The horns are mounted so that a factory-new arm (Homing_Offset 0) reads `kinematics.rad_to_ticks(angle)`. So the
calibration of a twin is known without moving it, and a user's own, with other offsets, works just as well.
"""

from collections.abc import Mapping, Sequence

from armchair_core.so101 import kinematics
from armchair_core.so101.joints import JOINTS
from armchair_core.sts3215.registers import CALIBRATION_REGISTERS, LARGEST_OFFSET_TICKS
from armchair_sim.twin.servos.control_table import ControlTable

_MULTI_TURN = 0x10  # bit of Phase: positions go on beyond one turn; LeRobot clears it
CENTRE_COMMAND, CENTRE_TICKS = 128, 2048  # Torque_Enable 128: "here is 2048" (vendor's memory table)


def new_control_tables(saved: Sequence[Mapping[str, int]] | None = None) -> list[ControlTable]:
    """Return six servos: as an earlier run left their EPROMs (`ControlTable.eprom`), or factory-new with ids 1 to 6."""
    return [ControlTable(eprom) for eprom in saved or [{"ID": id_} for id_ in range(1, len(JOINTS) + 1)]]


def calibration() -> dict[str, dict[str, int]]:
    """Return LeRobot's calibration of a twin: joint name to id, drive_mode, homing_offset and range."""
    ranges = zip(JOINTS, kinematics.RANGE_MIN_TICKS.tolist(), kinematics.RANGE_MAX_TICKS.tolist(), strict=True)
    return {
        joint: {"id": id_, "drive_mode": 0, "homing_offset": 0, "range_min": low, "range_max": high}
        for id_, (joint, low, high) in enumerate(ranges, 1)
    }


def write_calibration(memories: Sequence[ControlTable]) -> None:
    """Write `calibration()` into the EPROMs, so that a stock `connect()` with that file finds the arm calibrated."""
    for memory, values in zip(memories, calibration().values(), strict=True):
        for key, register in CALIBRATION_REGISTERS.items():
            memory[register] = values[key]


def present_ticks(encoder_ticks: int, offset_ticks: int, phase: int) -> int:
    """Return Present_Position for an encoder reading: less the offset, within one turn unless Phase says otherwise."""
    present = encoder_ticks - offset_ticks
    return present if phase & _MULTI_TURN else present % kinematics.TICKS_PER_TURN


def centring_offset(encoder_ticks: int) -> int:
    """Return the Homing_Offset with which an encoder reading becomes 2048, or as near as the register allows."""
    return max(encoder_ticks - CENTRE_TICKS, -LARGEST_OFFSET_TICKS)
