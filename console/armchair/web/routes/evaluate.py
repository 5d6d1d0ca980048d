"""The routes of the page's Judge view: `armchair eval` as jobs with a live tally, films and maps; `armchair compare`.

Arrow and Jinja are imported when an evaluation is looked at, and not before.
"""

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import Field

from armchair.web.access.messages import Strict
from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import NAME, Name, ProjectFolder
from armchair.web.jobs.jobs import Jobs
from armchair.web.routes.jobs import starter
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_policies.skills import locate_policy, skill_names
from armchair_sim.tasks import task_names

_Named = Annotated[str, Query(pattern=NAME)]
_Film = Annotated[str, Query(pattern=r"^seed-\d{1,10}-[a-z0-9-]{1,60}\.mp4$")]
_WHOLE = "report.html"
_STUDENTS_SCENES = 200


class EvalJobRequest(Strict):
    """What follows `armchair eval`. `policy` is one of `candidates`; `task` None means its own."""

    policy: Name
    task: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_-]+$")] | None = None
    episodes: Annotated[int, Field(ge=1, le=2000)]
    out: Name

    @property
    def words(self) -> list[object]:
        """What follows `armchair`."""
        task = ["--task", self.task] if self.task else []
        return ["eval", self.policy, *task, "--episodes", self.episodes, "--out", self.out]


def evaluate_routes(jobs: Jobs, project: ProjectFolder, permissions: Permissions) -> APIRouter:
    """/api/judge: begin an evaluation, look at one under way or finished, compare two."""
    router, start = APIRouter(prefix="/api/judge"), starter(jobs, permissions)

    @router.get("", dependencies=[permissions.needs("view")])
    def choices() -> dict[str, Any]:
        return {
            "contenders": candidates(project), "tasks": list(task_names()), "free": project.free("report"),
            "evaluations": [_told(project, name) for name in project.evaluations()], "skills": _skills(),
        }  # fmt: skip

    @router.get("/evaluation", dependencies=[permissions.needs("view")])
    def evaluation(name: _Named) -> dict[str, Any]:
        return look(project.path(name), name)

    @router.get("/film", dependencies=[permissions.needs("view")])
    def film(name: _Named, film: _Film) -> FileResponse:
        file = project.path(name) / "videos" / film
        if not file.is_file() or not file.resolve().is_relative_to(project.root):
            raise ArmchairError(f"{name} has no film {film} any more: look at the list again.")
        return FileResponse(file, media_type="video/mp4")

    @router.get("/compare", dependencies=[permissions.needs("view")])
    def compare(a: _Named, b: _Named) -> dict[str, Any]:
        from armchair_policies.evaluation.compare import compare as pair_and_judge

        found = pair_and_judge(project.evaluation(a), project.evaluation(b))
        return {**found.as_dict(), "sentence": str(found.verdict)}

    @router.post("", dependencies=[permissions.needs("student")])
    def judge(asked: EvalJobRequest, request: Request) -> dict[str, Any]:
        if asked.policy not in candidates(project):
            raise ArmchairError(f"there is no policy {asked.policy} any more: choose another.")
        project.unused(asked.out)
        title = f"Judge {asked.policy} in {number_of(asked.episodes, 'scene')}, as {asked.out}"
        permissions.check_size(request, "scenes", asked.episodes, _STUDENTS_SCENES)
        return start("eval", title, asked.words, asked.out, request)

    return router


def _told(project: ProjectFolder, name: str) -> dict[str, Any]:
    """Return the score of a finished evaluation, or why it cannot be read: one that is damaged hides no other."""
    try:
        return summary(project.path(name), name) | {"trouble": ""}
    except ArmchairError as error:
        return {"name": name, "policy": "", "task": "", "successes": 0, "episodes": 0, "interval": (0, 1), "body": "",
                "trouble": str(error)}  # fmt: skip


def _skills() -> dict[str, dict[str, int]]:
    """Return how well the skills that ship do, and after how much training."""
    from armchair_policies.evaluation.results import load_result

    found = {}
    for name in skill_names():
        folder = locate_policy(name)
        score, recipe = load_result(folder), json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        found[name] = {
            "successes": score.successes, "episodes": score.episodes, "steps": recipe["steps"],
            "examples": recipe["episodes"],
        }  # fmt: skip
    return found


def candidates(project: ProjectFolder) -> list[str]:
    """Return who can be judged: own policies, skills that ship, and the expert."""
    own = project.policies()
    return [*own, *(name for name in skill_names() if name not in own), "expert"]


def summary(folder: Path, name: str) -> dict[str, Any]:
    """Return the score of a finished evaluation."""
    from armchair_policies.evaluation.results import load_result

    score = load_result(folder)
    return {
        "name": name, "policy": score.policy, "task": score.task, "successes": score.successes,
        "episodes": score.episodes, "interval": score.interval_95, "body": score.body, "first": score.first_seed,
    }  # fmt: skip


def look(folder: Path, name: str) -> dict[str, Any]:
    """Return an evaluation as it is now: tally with its interval, endings, films by ending, where the objects lay.

    `cells` and `spots` are as in the report: metres from the arm, x forward and y to its left; once all are judged.
    """
    from armchair_policies.evaluation.report.workspace_map import cells, spots
    from armchair_policies.evaluation.results import load_outcomes

    outcomes = load_outcomes(folder)
    done = sum(outcome.success for outcome in outcomes)
    endings: dict[str, int] = {}
    for outcome in outcomes:
        endings[outcome.ending] = endings.get(outcome.ending, 0) + 1
    found = spots(outcomes) if (folder / "eval.json").exists() else []
    return {
        "name": name, "successes": done, "episodes": len(outcomes), "whole": (folder / _WHOLE).exists(),
        "interval": wilson_interval(done, len(outcomes)) if outcomes else (0.0, 1.0),
        "endings": dict(sorted(endings.items(), key=lambda pair: (pair[0] != "success", -pair[1]))),
        "films": _films(folder, {outcome.seed: outcome.ending for outcome in outcomes}),
        "cells": [vars(cell) for cell in cells(found)] if found else [],
        "spots": [{"x_m": spot.x_m, "y_m": spot.y_m, "success": spot.outcome.success} for spot in found],
    }  # fmt: skip


def _films(folder: Path, endings: dict[int, str]) -> dict[str, list[str]]:
    """Names of films by how their scenes ended, successes last: failures teach more."""
    films: dict[str, list[str]] = {}
    for file in sorted((folder / "videos").glob("seed-*.mp4")):
        films.setdefault(endings.get(int(file.name.split("-")[1]), "?"), []).append(file.name)
    return dict(sorted(films.items(), key=lambda pair: pair[0] == "success"))
