"""The teleoperators of people by name, for our commands. LeRobot's find the classes here too; see `config_people`."""

from pathlib import Path

from armchair_core.errors import ArmchairError, unknown_name
from armchair_robot.arm_options import ArmOptions
from armchair_robot.devices.armchair_so101 import ArmchairSO101Leader
from armchair_robot.devices.arms import open_leader
from armchair_robot.teleoperators.config_people import (
    ArmchairGamepadConfig,
    ArmchairKeyboardConfig,
    ArmchairNetworkConfig,
    ArmchairReplayConfig,
)
from armchair_robot.teleoperators.gamepad import ArmchairGamepad
from armchair_robot.teleoperators.jog_teleoperator import PersonTeleoperator
from armchair_robot.teleoperators.keyboard import ArmchairKeyboard
from armchair_robot.teleoperators.network.network import ArmchairNetwork
from armchair_robot.teleoperators.replay import ArmchairReplay

LEADER = "leader"
PERSON_TELEOPERATORS = (LEADER, "keyboard", "gamepad", "network", "replay")

__all__ = ["ArmchairGamepad", "ArmchairKeyboard", "ArmchairNetwork", "ArmchairReplay", "open_person_teleoperator"]


def open_person_teleoperator(asked: ArmOptions) -> PersonTeleoperator | ArmchairSO101Leader:
    """Connect `asked.teleoperator`, or the leader if nobody has said which.

    Raises:
        ArmchairError: if there is no such teleoperator, or what it needs is not there.
    """
    check_person_teleoperator(asked)
    if asked.teleoperator in (None, LEADER):
        return open_leader(asked.leader_where, asked.leader_id)
    teleoperator = _make(asked)
    teleoperator.connect()
    return teleoperator


def check_person_teleoperator(asked: ArmOptions) -> None:
    """Refuse what cannot be before any port is opened.

    Raises:
        ArmchairError: if there is no such teleoperator, or `replay` does not know what.
    """
    if asked.teleoperator not in (None, *PERSON_TELEOPERATORS):
        raise unknown_name("hand", asked.teleoperator, PERSON_TELEOPERATORS)
    if asked.teleoperator == "replay":
        split_episode(asked.episode)


def split_episode(episode: str | None) -> tuple[Path, int]:
    """Return the folder and the number in DATASET:NUMBER.

    Raises:
        ArmchairError: if it is not written so.
    """
    root, _, number = (episode or "").rpartition(":")
    if not root or not (number.isascii() and number.isdigit()):
        said = f"{episode!r} is no episode" if episode else "the hand `replay` needs an episode"
        raise ArmchairError(f"{said}: add --episode with a dataset's folder and a number, as in data:0.")
    return Path(root), int(number)


def _make(asked: ArmOptions) -> PersonTeleoperator:
    match asked.teleoperator:
        case "keyboard":
            return ArmchairKeyboard(ArmchairKeyboardConfig())
        case "gamepad":
            return ArmchairGamepad(ArmchairGamepadConfig())
        case "network":
            return ArmchairNetwork(ArmchairNetworkConfig(port=asked.port, lan=asked.lan))
    root, number = split_episode(asked.episode)
    return ArmchairReplay(ArmchairReplayConfig(root=root, episode=number))
