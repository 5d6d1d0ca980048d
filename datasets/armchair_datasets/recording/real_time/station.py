"""Where takes are made: the arms, their cameras, the table; opened from what was typed, let go of in any case."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.dataset_format.about import first_new_seed, used_seeds
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.recording.format import Format
from armchair_datasets.recording.real_time.scenes import CuedScenes, OwnTable, Scenes, TwinTable
from armchair_robot.devices import arms
from armchair_robot.loop.operator import LoopTeleoperator
from armchair_robot.safety.limits import Limits
from armchair_sim.scene.world import FPS
from armchair_sim.seeds import recording_seeds

if TYPE_CHECKING:
    from lerobot.robots import Robot


@dataclass(frozen=True)
class Bench:
    """Where the arms are: ``twin`` or a port each; cameras and ids as LeRobot's commands take them.

    `instruction` is the sentence for the dataset; the twin has its own. `hand` moves the arm (see `hands.live`),
    `leader` being where the leader is, and `episode` what is replayed. `goes_home`: at the end the arm goes back to
    where it was opened.
    """

    arm: str
    leader: str
    cameras: str | None = None
    arm_id: str | None = None
    leader_id: str | None = None
    instruction: str = ""
    hand: str = "leader"
    episode: str | None = None
    limits: Limits = field(default_factory=Limits)
    goes_home: bool = True


@dataclass(frozen=True)
class Station:
    """Opened devices. `about` is what meta/armchair.json shall say of who did what.

    `takeover`: a person may take the arm over from a policy, and the dataset says when. `home`, float32[6], is where
    the arm goes before it is let go of.
    """

    robot: "Robot"
    teleoperator: LoopTeleoperator
    scenes: Scenes
    instruction: str
    about: dict[str, str]
    fps: int = FPS
    takeover: bool = False
    limits: Limits = field(default_factory=Limits)
    home: np.ndarray | None = None

    @property
    def cameras(self) -> dict[str, tuple[int, int]]:
        """(height, width) by name."""
        return {name: (camera.height, camera.width) for name, camera in self.robot.cameras.items()}

    def form(self) -> Format:
        """What the dataset's episodes share.

        Raises:
            ArmchairError: if the cameras' pictures differ in size.
        """
        sizes = self.cameras
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name} {width} x {height}" for name, (height, width) in sizes.items())
            raise ArmchairError(f"the cameras differ in size ({listed}): give them the same width and height.")
        height, width = next(iter(sizes.values()), (0, 0))
        return Format(
            self.instruction, FEATURE_NAMES, tuple(sizes), height, width, self.fps, clocked=True, takeover=self.takeover
        )

    def let_go(self) -> list[str]:
        """Switch all motors off; the ones that did not answer, and may still hold."""
        return [*arms.let_go(self.robot), *arms.let_go(self.teleoperator)]


@contextlib.contextmanager
def open_station(bench: Bench, out: Path, append: bool) -> Iterator[Station]:
    """The follower and who moves it, connected, the motors on. Scenes that the dataset `out` has are not set again.

    Raises:
        ArmchairError: if an arm, a hand or a camera does not open.
    """
    from armchair_robot.teleoperators.people import open_person_teleoperator

    robot = arms.open_follower(bench.arm, bench.cameras, bench.arm_id)
    hand = None
    try:
        hand = open_person_teleoperator(bench.hand, bench.leader, bench.leader_id, bench.episode)
        if bench.arm == arms.TWIN:
            note = arms.twin_note()
            first_seed = first_new_seed(used_seeds(out)) if append else 0
            scenes, instruction = TwinTable(note, recording_seeds(first_seed, 1)[0]), note["instruction"]
            about = {"task": note["task"], "hand": note["hand"] if bench.hand == "leader" else bench.hand}
        else:
            scenes, instruction, about = OwnTable(), bench.instruction, {"hand": bench.hand}
        home = arms.standing(robot) if bench.goes_home else None
        yield Station(robot, hand, CuedScenes(scenes, hand), instruction, about, limits=bench.limits, home=home)
    finally:
        for device in filter(None, (robot, hand)):
            arms.let_go(device)  # nothing happens to one that has been let go
