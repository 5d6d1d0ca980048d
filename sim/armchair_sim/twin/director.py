"""The director of the twin: it sets the scenes and moves the leader while nobody is there.

A stock `lerobot-record` says nothing on the wire about its episodes, but it falls silent while it saves one. So:
when the leader is first read, it begins to move; after `episode_s` it goes back to the start, in the time that
LeRobot leaves for putting things back; and a silence after that sets the next scene.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from armchair_core.errors import unknown_name
from armchair_core.so101.kinematics import OPEN, START
from armchair_sim.expert.expert import Expert
from armchair_sim.scene.world import FPS, World
from armchair_sim.task import Task
from armchair_sim.twin.leader_input.keyboard import KeyboardInput

SILENCE_S = 0.25  # LeRobot reads every 33 ms while it records or waits; saving an episode takes longer than this
_STEADY_TICKS = 5  # a loop that has read for this long is under way
HANDS = ("expert", "still", "keyboard")
_FOR_EVER_S = 1e9
_LETTING_GO = np.array([*START[:5], OPEN])


class LeaderInput(Protocol):
    """What moves the leader, in LeRobot's units."""

    def reset(self) -> None:
        """Begin a new scene."""

    def act(self) -> np.ndarray:
        """Return where the leader shall be in 1/30 s, float[6]."""


class StillInput:
    """Holds the leader where episodes start."""

    def reset(self) -> None:
        """Do nothing: every scene is the same."""

    def act(self) -> np.ndarray:
        """Return the start pose, float64[6]."""
        return START


class ReplayInput:
    """Shows recorded actions, float[n,6] at 30 Hz, and then holds the last."""

    def __init__(self, actions: np.ndarray) -> None:
        self._actions = actions

    def reset(self) -> None:
        """Begin with the first action again."""
        self._next = 0

    def act(self) -> np.ndarray:
        """Return the next action, float[6]."""
        action = self._actions[min(self._next, len(self._actions) - 1)]
        self._next += 1
        return action


def open_leader_input(name: str, world: World[Task]) -> LeaderInput:
    """Return what moves the leader: `expert`, `still`, `keyboard` (and mouse), or DATASET:EPISODE to replay.

    Raises:
        ArmchairError: if it is none of these.
    """
    if name == "still":
        return StillInput()
    if name == "expert":
        return Expert(world)
    if name == "keyboard":
        return KeyboardInput(*shutil.get_terminal_size())
    root, _, episode = name.rpartition(":")
    if not root:
        raise unknown_name("hand", name, (*HANDS, "DATASET:EPISODE"))
    from armchair_core.dataset_format.rows import read_actions  # PyArrow, which no other twin needs

    return ReplayInput(read_actions(Path(root), episode))


@dataclass
class Scene:
    """A scene that has been played: its seed and whether the task was done in it."""

    seed: int
    success: bool = False


class Director:
    """Sets scenes and moves the leader. Called once a control tick, 30 times a second."""

    def __init__(self, world: World[Task], leader_input: LeaderInput, seed: int, episode_s: float) -> None:
        self._world, self.leader_input = world, leader_input
        self._episode_ticks = round(min(episode_s, _FOR_EVER_S) * FPS)
        self.played: list[Scene] = []
        self.set_scene(seed)

    @property
    def scene(self) -> Scene:
        """The scene that is set."""
        return self._scene

    def set_scene(self, seed: int) -> None:
        """Put the objects where `seed` wants them; the arm stays where it is."""
        self._world.reset_objects(seed)
        self._scene = Scene(seed)
        self._heard_ticks = 0  # since the leader was silent last
        self._resting = False
        self.leader_input.reset()

    def rest(self) -> None:
        """Let go, go home and stay there until a scene is set, as a recorder asks between its episodes."""
        self._heard_ticks = _STEADY_TICKS + self._episode_ticks
        self._resting = True

    def tick(self, leader_silent_s: float) -> np.ndarray:
        """Return where the leader shall be now, float[6] in LeRobot's units.

        `leader_silent_s` is how long no control loop has read the leader.
        """
        self._scene.success |= self._world.judge()
        if leader_silent_s > SILENCE_S:
            if self._heard_ticks > _STEADY_TICKS and not self._resting:
                self.played.append(self._scene)
                self.set_scene(self._scene.seed + 1)
            self._heard_ticks, self._resting = 0, False
        else:
            self._heard_ticks += 1
        ticks = self._heard_ticks - _STEADY_TICKS - self._episode_ticks  # since the leader's time was over
        if -self._episode_ticks < ticks <= 0:
            return self.leader_input.act()
        # Whatever is held is dropped first: a gripper that is sent home around it would overload.
        return _LETTING_GO if 0 < ticks <= FPS else START
