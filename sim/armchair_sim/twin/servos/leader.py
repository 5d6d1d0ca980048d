"""The leader arm of the twin: six servos moved by hand, without physics, as a hand is stronger. No I/O.

It answers like the follower but holds nothing: with torque on, too, it goes where the hand takes it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import START
from armchair_core.sts3215.units import UNITS_PER_VOLT
from armchair_sim.scene.world import TIMESTEP_S
from armchair_sim.twin.servos import encoder
from armchair_sim.twin.servos.electrics import Electrics

FASTEST_DEG_S = 300.0  # a quick human hand
_MOST_TICKS = FASTEST_DEG_S / 360 * kinematics.TICKS_PER_TURN * TIMESTEP_S


class Leader:
    """Six servos in `memories`, ids 1 to 6. It stands where episodes start until it is moved."""

    def __init__(self, saved: Sequence[Mapping[str, int]] | None = None) -> None:
        """`saved` are the EPROM contents of an earlier run, one mapping for each servo; factory-new without."""
        self.memories = encoder.new_control_tables(saved)
        self._place = self._target = kinematics.units_to_ticks(START).astype(float)
        self._show(np.zeros(len(self.memories)))
        rest = Electrics(len(self.memories))
        for memory in self.memories:
            memory["Present_Voltage"] = round(rest.voltage_v * UNITS_PER_VOLT)
            memory["Present_Temperature"] = round(rest.ambient_c)

    def move_to(self, units: np.ndarray) -> None:
        """Set where the arm is led, float[6] in LeRobot's units. It stops at the ends of the joints."""
        ticks = kinematics.units_to_ticks(np.clip(units, kinematics.ACTION_LOW, kinematics.ACTION_HIGH))
        self._target = ticks.astype(float)

    def step(self) -> None:
        """Let TIMESTEP_S pass: go on towards the target, at most FASTEST_DEG_S."""
        way = np.clip(self._target - self._place, -_MOST_TICKS, _MOST_TICKS)
        self._place = self._place + way
        self.take_writes()
        self._show(way / TIMESTEP_S)

    def take_writes(self) -> None:
        """Obey what the wire wrote. `step` does it; done at once, the next read on the wire sees what came of it."""
        written = [memory.take_written() for memory in self.memories]
        for memory, names, place in zip(self.memories, written, self._place, strict=True):
            if "Torque_Enable" in names and memory["Torque_Enable"] == encoder.CENTRE_COMMAND:
                memory["Homing_Offset"] = encoder.centring_offset(round(place))
                memory["Torque_Enable"] = 0
        if any(written):
            self._show(np.zeros(len(self.memories)))

    @property
    def units(self) -> np.ndarray:
        """Where it stands, float32[6] in LeRobot's units, whatever its calibration says."""
        return kinematics.ticks_to_units(np.rint(self._place))

    def calibration(self) -> dict[str, dict[str, int]]:
        """Return what LeRobot's calibration file of this arm holds."""
        return encoder.calibration()

    def calibrate_registers(self) -> None:
        """Write `calibration()` into the EPROMs."""
        encoder.write_calibration(self.memories)

    def _show(self, speeds_ticks_s: np.ndarray) -> None:
        places, speeds = np.rint(self._place).astype(int).tolist(), np.rint(speeds_ticks_s).astype(int).tolist()
        for memory, place, speed in zip(self.memories, places, speeds, strict=True):
            memory["Present_Position"] = encoder.present_ticks(place, memory["Homing_Offset"], memory["Phase"])
            memory["Present_Velocity"] = speed
            memory["Moving"] = int(speed != 0)
