"""The bench of the twin: a follower at its table, a leader, and what moves them. No ports, no clock."""

from collections.abc import Mapping, Sequence

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.joints import JOINTS
from armchair_sim.scene.world import STEPS_PER_TICK, World
from armchair_sim.tasks import get_task
from armchair_sim.twin.director import Director, open_leader_input
from armchair_sim.twin.leader_input.calibration_sweep import CalibrationSweep
from armchair_sim.twin.servos.follower import Follower
from armchair_sim.twin.servos.leader import Leader

_AFTER_SWEEP_S = 1.0  # a driver that has been silent for so long is done with the sweep

Eproms = Mapping[str, Sequence[Mapping[str, int]]]
FACTORY_NEW: Eproms = {name: [{}] * len(JOINTS) for name in ("follower", "leader")}


class Bench:
    """Advances one physics step at a time; `arms` are the follower and the leader by name."""

    def __init__(self, task: str, seed: int, hand: str, episode_s: float, eproms: Eproms) -> None:
        """`eproms` are the servos' memories of an earlier run; {} means arms that have just been calibrated."""
        self.world = World(get_task(task))
        self.world.reset(seed)
        self.follower, self.leader = Follower(self.world, eproms.get("follower")), Leader(eproms.get("leader"))
        self.arms: dict[str, Follower | Leader] = {"follower": self.follower, "leader": self.leader}
        if not eproms:
            for arm in self.arms.values():
                arm.calibrate_registers()
        self.director = Director(self.world, open_leader_input(hand, self.world), seed, episode_s)
        self._guide: CalibrationSweep | None = None  # the hands that hold both arms while they are calibrated
        self.steps = 0

    def step(self, loop_silent_s: float, silent_s: float) -> None:
        """Let TIMESTEP_S pass.

        `loop_silent_s` is how long no control loop has read the leader, `silent_s` how long no driver read anything.
        """
        if self.steps % STEPS_PER_TICK == 0:
            wanted = self.director.tick(loop_silent_s)
            if self._guide is None:
                self.leader.move_to(wanted)
            elif self._hands_not_needed(silent_s):
                self.let_go()
        if self._guide is not None:
            units = kinematics.rad_to_units(self._guide.step())
            self.leader.move_to(units)
            self.follower.lead(units)
        self.follower.step()
        self.leader.step()
        self.steps += 1

    # --- by hand --------------------------------------------------------------------------------------------
    @property
    def guided(self) -> bool:
        """Whether the arms are being led somewhere by hand now."""
        return self._guide is not None and not self._guide.arrived

    def take_by_hand(self, path_rad: np.ndarray) -> None:
        """Lead both arms along joint angles, float64[n,6], and hold them there.

        Raises:
            ArmchairError: if the follower's motors are on.
        """
        if self.motors_on():
            raise ArmchairError(
                "the follower's motors are on and would resist: let go first, as LeRobot's calibration does."
            )
        start = self.world.data.qpos[:6] if self._guide is None else self._guide.now_rad
        self._guide = CalibrationSweep(start, path_rad)

    def motors_on(self) -> list[str]:
        """Return the follower's joints whose torque is on."""
        motors = zip(JOINTS, self.follower.memories, strict=True)
        return [joint for joint, memory in motors if memory["Torque_Enable"]]

    def let_go(self) -> None:
        """Let go of both arms."""
        self._guide = None
        self.follower.lead(None)

    def _hands_not_needed(self, silent_s: float) -> bool:
        """Return whether to let go: motors that are on hold the arm; silence after a sweep means that all is done."""
        assert self._guide is not None, "asked only while a sweep leads the arms"
        return bool(self.motors_on()) or (self._guide.arrived and self._guide.swept and silent_s > _AFTER_SWEEP_S)
