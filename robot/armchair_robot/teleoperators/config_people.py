"""The teleoperators that need no leader, as LeRobot's commands know them: ``--teleop.type=armchair_keyboard``, ….

LeRobot finds the classes by names alone: `ArmchairKeyboard` and the others in the module called like this one
without `config_` (lerobot 0.6.1, utils/import_utils.py).
"""

from dataclasses import dataclass
from pathlib import Path

from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_robot.arm_options import NETWORK_PORT


@TeleoperatorConfig.register_subclass("armchair_keyboard")
@dataclass(kw_only=True)
class ArmchairKeyboardConfig(TeleoperatorConfig):
    """Keys in the terminal where the command runs."""


@TeleoperatorConfig.register_subclass("armchair_gamepad")
@dataclass(kw_only=True)
class ArmchairGamepadConfig(TeleoperatorConfig):
    """The first gamepad that is plugged in."""


@TeleoperatorConfig.register_subclass("armchair_network")
@dataclass(kw_only=True)
class ArmchairNetworkConfig(TeleoperatorConfig):
    """A web page, or a program. `port` 0 takes any free one; with `lan` other machines may drive, by a token."""

    port: int = NETWORK_PORT
    lan: bool = False


@TeleoperatorConfig.register_subclass("armchair_replay")
@dataclass(kw_only=True)
class ArmchairReplayConfig(TeleoperatorConfig):
    """An episode of the LeRobotDataset v3.0 in the folder `root`."""

    root: Path
    episode: int = 0
