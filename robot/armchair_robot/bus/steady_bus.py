"""LeRobot's servo bus, whose motors hold still when they are switched on.

The problem: torque that comes on drives to the goal that a servo was told last, and LeRobot switches it on without
telling a new one (lerobot 0.6.1, motors/feetech/feetech.py, `enable_torque`): an arm that sank or was moved by hand
since then jumps. And a goal by itself switches the torque on (sources: `armchair_sim.twin.servos.control_table`), so
none may be sent to a motor that is to stay off.
"""

from lerobot.motors.feetech import FeetechMotorsBus

from armchair_robot.bus.registers import flush_bus

_READINGS, _ALIKE_TICKS = 5, 40  # an arm may sink meanwhile


class SteadyBus(FeetechMotorsBus):
    """The stock bus, but for `enable_torque`."""

    def enable_torque(self, motors: int | str | list[str] | None = None, num_retry: int = 0) -> None:
        """Switch motors on where they stand, and lock their settings as stock does.

        The goal is written before and after: one report has it that a goal which comes before the torque is stored and
        not followed (WayneKennedy/wk-robotics, projects/soarm101/docs/test-log.md, run 4).
        """
        names = self._get_motors_list(motors)
        places = self._places(names, num_retry)
        self.sync_write("Goal_Position", places, normalize=False, num_retry=num_retry)  # from now on all of them hold
        for motor in names:
            self.write("Torque_Enable", motor, 1, num_retry=num_retry)
        self.sync_write("Goal_Position", places, normalize=False, num_retry=num_retry)
        for motor in names:
            self.write("Lock", motor, 1, num_retry=num_retry)

    def _places(self, names: list[str], num_retry: int) -> dict[str, int]:
        """Return Present_Position of each once two readings agree: a late answer gave a goal of 0 once.

        Raises:
            ConnectionError: if none agree.
        """
        before: dict[str, int] = {}
        for _ in range(_READINGS):
            flush_bus(self)
            try:
                read = self.sync_read("Present_Position", names, normalize=False, num_retry=num_retry)
            except ConnectionError:  # a busy machine misses the 50 ms that LeRobot gives a servo
                continue
            places = {name: int(value) for name, value in read.items()}
            if before and all(abs(places[name] - before[name]) <= _ALIKE_TICKS for name in names):
                return places
            before = places
        raise ConnectionError("[TxRxResult] No two readings of the servos' positions agree.")
