"""The requests that the page's server makes of the arm's process. No I/O, and nothing of LeRobot's is imported."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from armchair_robot.devices.arms import TWIN
from armchair_robot.safety.limits import Limits

WHEEL, LEADER = "wheel", "leader"  # who moves the arm in a recording


class Order(NamedTuple):
    """What the arm's process shall do next: start, run, doctor, release or end; `rest` is what that needs to know."""

    name: str
    rest: tuple[Any, ...] = ()


@dataclass(frozen=True)
class ArmSpec:
    """Which arm, as `arms.open_follower` takes it; `goes_home` before its motors go off."""

    where: str
    arm_id: str | None
    limits: Limits
    goes_home: bool


class LentCamera(NamedTuple):
    """Where another process finds the pictures of a camera: the frame slot of this name in a folder."""

    name: str
    folder: Path


@dataclass(frozen=True)
class RecordingSpec:
    """What is recorded: its `number` in this console, and into which dataset.

    `hand` moves the arm: the page's wheel, or the leader at `leader`. A take lasts `take_s` at most. `instruction` is
    the sentence for a real arm's dataset; the twin has its own.
    """

    number: int
    out: Path
    hand: Literal["wheel", "leader"]
    take_s: float
    is_twin: bool
    instruction: str
    cameras: dict[str, LentCamera]
    leader: str = TWIN
    leader_id: str | None = None


@dataclass(frozen=True)
class PageTrials:
    """Which policy moves the arm, how often. It is a skill's name or a folder below `root`; `out` is the report's."""

    policy: str
    episodes: int
    root: Path
    out: str
