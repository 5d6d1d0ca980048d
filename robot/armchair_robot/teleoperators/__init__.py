"""Teleoperators, who move the arm: each an `EpisodeTeleoperator` that is asked for an action at each tick."""

import gymnasium as gym

from armchair_core.errors import unknown_name
from armchair_robot.loop.episode import EpisodeTeleoperator


def teleoperator_names() -> tuple[str, ...]:
    """Return the teleoperators that can be called by name."""
    return ("expert",)


def open_teleoperator(name: str, env: gym.Env) -> EpisodeTeleoperator:
    """Return the teleoperator `name` for the arm behind `env`.

    Raises:
        ArmchairError: if there is no such teleoperator; it names the nearest.
    """
    if name not in teleoperator_names():
        raise unknown_name("hand", name, teleoperator_names())
    from armchair_robot.teleoperators.expert import ExpertTeleoperator

    return ExpertTeleoperator(env)
