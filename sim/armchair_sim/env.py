"""The Gymnasium environments, one a task, in LeRobot's words.

    import gymnasium, armchair_sim.env
    env = gymnasium.make("armchair/Lift-v0")

Observations are what LeRobot's `preprocess_observation` expects: `pixels` a picture (uint8 RGB, height x width x
3) for each camera, `agent_pos` float32[6] in the arm's units. Actions are absolute joint targets, float32[6]:
degrees, gripper 0 to 100. The reward is 1 for the tick that completes the task, else 0.
"""

from collections.abc import Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.opengl import why_no_picture
from armchair_sim.picture_size import check_picture_size
from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.servo import ServoConfig
from armchair_sim.scene.variation import NOMINAL, Variation
from armchair_sim.scene.world import FPS, World
from armchair_sim.tasks import get_task, task_names

if TYPE_CHECKING:
    from armchair_sim.scene.display import Display

# Scenes of resets without a seed start here, beyond all that are recorded or judged by number.
_FIRST_UNNAMED_SCENE = 2**24
_LONGEST_S = 86_400  # a day


class ActionError(ArmchairError, ValueError):
    """An action that no arm of six joints can be sent."""


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
        check_picture_size(height, width)
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ArmchairError(f"there is no render_mode {render_mode!r}: use 'rgb_array', or None.")
        if reason := why_no_picture():
            raise ArmchairError(reason)
        self.world = World(get_task(str(task)), servo, variation)
        self.render_mode = render_mode
        self.task, self.task_description = task, self.world.task.instruction  # names that LeRobot asks for
        self._max_episode_steps = _steps_in(self.world.task.time_limit_s if episode_s is None else episode_s)
        # Drawing takes most of a step's time: who will not look switches it off, and gets the last pictures again.
        self.draws = True
        self._size = height, width
        # Opened for the first picture: OpenGL would not survive a fork, by which Gymnasium starts its workers.
        self._cameras: Cameras | None = None
        self._display: Display | None = None
        self._steps: int | None = None  # of the episode; None before the first
        self._is_closed = False
        self._pixels: dict[str, np.ndarray] = {}
        self.action_space = spaces.Box(kinematics.ACTION_LOW, kinematics.ACTION_HIGH)
        picture = spaces.Box(0, 255, (height, width, 3), np.uint8)
        low, high = np.full(6, -360, np.float32), np.full(6, 360, np.float32)
        self.observation_space = spaces.Dict(
            {"pixels": spaces.Dict(dict.fromkeys(CAMERAS, picture)), "agent_pos": spaces.Box(low, high)}
        )

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[dict, dict]:
        """Set the scene of `seed`, or one drawn from the environment's own generator. It knows no `options`.

        Raises:
            ArmchairError: for a seed or options that cannot be, or if the environment is closed.
        """
        self._refuse_closed()
        if seed is not None:
            _check_seed(seed)
        if options is not None and not isinstance(options, Mapping):
            raise ArmchairError(f"the options of a reset are a dictionary, not {options!r}: leave them away.")
        super().reset(seed=None if seed is None else int(seed))
        scene = self.np_random.integers(_FIRST_UNNAMED_SCENE, 2**31) if seed is None else seed
        self.world.reset(int(scene))
        self._steps = 0
        return self._observe(), self._info()

    def step(self, action: np.ndarray) -> tuple[dict, float, bool, bool, dict[str, Any]]:
        """Hold the joint targets `action` for 1/30 s. Targets beyond the joints' limits are clamped.

        Raises:
            ActionError: if it is not six finite numbers. Nothing has moved then.
            ArmchairError: before the first `reset`, and after `close`.
        """
        self._refuse_closed()
        if self._steps is None:
            raise ArmchairError("no scene is set yet: call reset() before step().")
        targets = _targets(action)
        self.world.step(np.clip(targets, kinematics.ACTION_LOW, kinematics.ACTION_HIGH))
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
        if self.render_mode != "rgb_array":
            return None
        self._refuse_closed()
        if self._display is None or self._display.is_inherited:
            from armchair_sim.scene.display import Display  # most environments are never looked at

            self._display = Display(self.world.task, self.world.variation)
        return self._display.look(self.world)

    def close(self) -> None:
        """Free the OpenGL contexts. There is no way back."""
        self._is_closed = True
        for drawing in (self._cameras, self._display):
            if drawing is not None:
                drawing.close()

    def _refuse_closed(self) -> None:
        if self._is_closed:
            raise ArmchairError("this environment is closed: make a new one.")

    def _opened_cameras(self) -> Cameras:
        self._refuse_closed()
        if self._cameras is None or self._cameras.is_inherited:
            self._cameras = Cameras(self.world.model, *self._size)
        return self._cameras

    def _observe(self) -> dict:
        if self.draws or not self._pixels:
            cameras = self._opened_cameras()
            self._pixels = {camera: self._expose(cameras, camera) for camera in CAMERAS}
        return {"pixels": dict(self._pixels), "agent_pos": self.world.state}

    def _expose(self, cameras: Cameras, camera: str) -> np.ndarray:
        world = self.world
        return world.desk.expose(cameras.look(world.data, camera), camera, world.scene, self._steps or 0)

    def _info(self) -> dict[str, Any]:
        success = self.world.success
        return {
            "is_success": success,
            "ending": "success" if success else self.world.task.failure(self.world),
        }


def _steps_in(episode_s: float) -> int:
    if not isinstance(episode_s, Real) or not 1 / FPS <= episode_s < _LONGEST_S:
        raise ArmchairError(
            f"an episode lasts 1/{FPS} s (a step) to {_LONGEST_S:,} s, not {episode_s!r}: use episode_s=8."
        )
    return round(episode_s * FPS)


def _check_seed(seed: int) -> None:
    if not isinstance(seed, Integral) or seed < 0:
        raise ArmchairError(f"a seed is a whole number from 0 on, not {seed!r}: use seed=0.")


def _targets(action: Any) -> np.ndarray:
    """Return an action as float32[6]."""
    try:
        given = np.asarray(action)
        targets = given.astype(np.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ActionError(f"an action is six numbers, not {action!r:.200} ({error}).") from None
    if np.iscomplexobj(given) or targets.shape != (len(kinematics.FEATURE_NAMES),):
        raise ActionError(
            f"an action is six numbers ({', '.join(kinematics.FEATURE_NAMES)}), not {given.dtype}{list(given.shape)}."
        )
    if not np.isfinite(targets).all():
        raise ActionError(f"an action must be finite, not {targets}")
    return targets


def gym_id(task: str) -> str:
    """Return the Gymnasium id of a task: ``armchair/Lift-v0``."""
    return f"armchair/{task.title().replace('_', '')}-v0"


for _task in task_names():
    gym.register(gym_id(_task), entry_point=f"{__name__}:ArmchairEnv", kwargs={"task": _task})
