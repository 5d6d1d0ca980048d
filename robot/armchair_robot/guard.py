"""What stands between any hand and the arm. No I/O.

Invariant: no action leaves `Guard.check` that is not finite, or outside the arm's calibrated range.
"""

import numpy as np

from armchair_sim import so101
from armchair_sim.errors import ArmchairError


class Guard:
    """Checks and clamps actions in the arm's own units.

    Stock LeRobot neither refuses nor clamps a body joint outside its range: 300 degrees goes out on the wire
    as it is (lerobot 0.6.1, motors/motors_bus.py, degrees are not clipped).
    """

    def __init__(self) -> None:
        self.low, self.high = so101.ACTION_LOW, so101.ACTION_HIGH
        self.clamped_ticks = 0

    def check(self, action: np.ndarray) -> np.ndarray:
        """The action that may be applied: float32[6], degrees and gripper 0 to 100.

        Raises:
            ArmchairError: if the action has another shape or holds a NaN or an infinity.
        """
        action = np.asarray(action, dtype=np.float32)
        if action.shape != self.low.shape:
            raise ArmchairError(f"an action has {self.low.size} numbers, one a joint, and this one {action.shape}.")
        if not np.isfinite(action).all():
            bad = [name for name, value in zip(so101.JOINTS, action, strict=True) if not np.isfinite(value)]
            raise ArmchairError(f"the hand asked for a number that is not finite at {', '.join(bad)}: arm held still.")
        safe = np.clip(action, self.low, self.high)
        self.clamped_ticks += int(not np.array_equal(safe, action))
        return safe
