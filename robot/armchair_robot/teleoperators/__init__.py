"""Who moves the arm. A hand is asked for an action at each tick; see
`armchair_robot.loop.episode.EpisodeTeleoperator`."""

import gymnasium as gym

from armchair_core.errors import unknown_name
from armchair_robot.loop.episode import EpisodeTeleoperator


def teleoperator_names() -> tuple[str, ...]:
    """The hands that can be called by name."""
    return ("expert",)


def open_teleoperator(name: str, env: gym.Env) -> EpisodeTeleoperator:
    """The hand `name` for the arm behind `env`.

    Raises:
        ArmchairError: if there is no such hand; it names the nearest.
    """
    if name not in teleoperator_names():
        raise unknown_name("hand", name, teleoperator_names())
    from armchair_robot.teleoperators.expert import ExpertTeleoperator

    return ExpertTeleoperator(env)
