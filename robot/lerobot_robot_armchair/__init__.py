"""What LeRobot imports at the start of each of its commands: registers our configs, and keeps to HF_ENDPOINT.

LeRobot finds this module by the distribution's name (lerobot 0.6.1, utils/import_utils.py). An error here would
only be logged, and the user would read "invalid choice".
"""

from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_robot.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_robot.config_camera_armchair import ArmchairCameraConfig
from armchair_robot.hands.config_live import (
    ArmchairGamepadConfig,
    ArmchairKeyboardConfig,
    ArmchairNetworkConfig,
    ArmchairReplayConfig,
)
from armchair_robot.hands.config_policy_live import ArmchairPolicyConfig
from armchair_robot.hub_endpoint import follow_endpoint
from armchair_sim.env_config import ArmchairEnvConfig

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
