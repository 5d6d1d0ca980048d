"""The Gymnasium environments, one a task, in LeRobot's words.

    import gymnasium, armchair_sim.env
    env = gymnasium.make("armchair/Lift-v0")

Observations are what LeRobot's `preprocess_observation` expects: `pixels` a picture (uint8 RGB, height x width x
3) for each camera, `agent_pos` float32[6] in the arm's units. Actions are absolute joint targets, float32[6]:
degrees, gripper 0 to 100. The reward is 1 for the tick that completes the task, else 0.
"""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.servo import ServoConfig
from armchair_sim.scene.variation import NOMINAL, Variation
from armchair_sim.scene.world import FPS, World
from armchair_sim.tasks import get_task, task_names

# Scenes of resets without a seed start here, beyond all that are recorded or judged by number.
_FIRST_UNNAMED_SCENE = 2**24


class ArmchairEnv(gym.Env):
    """A task on the table. Bit-for-bit repeatable: the seed of `reset` is the scene."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": FPS}  # noqa: RUF012 - Gymnasium's own contract

    def __init__(
        self,
        task: str = "lift",
        height: int = 96,
        width: int = 96,
        render_mode: str | None = "rgb_array",
        servo: ServoConfig | None = None,
        variation: Variation = NOMINAL,
        episode_s: float | None = None,
    ) -> None:
        """`height` and `width` are the cameras' in pixels; `servo` switches backlash or delay off.

        An episode may last `episode_s` seconds, or as long as the task says.
        """
        if not (16 <= height <= 960 and 16 <= width <= 1280):
            raise ArmchairError(f"pictures are 16 x 16 to 960 x 1280 pixels, not {height} x {width}: use 96 x 96.")
        self.world = World(get_task(task), servo, variation)
        self.render_mode = render_mode
        self.task, self.task_description = task, self.world.task.instruction  # names that LeRobot asks for
        self._max_episode_steps = round((episode_s or self.world.task.time_limit_s) * FPS)
        # Drawing takes most of a step's time: who will not look switches it off, and gets the last pictures again.
        self.draws = True
        self._cameras = Cameras(self.world.model, height, width)
        self._pixels: dict[str, np.ndarray] = {}
        self.action_space = spaces.Box(kinematics.ACTION_LOW, kinematics.ACTION_HIGH)
        picture = spaces.Box(0, 255, (height, width, 3), np.uint8)
        low, high = np.full(6, -360, np.float32), np.full(6, 360, np.float32)
        self.observation_space = spaces.Dict(
            {"pixels": spaces.Dict(dict.fromkeys(CAMERAS, picture)), "agent_pos": spaces.Box(low, high)}
        )

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[dict, dict]:
        """Set the scene of `seed`, or one drawn from the environment's own generator."""
        super().reset(seed=seed)
        scene = self.np_random.integers(_FIRST_UNNAMED_SCENE, 2**31) if seed is None else seed
        self.world.reset(int(scene))
        self._steps = 0
        return self._observe(), self._info()

    def step(self, action: np.ndarray) -> tuple[dict, float, bool, bool, dict[str, Any]]:
        """Hold the joint targets `action` for 1/30 s. Targets beyond the joints' limits are clamped.

        Raises:
            ValueError: if a number is not finite.
        """
        action = np.asarray(action, dtype=np.float32)
        if not np.isfinite(action).all():
            raise ValueError(f"an action must be finite, not {action}")
        self.world.step(np.clip(action, kinematics.ACTION_LOW, kinematics.ACTION_HIGH))
        self._steps += 1
        success = self.world.success
        return (
            self._observe(),
            float(success),
            success,
            self._steps >= self._max_episode_steps and not success,
            self._info(),
        )

    def render(self) -> np.ndarray | None:
        """Return a picture for people, uint8[480, 640, 3], or None if `render_mode` is."""
        return self._cameras.portrait(self.world.data) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Free the OpenGL contexts."""
        self._cameras.close()

    def _observe(self) -> dict:
        if self.draws or not self._pixels:
            self._pixels = {camera: self._cameras.look(self.world.data, camera) for camera in CAMERAS}
        return {"pixels": dict(self._pixels), "agent_pos": self.world.state}

    def _info(self) -> dict[str, Any]:
        success = self.world.success
        return {
            "is_success": success,
            "ending": "success" if success else self.world.task.failure(self.world),
        }


def gym_id(task: str) -> str:
    """Return the Gymnasium id of a task: ``armchair/Lift-v0``."""
    return f"armchair/{task.title().replace('_', '')}-v0"


for _task in task_names():
    gym.register(gym_id(_task), entry_point=f"{__name__}:ArmchairEnv", kwargs={"task": _task})
