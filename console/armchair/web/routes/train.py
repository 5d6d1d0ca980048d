"""The routes of the page's Train view: `armchair train` as jobs, what they would take, and their curves."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field, model_validator

from armchair.web.access.messages import Strict
from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import NAME, Name, ProjectFolder
from armchair.web.jobs.jobs import Jobs
from armchair.web.routes.jobs import starter
from armchair_core.dataset_format.about import read_about
from armchair_core.dataset_format.info import INFO
from armchair_core.errors import ArmchairError
from armchair_policies.training.lerobot.presets import PRESETS
from armchair_policies.training.loss_curve import Row, read_rows

_Policy = Literal["nano", "act", "diffusion", "vqbet"]
_Preset = Literal["laptop", "mps", "cuda"]
POLICIES: dict[_Policy, str] = {
    "nano": "learns from cameras in minutes, on two cores",
    "act": "LeRobot's ACT: hours on a laptop, better a GPU",
    "diffusion": "LeRobot's Diffusion Policy: hours, better a GPU",
    "vqbet": "LeRobot's VQ-BeT: hours, better a GPU",
}
_STUDENTS_MINUTES, _STUDENTS_STEPS = 120, 100_000
POINTS = 240  # of a curve: a screen shows no more


class TrainJobRequest(Strict):
    """What follows `armchair train`. Minutes or steps, not both; with `resume` all of them, those before too."""

    datasets: Annotated[list[Name], Field(min_length=1, max_length=6)]
    policy: _Policy = "nano"
    preset: _Preset | None = None
    minutes: Annotated[float, Field(gt=0, le=2880, allow_inf_nan=False)] | None = None
    steps: Annotated[int, Field(ge=1, le=10**7)] | None = None
    out: Name
    resume: bool = False

    @model_validator(mode="after")
    def _one_length(self) -> "TrainJobRequest":
        if (self.minutes is None) == (self.steps is None):
            raise ValueError("give minutes or steps: one of them")
        return self

    @property
    def words(self) -> list[object]:
        """What follows `armchair`."""
        policy = ["--policy", self.policy] if self.policy != "nano" else []
        preset = ["--preset", self.preset] if self.preset and policy else []
        length = ["--minutes", f"{self.minutes:g}"] if self.steps is None else ["--steps", self.steps]
        return [
            "train",
            *self.datasets,
            *policy,
            *preset,
            *length,
            "--out",
            self.out,
            *(["--resume"] if self.resume else []),
        ]


def train_routes(jobs: Jobs, project: ProjectFolder, permissions: Permissions) -> APIRouter:
    """/api/train: begin one, or measure first; what there is to choose from; the curves."""
    router, start = APIRouter(prefix="/api/train"), starter(jobs, permissions)

    @router.get("", dependencies=[permissions.needs("view")])
    def choices() -> dict[str, Any]:
        return {
            "datasets": [{"name": name, **describe(project.path(name))} for name in project.datasets()],
            "policies": POLICIES, "presets": PRESETS, "runs": project.runs(), "free": project.free("policy"),
        }  # fmt: skip

    @router.get("/curve", dependencies=[permissions.needs("view")])
    def curve(name: Annotated[str, Query(pattern=NAME)]) -> dict[str, Any]:
        return {"name": name, "rows": rows(project.path(name))}  # none before the first steps

    @router.post("", dependencies=[permissions.needs("student")])
    def train(asked: TrainJobRequest, request: Request) -> dict[str, Any]:
        check(asked)
        permissions.check_size(request, "minutes", asked.minutes, _STUDENTS_MINUTES)
        permissions.check_size(request, "steps", asked.steps, _STUDENTS_STEPS)
        title = (
            f"Train {asked.policy}{' longer' if asked.resume else ''} on {' and '.join(asked.datasets)} as {asked.out}"
        )
        return start("train", title, asked.words, asked.out, request)

    @router.post("/estimate", dependencies=[permissions.needs("student")])
    def estimate(asked: TrainJobRequest, request: Request) -> dict[str, Any]:
        check(asked)
        title = f"What {asked.policy} on {' and '.join(asked.datasets)} would take"
        return start("estimate", title, [*asked.words, "--estimate"], asked.out, request)

    def check(asked: TrainJobRequest) -> None:
        for name in asked.datasets:
            project.dataset(name)
        if not asked.resume:
            project.unused(asked.out)
        elif asked.out not in project.policies():
            raise ArmchairError(f"there is no policy {asked.out} to train on: train one first.")

    return router


def describe(dataset: Path) -> dict[str, Any]:
    """Return what a choice of datasets shows: episodes, frames and the task's name, None where it is not known."""
    try:
        info = json.loads((dataset / INFO).read_text(encoding="utf-8"))
        about = read_about(dataset)
    except (OSError, ValueError):
        return {"episodes": 0, "frames": 0, "task": None}
    return {
        "episodes": info.get("total_episodes", 0),
        "frames": info.get("total_frames", 0),
        "task": about.get("task"),
    }


def rows(run: Path) -> list[Row]:
    """Return the losses of a training, thinned out; rows with a held-out loss all stay."""
    found = read_rows(run / "loss.csv")
    step = -(-len(found) // POINTS) or 1
    return [
        row
        for index, row in enumerate(found)
        if index % step == 0 or index == len(found) - 1 or row["val_loss"] is not None
    ]
