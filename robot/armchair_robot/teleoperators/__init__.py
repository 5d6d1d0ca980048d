"""Who moves the arm. A hand is asked for an action at each tick; see `armchair_robot.loop.episode.Hand`."""

import gymnasium as gym

from armchair_core.errors import unknown_name
from armchair_robot.loop.episode import Hand


def hand_names() -> tuple[str, ...]:
    """The hands that can be called by name."""
    return ("expert",)


def open_hand(name: str, env: gym.Env) -> Hand:
    """The hand `name` for the arm behind `env`.

    Raises:
        ArmchairError: if there is no such hand; it names the nearest.
    """
    if name not in hand_names():
        raise unknown_name("hand", name, hand_names())
    from armchair_robot.teleoperators.expert import ExpertHand

    return ExpertHand(env)
