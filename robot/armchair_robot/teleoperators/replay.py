"""A recorded episode as a teleoperator, by the clock: as fast as it was recorded, whatever the loop's rate.

It waits at the first action until the arm has come there (the guard brings it there gently), and holds the last.
Where nobody sees the arm (`armchair_robot.devices.last_observation`) it begins at once.
"""

import time
from pathlib import Path
from typing import override

import numpy as np

from armchair_core.dataset_format.columns import ACTION
from armchair_core.dataset_format.info import read_info
from armchair_core.dataset_format.rows import read_actions
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.teleoperators.config_people import ArmchairReplayConfig
from armchair_robot.teleoperators.jog_teleoperator import PersonTeleoperator, seen_units

_NEAR = 6.0  # degrees, gripper units: gravity bends an arm, and a gripper may hold something
_PATIENCE_S = 10.0  # for an arm that does not come near, because something is in its way


class ArmchairReplay(PersonTeleoperator):
    """The actions of one episode, in between them along straight lines."""

    config_class = ArmchairReplayConfig
    name = "armchair_replay"
    config: ArmchairReplayConfig

    def __init__(self, config: ArmchairReplayConfig) -> None:
        super().__init__(config)
        self._opened_s: float | None = None
        self._began_s: float | None = None
        self._resting = False  # waits for `begin`, even where the arm is already there
        self._plays = False  # begins with the next action, wherever the arm is

    def rest(self) -> None:
        """Go to where the episode begins and wait there for `begin`; a recorder says so between its takes."""
        self._opened_s = self._began_s = None
        self._resting, self._plays = True, False

    def begin(self) -> None:
        """Play the episode from its beginning: its first action is the one that is asked for next.

        Were its clock to start now, a recorder, which asks a control period later, would never get the first frame.
        """
        self._began_s, self._resting, self._plays = None, False, True

    @property
    def is_done(self) -> bool:
        """Whether the episode is over; the last action is held."""
        return self._began_s is not None and time.perf_counter() - self._began_s >= self._lasts_s

    @property
    @override
    def status(self) -> str:
        if self._began_s is None:
            return "going to where the episode begins"
        at_s = min(time.perf_counter() - self._began_s, self._lasts_s)
        return f"episode {self.config.episode} at {at_s:.1f} of {self._lasts_s:.1f} s"

    def _open(self) -> None:
        self._actions, self._fps = read_episode(Path(self.config.root), self.config.episode)
        self._lasts_s = (len(self._actions) - 1) / self._fps
        self._opened_s = self._began_s = None
        self._resting = self._plays = False

    def _targets(self, now_s: float) -> np.ndarray:
        if self._began_s is None and not self._resting:
            self._begin_when_near(now_s)
        frame = 0.0 if self._began_s is None else (now_s - self._began_s) * self._fps
        before = min(int(frame), len(self._actions) - 1)
        after = min(before + 1, len(self._actions) - 1)
        return self._actions[before] + np.float32(frame % 1) * (self._actions[after] - self._actions[before])

    def _begin_when_near(self, now_s: float) -> None:
        self._opened_s = self._opened_s or now_s
        here = seen_units(now_s)
        is_near = here is None or np.abs(here - self._actions[0]).max() < _NEAR
        if self._plays or is_near or now_s - self._opened_s > _PATIENCE_S:
            self._began_s = now_s


def read_episode(root: Path, episode: int) -> tuple[np.ndarray, float]:
    """Return (actions float32[n,6] in the arm's units, frames a second) of an episode of a LeRobotDataset v3.0.

    Raises:
        ArmchairError: if there is no such dataset or episode, or it moves other joints than this arm's.
    """
    actions = read_actions(root, str(episode))
    info = read_info(root)
    names = info.features[ACTION].flat_names if ACTION in info.features else ()
    if names != FEATURE_NAMES:
        raise ArmchairError(
            f"{root} moves {', '.join(names) or 'joints without names'}, but this arm has {', '.join(FEATURE_NAMES)}: "
            "replay a dataset of an SO-101."
        )
    if not np.isfinite(actions).all():
        raise ArmchairError(f"episode {episode} of {root} holds numbers that are not finite: choose another.")
    return actions.astype(np.float32), info.fps
