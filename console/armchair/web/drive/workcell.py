"""The workcell: the arm that the page shows, and what stands around it: cameras, the 3-D scene, the twin."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from armchair.web.arm.orders import ArmSpec
from armchair.web.drive.arm_choice import ArmChoice
from armchair.web.drive.camera_stream import CameraStream
from armchair_robot.teleoperators.network.driver import Command
from armchair_sim.twin.control import ask

if TYPE_CHECKING:
    from armchair.web.drive.scene_3d import Scene3D

_LOOK_EVERY_S = 0.05


class Arm(Protocol):
    """What the page's server asks of the process that has the arm: see `ArmClient`."""

    def open(self, spec: ArmSpec) -> None:
        """Let the process open this arm, and hold it."""

    def wait_for(self, words: str) -> None:
        """Tell pages what the arm waits for before it can be opened."""

    def state(self) -> dict[str, Any]:
        """Return what is so now."""

    def command(self, command: Command) -> None:
        """Pass on a command for motion."""

    def tell(self, order: str, *rest: Any) -> None:
        """Give an order."""

    def examine(self) -> dict[str, Any]:
        """Let the doctor see the arm."""


class Workcell:
    """What everybody who serves the page is handed. `scene` is None until the arm's surroundings are known."""

    def __init__(self, arm: Arm, choice: ArmChoice) -> None:
        self.arm, self.choice = arm, choice
        self.cameras = CameraStream({})
        self.scene: Scene3D | None = None
        self.twin_status: dict[str, Any] = {}  # as the twin has told it last
        self.lesson_owner = ""  # who began the recording that is on, or was the last; see `Permissions.owner`

    def open_cameras(self, note: dict[str, Any] | None = None) -> None:
        """Show what the arm's cameras see; with the note of a twin that has just been started.

        Raises:
            ArmchairError: if the cameras cannot be understood.
        """
        choice = self.choice if note is None else replace(self.choice, note=note, task=note["task"])
        if not self.cameras.names:
            self.cameras = CameraStream(choice.cameras())
        self.choice, self.twin_status = choice, {}

    def furnish(self) -> None:
        """Show the arm and the table of its task in 3-D; then there is all that a page shows."""
        from armchair.web.drive.scene_3d import Scene3D  # MuJoCo comes with it, and the page is there before

        self.scene = Scene3D(self.choice.task, self.choice.folder)

    async def furnished(self) -> "Scene3D":
        """Return the scene, as soon as there is something to be shown: a twin takes seconds to start."""
        while self.scene is None:
            await asyncio.sleep(_LOOK_EVERY_S)
        return self.scene

    def tell_twin(self, **request: Any) -> dict[str, Any]:
        """Ask something of the twin, and return its status, which every page shows at once.

        Raises:
            ArmchairError: if it does not run, or refuses.
        """
        self.twin_status = ask(self.choice.control, **request)
        return self.twin_status
