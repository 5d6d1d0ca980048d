"""The plugin that LeRobot imports at the start of each command: it registers our configs and keeps to HF_ENDPOINT.

LeRobot finds this module by the distribution's name (lerobot 0.6.1, utils/import_utils.py). An error here would
only be logged, and the user would read "invalid choice".
"""

from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig
from armchair_robot.rollout.config_policy_teleoperator import ArmchairPolicyConfig
from armchair_robot.teleoperators.config_people import (
    ArmchairGamepadConfig,
    ArmchairKeyboardConfig,
    ArmchairNetworkConfig,
    ArmchairReplayConfig,
)
from armchair_sim.env_config import ArmchairEnvConfig
from lerobot_robot_armchair.hub_endpoint import follow_endpoint

__all__ = [
    "ArmchairCameraConfig",
    "ArmchairEnvConfig",
    "ArmchairGamepadConfig",
    "ArmchairKeyboardConfig",
    "ArmchairNetworkConfig",
    "ArmchairPolicyConfig",
    "ArmchairReplayConfig",
    "ArmchairSO101Config",
    "ArmchairSO101LeaderConfig",
    "NanoConfig",
]

follow_endpoint()
