"""A person's hand by name, for our commands. LeRobot's commands find the classes here too; see `config_live`."""

from pathlib import Path
from typing import TYPE_CHECKING

from armchair_core.errors import ArmchairError, unknown_name
from armchair_robot.teleoperators.config_people import (
    NETWORK_PORT,
    ArmchairGamepadConfig,
    ArmchairKeyboardConfig,
    ArmchairNetworkConfig,
    ArmchairReplayConfig,
)
from armchair_robot.teleoperators.gamepad import ArmchairGamepad
from armchair_robot.teleoperators.keyboard import ArmchairKeyboard
from armchair_robot.teleoperators.network.network import ArmchairNetwork
from armchair_robot.teleoperators.replay import ArmchairReplay

if TYPE_CHECKING:
    from lerobot.teleoperators import Teleoperator

LEADER = "leader"
LIVE_HANDS = (LEADER, "keyboard", "gamepad", "network", "replay")

__all__ = ["ArmchairGamepad", "ArmchairKeyboard", "ArmchairNetwork", "ArmchairReplay", "open_person_teleoperator"]


def open_person_teleoperator(
    name: str,
    leader: str = "twin",
    leader_id: str | None = None,
    episode: str | None = None,
    port: int = NETWORK_PORT,
    lan: bool = False,
) -> "Teleoperator":
    """Connect the hand `name`. `leader` and `leader_id` are as for `arms.open_leader`, `episode` is DATASET:NUMBER.

    Raises:
        ArmchairError: if there is no such hand, or what it needs is not there.
    """
    check_person_teleoperator(name, episode)
    if name == LEADER:
        from armchair_robot.devices.arms import open_leader

        return open_leader(leader, leader_id)
    hand = _make(name, episode, port, lan)
    hand.connect()
    return hand


def check_person_teleoperator(name: str, episode: str | None) -> None:
    """Refuse what cannot be before any port is opened.

    Raises:
        ArmchairError: if there is no such hand, or `replay` does not know what.
    """
    if name not in LIVE_HANDS:
        raise unknown_name("hand", name, LIVE_HANDS)
    if name == "replay":
        split_episode(episode)


def split_episode(episode: str | None) -> tuple[Path, int]:
    """The folder and the number in DATASET:NUMBER.

    Raises:
        ArmchairError: if it is not written so.
    """
    root, _, number = (episode or "").rpartition(":")
    if not root or not (number.isascii() and number.isdigit()):
        said = f"{episode!r} is no episode" if episode else "the hand `replay` needs an episode"
        raise ArmchairError(f"{said}: add --episode with a dataset's folder and a number, as in data:0.")
    return Path(root), int(number)


def _make(name: str, episode: str | None, port: int, lan: bool) -> "Teleoperator":
    match name:
        case "keyboard":
            return ArmchairKeyboard(ArmchairKeyboardConfig())
        case "gamepad":
            return ArmchairGamepad(ArmchairGamepadConfig())
        case "network":
            return ArmchairNetwork(ArmchairNetworkConfig(port=port, lan=lan))
    root, number = split_episode(episode)
    return ArmchairReplay(ArmchairReplayConfig(root=root, episode=number))
