"""The stock SO-101 follower and leader, whose port may also be ``tcp://host:number``.

Their motors hold still when they are switched on (see `SteadyBus`), and no goal is sent to a motor that is off, which
would switch it on. Everything else is LeRobot's: driver, features, `robot_type`, and the folder of the calibration
files, so that a dataset does not show which of the two recorded it.
"""

from typing import Any

from lerobot.robots.so_follower import SO101Follower
from lerobot.teleoperators.so_leader import SO101Leader

from armchair_robot.bus.steady_bus import SteadyBus
from armchair_robot.bus.transports import use_tcp
from armchair_robot.devices import last_observation
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator


class ArmchairSO101(SO101Follower):
    """The stock follower, on TCP too, that does not jump when it is connected.

    Raises ArmchairError if the port starts with ``tcp://`` and is not ``tcp://host:number``.
    """

    config_class = ArmchairSO101Config

    def __init__(self, config: ArmchairSO101Config) -> None:
        super().__init__(config)
        self.bus = SteadyBus(self.bus.port, self.bus.motors, self.bus.calibration)
        use_tcp(self.bus)

    def get_observation(self) -> dict[str, Any]:
        """Return what stock does, and show it to the teleoperators of this process."""
        observation = super().get_observation()
        last_observation.post(observation)
        return observation


class ArmchairSO101Leader(SO101Leader, LoopTeleoperator):
    """The stock leader, on TCP too. It stays limp in the hand, whatever it is told, until `enable_torque`.

    Raises ArmchairError if the port starts with ``tcp://`` and is not ``tcp://host:number``.
    """

    config_class = ArmchairSO101LeaderConfig

    def __init__(self, config: ArmchairSO101LeaderConfig) -> None:
        super().__init__(config)
        self.bus = SteadyBus(self.bus.port, self.bus.motors, self.bus.calibration)
        use_tcp(self.bus)
        self._holds = False

    def configure(self) -> None:
        """Set the servos up as stock does, limp."""
        self._holds = False
        super().configure()

    def enable_torque(self) -> None:
        """Let the motors hold the arm where it is, and follow `send_feedback` from now on."""
        super().enable_torque()
        self._holds = True

    def disable_torque(self) -> None:
        """Give the arm back to the hand."""
        self._holds = False
        super().disable_torque()

    def send_feedback(self, feedback: dict[str, float]) -> None:
        """Move the arm to `feedback`, degrees and gripper 0 to 100, if its motors were switched on; else do nothing."""
        if self._holds:
            super().send_feedback(feedback)
