"""Which arm the page shows: the profile's, the one that was named, the twin that runs, or a twin of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_robot.safety.limits import Limits

_END_WITHIN_S = 20.0


@dataclass(frozen=True)
class ArmChoice:
    """`where` and `arm_id` are as for `arms.open_follower`, `cameras` are LeRobot's configurations by name.

    `task` is the simulated task, which a real arm's table is drawn from as well. `note` is the twin's own, None for a
    real arm. `leader` and `leader_id` are as for `arms.open_leader`, `sentence` says what a real arm's task is.
    `own` is the twin that this console has started.
    """

    where: str
    arm_id: str | None
    cameras: dict[str, Any]
    limits: Limits
    task: str
    note: dict[str, Any] | None
    leader: str | None = None
    leader_id: str | None = None
    sentence: str = ""
    own: "OwnTwin | None" = None

    @property
    def folder(self) -> Path | None:
        """Where the twin is found."""
        return Path(self.note["folder"]) if self.note else None

    @property
    def control(self) -> Path | None:
        """Where the twin is asked."""
        return Path(self.note["folder"]) / "control" if self.note else None


@contextmanager
def open_arm_choice(arm: str | None, arm_id: str | None, task: str | None) -> Iterator[ArmChoice]:
    """`arm` is ``twin``, a port, or a folder with an armchair.toml. A twin that is started here ends here.

    Raises:
        ArmchairError: if there is no such arm, or a twin with another task runs.
    """
    from armchair_robot.devices.arm_options import ArmOptions
    from armchair_robot.devices.arms import TWIN, camera_configs, check_port, check_task, port_of
    from armchair_robot.profile import NAME, chosen, read_profile, simulated_task

    folder = Path(arm) if arm and (Path(arm) / NAME).is_file() else None
    profile = read_profile(folder)
    got = chosen(profile, ArmOptions(None if folder else arm, arm_id))
    if (got.arm or TWIN) != TWIN:
        check_port(port_of(got.arm, "follower"))  # now, and not on the page
        task = task or simulated_task(profile) or "reach"
        cameras = camera_configs(None, got.cameras or "{}")
        sentence = (profile and profile.task) or ""
        yield ArmChoice(
            got.arm, got.arm_id, cameras, got.limits, task, None, got.leader, got.leader_id,
            sentence if " " in sentence else "",
        )  # fmt: skip
        return
    with _twin(task or simulated_task(profile) or "lift") as (note, own):
        check_task(note, task)
        cameras = camera_configs(note, got.cameras)
        yield ArmChoice(TWIN, got.arm_id, cameras, got.limits, note["task"], note, own=own)


@contextmanager
def _twin(task: str) -> Iterator[tuple[dict[str, Any], "OwnTwin | None"]]:
    """The note of the twin that runs; or of one that runs until the end of the block, and that twin."""
    from armchair.terminal.steps import say
    from armchair_sim.twin import runtime

    folder = runtime.runtime_dir()
    if (note := runtime.read_note(folder)) and _answers(folder):
        yield note, None
        return
    say(f"No arm and no twin: starting a twin with the task {task} …")
    twin = OwnTwin()
    try:
        yield twin.start(task), twin
    finally:
        twin.stop()


class OwnTwin:
    """The twin of this console, which ends with it. Nobody may drive the arm on it when it is stopped."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, task: str) -> dict[str, Any]:
        """Begin, and return the twin's note.

        Raises:
            ArmchairError: if it does not start.
        """
        words = [sys.executable, "-m", "armchair", "twin", "--json", "--hand", "expert", "--task", task]
        # A session of its own: Ctrl-C must not end it before the arm on it has been let go.
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
        line = self._process.stdout.readline()
        if not line:
            raise ArmchairError("the twin did not start: look above for what it said, or type `armchair twin`.")
        return json.loads(line)

    def stop(self) -> None:
        """End it. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _answers(folder: Path) -> bool:
    from armchair_sim.twin.control import ask

    try:
        ask(folder / "control", do="status")
    except ArmchairError:
        return False
    return True
