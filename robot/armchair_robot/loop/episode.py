"""The episode loop: observe, act, guard, apply, tell the listeners; on any arm behind a Gymnasium door."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import gymnasium as gym
import numpy as np

from armchair_robot.safety.guard import Guard

Observation = dict[str, Any]


class EpisodeTeleoperator:
    """Who moves the arm: the expert, a policy, a person. A base to derive from; `act` is all that it lacks."""

    @property
    def intervening(self) -> bool:
        """Whether a person moves the arm, who took it over from a policy."""
        return False

    @property
    def looks_next(self) -> bool:
        """Whether the next action needs pictures."""
        return True

    def reset(self) -> None:
        """Forget the last episode; the scene is set."""

    def act(self, observation: Observation) -> np.ndarray:
        """Return the action wanted now, float32[6] in the arm's units (degrees, gripper 0 to 100)."""
        raise NotImplementedError


class Disturb(Protocol):
    """What comes between the teleoperator and the arm. `shoving`: it did so just now, with more than noise."""

    shoving: bool

    def __call__(self, action: np.ndarray) -> np.ndarray:
        """Return what to apply in place of `action`, both float32[6] in the arm's units."""


@dataclass(frozen=True)
class Tick:
    """What a listener is told, once a control period: the observation and the action asked for.

    `shoved`: the arm was made to do something else. `intervention`: a person moves it, who took it over from a policy.
    """

    observation: Observation
    action: np.ndarray
    shoved: bool = False
    intervention: bool = False


@dataclass(frozen=True)
class Outcome:
    """How an episode ended. `ending` says it in the task's own words (``success``, ``timed out``, …).

    `object_at` is where the object lay at the start, metres from the arm, x forward and y to its left; None if nobody
    knows. It follows from the seed, and two outcomes are compared without it.
    """

    seed: int
    success: bool
    steps: int
    ending: str
    object_at: tuple[float, float] | None = field(default=None, compare=False)


def run_episode(
    env: gym.Env,
    teleoperator: EpisodeTeleoperator,
    seed: int,
    listeners: Iterable[Callable[[Tick], None]] = (),
    disturb: Disturb | None = None,
) -> Outcome:
    """Run `teleoperator` in the scene of `seed` until the environment ends the episode.

    `disturb` changes what is applied, not what listeners are told: the recorded action stays the
    teleoperator's own, so that a policy learns the correction and not the push (Laskey et al., DART, 2017).
    """
    guard = Guard()
    observation, info = env.reset(seed=seed)
    teleoperator.reset()
    steps, ended = 0, False
    while not ended:
        action = guard.check(teleoperator.act(observation))
        applied = action if disturb is None else guard.check(disturb(action))
        shoved, intervention = disturb is not None and disturb.shoving, teleoperator.intervening
        tick = Tick(observation, action, shoved, intervention)
        for listener in listeners:
            listener(tick)
        observation, _, terminated, truncated, info = env.step(applied)
        steps, ended = steps + 1, terminated or truncated
    return Outcome(seed, bool(info["is_success"]), steps, str(info["ending"]))
