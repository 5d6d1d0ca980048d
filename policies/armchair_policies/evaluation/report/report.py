"""The report of an evaluation: its folder as one page for a projector, report.html, which needs nothing else."""

from pathlib import Path
from statistics import median
from typing import Any

from armchair_core.files import write_atomically
from armchair_policies.evaluation.report.page import data_uri, render
from armchair_policies.evaluation.report.workspace_map import cells, spots
from armchair_policies.evaluation.results import load_outcomes, load_result
from armchair_robot.loop.episode import Outcome

# Colours that people with any colour vision tell apart (Okabe and Ito, 2008); blue is kept for success.
FAILURE_COLOURS = ("#e69f00", "#d55e00", "#cc79a7", "#b8a800", "#7f7f7f")
SUCCESS_COLOUR = "#0072b2"


def write_report(folder: Path, loss_png: Path | None = None) -> Path:
    """Write `folder`/report.html from its eval.json, episodes.jsonl and videos/; `loss_png` is shown. Return it."""
    html = render("report.html.j2", _contents(folder, loss_png))
    write_atomically(folder / "report.html", html)
    return folder / "report.html"


def _contents(folder: Path, loss_png: Path | None) -> dict[str, Any]:
    score, outcomes = load_result(folder), load_outcomes(folder)
    found = spots(outcomes)
    return {
        "score": score,
        "outcomes": outcomes,
        "colours": _colours(score.endings),
        "median_success_s": _median_success_s(outcomes, score.fps),
        "videos": _videos(folder, outcomes, score.endings),
        "spots": sorted(found, key=lambda spot: not spot.outcome.success),  # failures on top
        "cells": cells(found),
        "loss_png": data_uri(loss_png, "image/png") if loss_png else None,
        "training": _training_rows(score.training),
    }


def _colours(endings: dict[str, int]) -> dict[str, str]:
    """Return ending -> colour, the commonest failure first; past five kinds of failure the last colour repeats."""
    failures = [ending for ending in endings if ending != "success"]
    spare = FAILURE_COLOURS[-1:] * len(failures)
    return {"success": SUCCESS_COLOUR} | dict(zip(failures, FAILURE_COLOURS + spare, strict=False))


def _median_success_s(outcomes: list[Outcome], fps: int) -> float | None:
    steps = [outcome.steps for outcome in outcomes if outcome.success]
    return median(steps) / fps if steps else None


def _videos(folder: Path, outcomes: list[Outcome], endings: dict[str, int]) -> dict[str, list[dict[str, Any]]]:
    """Return the videos by how they ended, each by seed: successes first, then failures, the commonest kind first."""
    by_seed = {outcome.seed: outcome for outcome in outcomes}
    videos: dict[str, list[dict[str, Any]]] = {ending: [] for ending in ("success", *endings)}
    for path in sorted((folder / "videos").glob("seed-*.mp4")):
        outcome = by_seed[int(path.name.split("-")[1])]
        videos[outcome.ending].append({"outcome": outcome, "uri": data_uri(path, "video/mp4")})
    return {ending: found for ending, found in videos.items() if found}


def _training_rows(training: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what armchair.json tells of the training, in words; what it does not tell is left out."""
    words = {
        "policy": "network",
        "hand": "teacher",
        "task": "task",
        "dataset": "dataset",
        "training_seeds": "recorded seeds",
        "episodes": "recorded episodes",
        "steps": "training steps",
        "minutes": "training minutes",
        "seed": "training seed",
    }
    return [(label, _spaced(training[key])) for key, label in words.items() if training.get(key) is not None]


def _spaced(value: Any) -> str:
    """Return numbers with thousands apart; everything else as it is."""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
