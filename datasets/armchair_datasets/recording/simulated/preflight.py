"""The checks before a recording starts, so that it fails in the first second and not in the last."""

import shutil
from pathlib import Path

from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.so101.kinematics import CAMERAS
from armchair_core.words import number_of
from armchair_datasets.recording.simulated.plan import RecordingPlan
from armchair_robot.teleoperators import teleoperator_names
from armchair_sim.scene.variations import DESKS
from armchair_sim.scene.world import FPS
from armchair_sim.seeds import recording_seeds
from armchair_sim.tasks import get_task

SMALLEST_IMAGE = 32  # pixels
BYTES_PER_PIXEL = 0.25  # the simulated table needs 0.15


def check_plan(plan: RecordingPlan, out: Path) -> None:
    """Refuse a plan that cannot be carried out. Touches nothing.

    Raises:
        ArmchairError: for an unknown task or teleoperator, a seed or a size out of range, or too little room.
    """
    if plan.desks not in DESKS:
        raise unknown_name("desk", plan.desks, DESKS)
    if plan.hand not in teleoperator_names():
        raise unknown_name("hand", plan.hand, teleoperator_names())
    recording_seeds(plan.seed, plan.episodes)
    for name, pixels in (("height", plan.height), ("width", plan.width)):
        if pixels < SMALLEST_IMAGE or pixels % 2:
            nearest = max(SMALLEST_IMAGE, pixels + pixels % 2)
            raise ArmchairError(
                f"the {name} is {pixels} pixels, but videos need an even number from {SMALLEST_IMAGE} up: "
                f"use {nearest}."
            )
    _check_room(plan, get_task(plan.task).time_limit_s, out)


def _check_room(plan: RecordingPlan, time_limit_s: float, out: Path) -> None:
    """Refuse to start what would fill the disk: every episode at full length, staged and assembled."""
    frames = plan.episodes * time_limit_s * FPS
    needed = 2 * frames * len(CAMERAS) * plan.height * plan.width * BYTES_PER_PIXEL
    place = next(folder for folder in out.absolute().parents if folder.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        fitting = quoted("--episodes", max(1, int(plan.episodes * free / needed)))
        raise ArmchairError(
            f"{number_of(plan.episodes, 'episode')} may need {needed / 1e6:.0f} MB, and {place} has {free / 1e6:.0f} "
            f"MB free: make room, or use {fitting}."
        )
