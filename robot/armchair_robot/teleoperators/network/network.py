"""The network teleoperator: a page in a browser or on a phone drives the arm, or any program by a WebSocket.

    {"type": "jog", "rates": [1, 0, 0, 0, 0, 0], "mode": "tip", "speed": "slow"}    rates for `jog.AXES`
    {"type": "targets", "targets": [0, -50, 30, 85, 0, 10], "speed": "slow"}        where to go, in LeRobot's units
    {"type": "hold"}

sent to /drive at least every 300 ms; each is answered with the teleoperator's status. Silence means hold.
"""

import numpy as np
from lerobot.teleoperators.config import TeleoperatorConfig

from armchair_robot.teleoperators.config_people import ArmchairNetworkConfig
from armchair_robot.teleoperators.jog import SPEED_NAMES
from armchair_robot.teleoperators.jog_teleoperator import JogTeleoperator
from armchair_robot.teleoperators.network.driver import Jog, Targets, Wheel
from armchair_robot.teleoperators.network.server import DriveServer

_NOBODY, _SILENT = "nobody drives", "holding still"
_AT_REST = np.zeros(6)


class WheelTeleoperator(JogTeleoperator):
    """Whoever has the wheel jogs the arm, or sends it joint targets."""

    def __init__(self, config: TeleoperatorConfig) -> None:
        super().__init__(config)
        self.wheel = Wheel()
        self._words = _NOBODY

    @property
    def status(self) -> str:
        """Mode and speed, what the jogger notes, and whether somebody drives, in a few words."""
        return " · ".join(filter(None, (super().status, self._words)))

    def _move(self, now_s: float, dt_s: float, here: np.ndarray | None) -> np.ndarray:
        command = self.wheel.command(now_s)
        self.is_heard = command is not None
        self._words = "" if command else _SILENT if self.wheel.is_driven() else _NOBODY
        match command:
            case Jog():
                self.jogger.mode, self.jogger.speed = command.mode, SPEED_NAMES.index(command.speed)
                return self.jogger.move(np.array(command.rates), dt_s, here)
            case Targets():
                self.jogger.speed = SPEED_NAMES.index(command.speed)
                return self.jogger.towards(np.array(command.targets), dt_s, here)
        return self.jogger.move(_AT_REST, dt_s, here)


class ArmchairNetwork(WheelTeleoperator):
    """The wheel on a page of its own."""

    config_class = ArmchairNetworkConfig
    name = "armchair_network"
    config: ArmchairNetworkConfig

    @property
    def links(self) -> list[str]:
        """What to open in a browser, while connected."""
        return self._server.links

    def _open(self) -> None:
        self._server = DriveServer(self.wheel, lambda: self.status, self.config.port, self.config.lan)
        print("Drive from a browser: " + "  or  ".join(self.links), flush=True)

    def _close(self) -> None:
        self._server.close()
