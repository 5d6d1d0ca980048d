"""Put the console together, and take it apart again in the order that is safe for the arm."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from armchair.console.arm import Arm
from armchair.console.arm_process import ArmSpec
from armchair.console.gate import Gate
from armchair.console.jobs.jobs import Jobs
from armchair.console.lessons import Lessons
from armchair.console.pictures import Pictures
from armchair.console.room import Room
from armchair.console.server import make_app
from armchair.console.setting import open_setting
from armchair.console.shelf import Shelf
from armchair.console.stage import Stage
from armchair.console.visitors import Visitors
from armchair_robot.web import Served, addresses, listen
from armchair_sim.priority import go_last
from armchair_sim.twin.runtime import runtime_dir


@contextmanager
def open_console(
    task: str | None, arm: str | None, arm_id: str | None, port: int, lan: bool, home: bool
) -> Iterator[tuple[Gate, str]]:
    """The console, served in threads: its gate, and the address for whoever sits here.

    Raises:
        ArmchairError: as `open_setting`, or if the port cannot be taken.
    """
    listener = listen(port, lan)  # first: what cannot be is said before any arm is opened
    with (
        listener,
        tempfile.TemporaryDirectory(prefix="console-", dir=runtime_dir()) as folder,
        open_setting(arm, arm_id, task) as setting,
    ):
        held = Arm(ArmSpec(setting.where, setting.arm_id, setting.limits, home), Path(folder))
        try:
            go_last()
            number = listener.getsockname()[1]
            gate = Gate(Visitors(lan), number, addresses(listener))
            pictures = Pictures(setting.cameras)
            jobs = Jobs(Path.cwd())
            room = Room(held, pictures, Stage(setting.task, setting.folder), setting, jobs)
            lessons = Lessons(room, Shelf(Path.cwd()), jobs, Path(folder))
            served = Served(make_app(room, gate, jobs, lessons), listener)
            try:
                own = f"http://127.0.0.1:{number}/"
                yield gate, f"{own}#{gate.visitors.invite('teacher')}" if lan else own
            finally:
                served.close()
                jobs.close()
                pictures.close()
        finally:
            held.close()
