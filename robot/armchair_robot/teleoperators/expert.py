"""The scripted expert as a teleoperator: it sees through the cameras into the simulation itself."""

import gymnasium as gym
import numpy as np

from armchair_robot.loop.episode import EpisodeTeleoperator, Observation
from armchair_sim.env import ArmchairEnv
from armchair_sim.expert.expert import Expert


class ExpertTeleoperator(EpisodeTeleoperator):
    """A teleoperator that solves the task of a simulated environment; there is nothing like it on a real arm."""

    looks_next = False

    def __init__(self, env: gym.Env) -> None:
        arm = env.unwrapped
        assert isinstance(arm, ArmchairEnv), "the expert sees into a simulated arm"
        self._expert = Expert(arm.world)

    def reset(self) -> None:
        """Plan for the scene that has just been set."""
        self._expert.reset()

    def act(self, observation: Observation) -> np.ndarray:
        """Return the next action, float32[6]; the observation is not needed."""
        return self._expert.act()
