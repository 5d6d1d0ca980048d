"""The stock SO-101 follower and leader, whose port may also be ``tcp://host:number``.

Everything else is LeRobot's: driver, features, `robot_type`, and the folder of the calibration files, so that a
dataset does not show which of the two recorded it.
"""

from typing import Any

from lerobot.robots.so_follower import SO101Follower
from lerobot.teleoperators.so_leader import SO101Leader

from armchair_robot.bus.transports import use_tcp
from armchair_robot.devices import last_observation
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator


class ArmchairSO101(SO101Follower):
    """The stock follower, on TCP too.

    Raises ArmchairError if the port starts with ``tcp://`` and is not ``tcp://host:number``.
    """

    config_class = ArmchairSO101Config

    def __init__(self, config: ArmchairSO101Config) -> None:
        super().__init__(config)
        use_tcp(self.bus)

    def get_observation(self) -> dict[str, Any]:
        """Return what stock does, and show it to the teleoperators of this process."""
        observation = super().get_observation()
        last_observation.post(observation)
        return observation


class ArmchairSO101Leader(SO101Leader, LoopTeleoperator):
    """The stock leader, on TCP too.

    Raises ArmchairError if the port starts with ``tcp://`` and is not ``tcp://host:number``.
    """

    config_class = ArmchairSO101LeaderConfig

    def __init__(self, config: ArmchairSO101LeaderConfig) -> None:
        super().__init__(config)
        use_tcp(self.bus)
