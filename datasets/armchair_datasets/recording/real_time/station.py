"""The station where takes are recorded: the arm, who moves it, its cameras and the table; let go of in any case."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.dataset_format.about import first_new_seed, used_seeds
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES, FPS
from armchair_datasets.recording.format import Format
from armchair_datasets.recording.real_time.scenes import CuedScenes, OwnTable, Scenes, TwinTable
from armchair_robot.arm_options import ArmOptions
from armchair_robot.devices import arms
from armchair_robot.devices.loop_teleoperator import LoopTeleoperator
from armchair_robot.safety.limits import Limits
from armchair_robot.teleoperators.people import LEADER, open_person_teleoperator
from armchair_sim.seeds import recording_seeds

if TYPE_CHECKING:
    from lerobot.robots.so_follower import SO101Follower


@dataclass(frozen=True)
class Station:
    """Opened devices. `about` is what meta/armchair.json shall say of who did what.

    `takeover`: a person may take the arm over from a policy, and the dataset says when. `home`, float32[6], is where
    the arm goes before it is let go of.
    """

    robot: "SO101Follower"
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
        return {name: (camera.height or 0, camera.width or 0) for name, camera in self.robot.cameras.items()}

    def form(self) -> Format:
        """Return what the dataset's episodes share.

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
def open_station(asked: ArmOptions, out: Path, append: bool) -> Iterator[Station]:
    """Open the follower and who moves it, motors on. Scenes that the dataset `out` has are not set again.

    Raises:
        ArmchairError: if an arm, a teleoperator or a camera does not open.
    """
    robot = arms.open_follower(asked.where, asked.cameras, asked.arm_id)
    teleoperator = None
    try:
        teleoperator = open_person_teleoperator(asked)
        mover = asked.teleoperator or LEADER
        if asked.is_twin:
            note = arms.twin_note()
            first_seed = first_new_seed(used_seeds(out)) if append else 0
            scenes: Scenes = TwinTable(note, recording_seeds(first_seed, 1)[0])
            instruction = note["instruction"]
            about = {"task": note["task"], "hand": note["hand"] if mover == LEADER else mover}
        else:
            scenes, instruction, about = OwnTable(), asked.task or "", {"hand": mover}
        home = arms.standing(robot) if asked.goes_home else None
        scenes = CuedScenes(scenes, teleoperator)
        yield Station(robot, teleoperator, scenes, instruction, about, limits=asked.limits, home=home)
    finally:
        for device in filter(None, (robot, teleoperator)):
            arms.let_go(device)  # nothing happens to one that has been let go
