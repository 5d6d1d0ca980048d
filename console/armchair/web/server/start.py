"""Put the console together, and take it apart again in the order that is safe for the arm."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.access.visitors import Visitors
from armchair.web.arm.client import ArmClient
from armchair.web.arm.process import ArmSpec
from armchair.web.drive.arm_choice import open_arm_choice
from armchair.web.drive.camera_stream import CameraStream
from armchair.web.drive.scene_3d import Scene3D
from armchair.web.jobs.jobs import Jobs
from armchair.web.server.broadcast import Broadcast
from armchair.web.server.server import make_app
from armchair.web.teach.lessons import Recordings
from armchair_core.local_server import Served, addresses, listen
from armchair_core.processes.priority import go_last
from armchair_sim.twin.runtime import runtime_dir


@contextmanager
def open_console(
    task: str | None, arm: str | None, arm_id: str | None, port: int, lan: bool, home: bool
) -> Iterator[tuple[Permissions, str]]:
    """The console, served in threads: its gate, and the address for whoever sits here.

    Raises:
        ArmchairError: as `open_arm_choice`, or if the port cannot be taken.
    """
    listener = listen(port, lan)  # first: what cannot be is said before any arm is opened
    with (
        listener,
        tempfile.TemporaryDirectory(prefix="console-", dir=runtime_dir()) as folder,
        open_arm_choice(arm, arm_id, task) as setting,
    ):
        held = ArmClient(ArmSpec(setting.where, setting.arm_id, setting.limits, home), Path(folder))
        try:
            go_last()
            number = listener.getsockname()[1]
            gate = Permissions(Visitors(lan), number, addresses(listener))
            pictures = CameraStream(setting.cameras)
            jobs = Jobs(Path.cwd())
            room = Broadcast(held, pictures, Scene3D(setting.task, setting.folder), setting, jobs)
            lessons = Recordings(room, ProjectFolder(Path.cwd()), jobs, Path(folder))
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
