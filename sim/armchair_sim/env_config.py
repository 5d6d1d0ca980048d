"""The configuration of LeRobot's environment `armchair`: ``lerobot-eval --env.type=armchair --env.task=lift``."""

from dataclasses import dataclass, field

import gymnasium as gym
from lerobot.configs import FeatureType, PolicyFeature
from lerobot.envs.configs import EnvConfig

from armchair_core.dataset_format.columns import ACTION, STATE, image_key
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.picture_size import check_picture_size
from armchair_sim.tasks import get_task


@EnvConfig.register_subclass("armchair")
@dataclass
class ArmchairEnvConfig(EnvConfig):
    """A task of the simulated SO-101, through Gymnasium (lerobot 0.6.1, envs/configs.py)."""

    task: str = "lift"
    fps: int = 30
    observation_height: int = 96
    observation_width: int = 96
    features: dict[str, PolicyFeature] = field(default_factory=dict)
    features_map: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_picture_size(self.observation_height, self.observation_width)
        if self.fps < 1:
            raise ArmchairError(f"the simulation counts 30 frames a second, not {self.fps}: use 30.")
        picture = PolicyFeature(FeatureType.VISUAL, (self.observation_height, self.observation_width, 3))
        self.features = {
            "action": PolicyFeature(FeatureType.ACTION, (6,)),
            "agent_pos": PolicyFeature(FeatureType.STATE, (6,)),
            **{f"pixels/{camera}": picture for camera in CAMERAS},
        }
        self.features_map = {
            "action": ACTION,
            "agent_pos": STATE,
            **{f"pixels/{camera}": image_key(camera) for camera in CAMERAS},
        }

    @property
    def gym_id(self) -> str:
        """The environment's id in Gymnasium's registry, which importing this fills."""
        get_task(self.task)  # an unknown task is refused by name
        from armchair_sim.env import gym_id  # here: LeRobot's other commands must not load MuJoCo

        return gym_id(self.task)

    @property
    def gym_kwargs(self) -> dict:
        """What `gymnasium.make` is given besides the id."""
        return {"height": self.observation_height, "width": self.observation_width}

    def create_envs(self, n_envs: int, use_async_envs: bool = False) -> dict[str, dict[int, gym.vector.VectorEnv]]:
        """Return LeRobot's vector environment of so many.

        Raises:
            ArmchairError: if it would be of none.
        """
        if n_envs < 1:
            raise ArmchairError(f"{n_envs} environments are none, and at least 1 is needed: use --eval.batch_size=1.")
        return super().create_envs(n_envs, use_async_envs)
