"""The pushes of a variation at the gripper now and then, in any direction, while it acts. No I/O."""

import numpy as np

from armchair_sim.scene.variation import direction

_STREAM = 19  # keeps what is drawn here apart from all else in a scene
_CHANCE, _TICKS = 0.03, (6, 12)  # a tick; how long a push lasts


class Pushes:
    """The pushes of one scene."""

    def __init__(self, strength_n: float, seed: int) -> None:
        self._strength_n, self._rng = strength_n, np.random.default_rng([seed, _STREAM])
        self._ticks = 0
        self._force: np.ndarray = np.zeros(3)

    def force_n(self) -> np.ndarray:
        """Return the force on the gripper in the next tick, float64[3] in newtons."""
        if self._ticks == 0 and self._rng.random() < _CHANCE:
            self._ticks = int(self._rng.integers(*_TICKS))
            self._force = self._strength_n * direction(self._rng)
        pushing = self._ticks > 0
        self._ticks -= pushing
        return self._force if pushing else np.zeros(3)
