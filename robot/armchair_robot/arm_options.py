"""The arm's options: which arm, what it sees, who moves it, and within which limits; asked for by every command."""

from dataclasses import dataclass, field

from armchair_robot.devices.arms import TWIN
from armchair_robot.safety.limits import Limits

NETWORK_PORT = 8767


@dataclass(frozen=True)
class ArmOptions:
    """What was asked for of an arm; None is what nobody has said. Light to import, and opens nothing.

    `arm` and `leader` are ``twin`` or a port each, `arm_id` and `leader_id` the names of their calibrations, `cameras`
    are written as LeRobot's commands take them. `task` is what the arm is to do: a task of ours, or a sentence.
    `teleoperator` moves the arm, or may take it over from a policy (see `teleoperators.people`); `episode` is
    DATASET:NUMBER for the one that replays, `port` and `lan` are where the one on the network listens. `goes_home`: at
    the end the arm goes back to where it was opened.
    """

    arm: str | None = None
    arm_id: str | None = None
    leader: str | None = None
    leader_id: str | None = None
    cameras: str | None = None
    task: str | None = None
    teleoperator: str | None = None
    episode: str | None = None
    port: int = NETWORK_PORT
    lan: bool = False
    limits: Limits = field(default_factory=Limits)
    goes_home: bool = True

    @property
    def where(self) -> str:
        """Where the arm is: what was said, else the twin."""
        return self.arm or TWIN

    @property
    def is_twin(self) -> bool:
        """Whether it is the twin's arm."""
        return self.where == TWIN

    @property
    def leader_where(self) -> str:
        """Where the leader is: what was said, else the twin."""
        return self.leader or TWIN
