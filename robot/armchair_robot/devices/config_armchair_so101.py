"""The SO-101 on a serial port or on TCP: ``--robot.type=armchair_so101 --robot.port=tcp://127.0.0.1:5101``.

LeRobot finds the classes by names alone: `ArmchairSO101` and `ArmchairSO101Leader` in the module called like
this one without `config_` (lerobot 0.6.1, utils/import_utils.py).
"""

from dataclasses import dataclass

from lerobot.robots.config import RobotConfig
from lerobot.robots.so_follower.config_so_follower import SOFollowerRobotConfig
from lerobot.teleoperators.config import TeleoperatorConfig
from lerobot.teleoperators.so_leader.config_so_leader import SOLeaderTeleopConfig


@RobotConfig.register_subclass("armchair_so101")
@dataclass
class ArmchairSO101Config(SOFollowerRobotConfig):
    """The stock follower's options; `port` may also be ``tcp://host:number``."""


@TeleoperatorConfig.register_subclass("armchair_so101_leader")
@dataclass
class ArmchairSO101LeaderConfig(SOLeaderTeleopConfig):
    """The stock leader's options; `port` may also be ``tcp://host:number``."""
