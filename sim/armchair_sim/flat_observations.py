"""A Gymnasium wrapper that flattens nested observations, for libraries that take one level of names only.

Stable-Baselines3's `MultiInputPolicy` is one: it refuses a `Dict` space inside a `Dict` space.
"""

from typing import Any

import gymnasium as gym
from gymnasium import spaces


class FlatObservations(gym.ObservationWrapper):
    """An environment whose observation dictionary has one level.

    ``{"pixels": {"front": …, "wrist": …}, "agent_pos": …}`` becomes ``{"front": …, "wrist": …, "agent_pos": …}``:
    pictures uint8[height, width, 3], joints float32[6] in degrees (gripper 0 to 100), as they were.
    """

    def __init__(self, env: gym.Env) -> None:
        """Wrap `env`.

        Raises:
            ValueError: if its observations are no dictionary, or a name would stand twice.
        """
        super().__init__(env)
        if not isinstance(env.observation_space, spaces.Dict):
            raise ValueError(f"observations must be a dictionary to be flattened, not {env.observation_space}")
        self.observation_space = spaces.Dict(_flat(env.observation_space))

    def observation(self, observation: Any) -> dict[str, Any]:
        """Return the observation with one level of names."""
        return _flat(observation)


def _flat(nested: Any) -> dict[str, Any]:
    """The leaves of nested dictionaries (or `Dict` spaces) by their own names."""
    leaves: dict[str, Any] = {}
    for name, value in nested.items():
        inner = _flat(value) if isinstance(value, dict | spaces.Dict) else {name: value}
        if twice := leaves.keys() & inner.keys():
            raise ValueError(f"the name {min(twice)!r} would stand twice in a flat observation")
        leaves |= inner
    return leaves
