"""A policy moves the arm, and at a moment of which it knows nothing the expert takes over and shows how to go on.

An expert who is never wrong never shows what to do where a policy ends up. Whatever it is shown from its own mistakes
on counts for more than another faultless episode (Ross, Gordon and Bagnell, A Reduction of Imitation Learning …
to No-Regret Online Learning, 2011; handed over once and for all as by Kelly et al., HG-DAgger, 2019).
"""

from pathlib import Path

import gymnasium as gym
import numpy as np

from armchair_robot.hands.policy import PolicyHand
from armchair_robot.loop import Observation
from armchair_sim.expert import Expert
from armchair_sim.world import FPS

_STREAM = 17  # keeps the moment apart from what else is drawn from a scene's seed
_LATEST = 0.5  # of the time limit, for the expert needs the rest


class CorrectingHand:
    """`intervening` says that the expert has taken over. The scene alone decides when it does."""

    def __init__(self, env: gym.Env, policy: str | Path) -> None:
        """Load `policy`; see `PolicyHand`.

        Raises:
            ArmchairError: if the folder holds no sound policy, or one for cameras which this arm lacks.
        """
        self._world = env.unwrapped.world
        self._policy, self._expert = PolicyHand(policy, self._world.task.instruction), Expert(self._world)
        self._left = 0
        self.intervening = False

    def reset(self) -> None:
        """Forget the last episode; the scene is set."""
        import torch

        seed = self._world.scene
        torch.set_num_threads(1)  # the sums, too, are to be the same on every machine
        torch.manual_seed(seed)
        self._policy.reset()
        latest = round(_LATEST * self._world.task.time_limit_s * FPS)
        self._left = int(np.random.default_rng([seed, _STREAM]).integers(latest))
        self.intervening = False

    def act(self, observation: Observation) -> np.ndarray:
        """The next action, float32[6], of whoever moves the arm now."""
        if self._left > 0:
            self._left -= 1
            return self._policy.act(observation)
        if not self.intervening:
            self._expert.take_over()
            self.intervening = True
        return self._expert.act()
