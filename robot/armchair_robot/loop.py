"""Observe, act, guard, apply, tell the listeners: one episode on any arm behind a Gymnasium door."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium as gym
import numpy as np

from armchair_robot.guard import Guard

Observation = dict[str, Any]


class Hand(Protocol):
    """Who moves the arm: the expert, a policy, a person."""

    def reset(self) -> None:
        """Forget the last episode; the scene is set."""

    def act(self, observation: Observation) -> np.ndarray:
        """The action wanted now, float32[6] in the arm's units (degrees, gripper 0 to 100)."""


@dataclass(frozen=True)
class Tick:
    """What a listener is told, once a control period: the observation and the action the hand asked for."""

    observation: Observation
    action: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """How an episode ended. `ending` says it in the task's own words (``success``, ``timed out``, …)."""

    seed: int
    success: bool
    steps: int
    ending: str


def run_episode(
    env: gym.Env,
    hand: Hand,
    seed: int,
    listeners: Iterable[Callable[[Tick], None]] = (),
    disturb: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Outcome:
    """Run `hand` in the scene of `seed` until the environment ends the episode.

    `disturb` changes what is applied, not what listeners are told: the recorded action stays the hand's own,
    so that a policy learns the correction and not the push (Laskey et al., DART, 2017).
    """
    guard = Guard()
    observation, info = env.reset(seed=seed)
    hand.reset()
    steps, ended = 0, False
    while not ended:
        action = guard.check(hand.act(observation))
        for listener in listeners:
            listener(Tick(observation, action))
        applied = action if disturb is None else guard.check(disturb(action))
        observation, _, terminated, truncated, info = env.step(applied)
        steps, ended = steps + 1, terminated or truncated
    return Outcome(seed, bool(info["is_success"]), steps, str(info["ending"]))
