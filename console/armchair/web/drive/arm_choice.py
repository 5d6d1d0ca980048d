"""The choice of the arm that the page shows: the profile's, the one that was named, or the twin."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from armchair.web.drive.cameras import TwinCamera
from armchair.web.drive.own_twin import OwnTwin, running_twin
from armchair_core.errors import ArmchairError
from armchair_robot.arm_options import ArmOptions
from armchair_robot.devices.arms import TWIN, camera_configs, check_port, check_task, port_of
from armchair_robot.profile import NAME, chosen, read_profile, simulated_task
from armchair_robot.safety.limits import Limits
from armchair_sim.twin.runtime import runtime_dir


@dataclass(frozen=True)
class ArmChoice:
    """`where` and `arm_id` are as for `arms.open_follower`; `camera_words` are the cameras as they were typed.

    `task` is the simulated task, which a real arm's table is drawn from as well. `note` is the twin's own: None for a
    real arm, and until the twin runs. `leader` and `leader_id` are as for `arms.open_leader`, `sentence` says what a
    real arm's task is. `own` is the twin that belongs to this console.
    """

    where: str
    arm_id: str | None
    limits: Limits
    task: str
    note: dict[str, Any] | None = None
    camera_words: str | None = None
    leader: str | None = None
    leader_id: str | None = None
    sentence: str = ""
    own: OwnTwin | None = field(default=None, repr=False)

    @property
    def is_twin(self) -> bool:
        """Whether the arm is simulated."""
        return self.where == TWIN

    @property
    def folder(self) -> Path | None:
        """Where the twin is found, once it runs."""
        return Path(self.note["folder"]) if self.note else None

    @property
    def control(self) -> Path:
        """Where the twin is asked.

        Raises:
            ArmchairError: if it does not run yet.
        """
        if self.folder is None:
            raise ArmchairError("the twin does not run yet: wait a moment.")
        return self.folder / "control"

    def cameras(self) -> dict[str, Any]:
        """Return the cameras by name, as `cameras.open_sources` takes them. Real ones need LeRobot: that takes seconds.

        Raises:
            ArmchairError: if what was typed cannot be understood.
        """
        if self.note is not None and self.camera_words is None:
            return {name: TwinCamera(name, Path(self.note["folder"])) for name in self.note["cameras"]}
        if self.camera_words is None:
            return {}
        return {name: _light(config) for name, config in camera_configs(self.note, self.camera_words).items()}


def choose_arm(arm: str | None, arm_id: str | None, task: str | None) -> ArmChoice:
    """Find out which arm is meant; opens none. `arm` is ``twin``, a port, or a folder with an armchair.toml.

    Raises:
        ArmchairError: if there is no such arm, or a twin with another task runs.
    """
    folder = Path(arm) if arm and (Path(arm) / NAME).is_file() else None
    profile = read_profile(folder)
    got = chosen(profile, ArmOptions(None if folder else arm, arm_id))
    if got.arm is not None and got.arm != TWIN:
        check_port(port_of(got.arm, "follower"))  # now, and not on the page
        sentence, task = (profile and profile.task) or "", task or simulated_task(profile) or "reach"
        return ArmChoice(
            got.arm, got.arm_id, got.limits, task, None, got.cameras, got.leader, got.leader_id,
            sentence if " " in sentence else "",
        )  # fmt: skip
    if note := running_twin():
        check_task(note, task)
        return ArmChoice(TWIN, got.arm_id, got.limits, note["task"], note, got.cameras)
    task = task or simulated_task(profile) or "lift"
    return ArmChoice(TWIN, got.arm_id, got.limits, task, None, got.cameras, own=OwnTwin())


def _light(config: Any) -> Any:
    """A twin's camera that was named by LeRobot's configuration, without LeRobot; any other as it is."""
    if config.type != "armchair":
        return config
    return TwinCamera(config.name, config.folder or runtime_dir())
