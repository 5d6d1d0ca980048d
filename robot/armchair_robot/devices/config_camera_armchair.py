"""A twin's camera as LeRobot's commands know it: ``--robot.cameras='{front: {type: armchair, name: front}}'``.

LeRobot finds the camera's class by names alone: `ArmchairCamera` in the module called like this one without
`config_` (lerobot 0.6.1, utils/import_utils.py).
"""

from dataclasses import dataclass
from pathlib import Path

from lerobot.cameras.configs import CameraConfig, ColorMode

_FPS = 30


@CameraConfig.register_subclass("armchair")
@dataclass(kw_only=True)
class ArmchairCameraConfig(CameraConfig):
    """Which camera of which twin.

    `name` is `front` or `wrist`; `folder` is the twin's runtime folder, by default the one that `armchair twin`
    uses. The twin decides size and rate: other numbers are refused, as a camera refuses a mode it lacks.
    """

    name: str
    folder: Path | None = None
    color_mode: ColorMode = ColorMode.RGB
    fps: int | None = _FPS
    width: int | None = 640
    height: int | None = 480

    def __post_init__(self) -> None:
        self.color_mode = ColorMode(self.color_mode)
        if self.fps not in (None, _FPS):
            raise ValueError(f"a twin's camera sends {_FPS} pictures a second, not {self.fps}: use fps: {_FPS}.")
