"""What the page's server loads: neither PyTorch nor LeRobot, which take seconds and hundreds of megabytes."""

import subprocess
import sys
import time

import numpy as np
import pytest

from armchair.web.arm.client import ArmClient
from armchair.web.drive.arm_choice import ArmChoice
from armchair.web.drive.workcell import Workcell
from armchair_core.errors import ArmchairError
from armchair_robot.safety.limits import Limits
from armchair_robot.teleoperators.network.driver import Hold
from armchair_sim.twin.cameras.frames import FrameSlot
from armchair_sim.twin.runtime import frames_path

SERVE = """
import sys
from pathlib import Path
from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.access.visitors import Visitors
from armchair.web.drive.arm_choice import ArmChoice
from armchair.web.drive.workcell import Workcell
from armchair.web.jobs.jobs import Jobs
from armchair.web.server.broadcast import Broadcast
from armchair.web.server.start import make_app
from armchair.web.teach.lessons import Recordings
from armchair_robot.safety.limits import Limits
import armchair.commands.console

folder = Path(sys.argv[1])
print("page", *(name for name in HEAVY if name in sys.modules))
note = {"folder": str(folder), "task": "reach", "cameras": ["front"], "instruction": "", "hand": "expert"}
cell = Workcell(None, ArmChoice("twin", None, Limits(), "reach", note))
jobs, project = Jobs(folder), ProjectFolder(folder)
cell.open_cameras()
cell.furnish()
make_app(Broadcast(cell, jobs), Permissions(Visitors(False), 1, []), project, Recordings(cell, project, jobs, folder))
cell.cameras.close()
jobs.close()
print("twin", *(name for name in HEAVY if name in sys.modules))
"""


def test_the_server_of_a_twins_page_loads_no_pytorch(tmp_path):
    heavy = "HEAVY = ['torch', 'lerobot', 'pandas', 'pyarrow', 'mujoco']\n"
    done = subprocess.run([sys.executable, "-c", heavy + SERVE, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["page", "twin mujoco"]


def test_a_twins_cameras_are_shown_and_lent_as_they_are(tmp_path):
    slot = FrameSlot.create(frames_path(tmp_path, "front"), 6, 8)
    note = {"folder": str(tmp_path), "task": "reach", "cameras": ["front"]}
    cell = Workcell(None, ArmChoice("twin", None, Limits(), "reach", note))
    cell.open_cameras()
    try:
        assert cell.cameras.lend(tmp_path / "elsewhere") == {"front": ("front", tmp_path)}
        end_s = time.monotonic() + 10
        while (picture := cell.cameras.newest("front")) is None:
            assert time.monotonic() < end_s
            slot.write(np.zeros((6, 8, 3), np.uint8))
            time.sleep(0.02)
        assert picture.image.startswith(b"\xff\xd8")
    finally:
        cell.cameras.close()


@pytest.fixture
def arm(tmp_path):
    arm = ArmClient(tmp_path)
    yield arm
    arm.close()


def test_an_arm_that_nobody_has_named_yet_waits_in_words_and_ends_at_once(arm):
    arm.wait_for("Starting a twin with the task lift …")
    assert arm.state() == {"phase": "opening", "words": "Starting a twin with the task lift …"}
    arm.tell("start")  # lost, as is any command
    arm.command(Hold(type="hold"))
    with pytest.raises(ArmchairError, match="wait a moment"):
        arm.examine()
    began_s = time.monotonic()
    arm.close()
    assert time.monotonic() - began_s < 5 and arm.state()["phase"] == "halted"
