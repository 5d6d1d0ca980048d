"""The comparison of two evaluations, scene by scene: is one candidate better, or can nobody tell yet?"""

from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

from armchair_core.command_line import named
from armchair_core.errors import ArmchairError
from armchair_core.files import no_folder, write_atomically
from armchair_datasets.recording.workspace import free_name
from armchair_policies.evaluation.report.page import render
from armchair_policies.evaluation.request import EvalRequest, time_given
from armchair_policies.evaluation.results import ARM, EvalResult, load_outcomes, load_result, seed_ranges
from armchair_policies.evaluation.statistics.paired import (
    SIGNIFICANCE,
    Paired,
    difference_interval,
    mcnemar,
    scenes_needed,
    smallest_detectable,
)
from armchair_policies.evaluation.statistics.wilson import wilson_interval

A_IS_BETTER, B_IS_BETTER, CANNOT_TELL = "A is better", "B is better", "cannot tell"


@dataclass(frozen=True)
class Side:
    """One of the two, in the scenes that both were judged in. `folder` is its evaluation's."""

    folder: str
    policy: str
    policy_sha256: str | None
    successes: int
    success_rate: float
    interval_95: tuple[float, float]


@dataclass(frozen=True)
class ComparisonVerdict:
    """What the pairs say. Rates and differences are shares, A's less B's; `more_scenes` is None where none would help.

    `smallest_detectable` is None if there are too few scenes for any difference.
    """

    words: str
    difference: float
    interval_95: tuple[float, float]
    p_value: float
    smallest_detectable: float | None
    more_scenes: int | None

    def __str__(self) -> str:
        """Return the verdict in one sentence."""
        points = f"{abs(self.difference) * 100:.1f} points"
        if self.words != CANNOT_TELL:
            apart = f"chance would set them so far apart with a probability of {self.p_value:.2g}"
            return f"{self.words}, by {points}: were they equal, {apart}."
        if self.more_scenes is None:
            return "Cannot tell: so far they are level."
        return (
            f"Cannot tell: if the {points} between them are real, some {self.more_scenes:,} more scenes would show it."
        )


@dataclass(frozen=True)
class Comparison:
    """Two candidates at one task. `warnings` are sentences about what may make the pairs unequal."""

    task: str
    instruction: str
    a: Side
    b: Side
    scenes: int
    seeds: str
    pairs: Paired
    verdict: ComparisonVerdict
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def judge_paired(pairs: Paired) -> ComparisonVerdict:
    """Return what at least one pair says.

    The exact test decides; the interval, an approximation, may differ at the edge.
    """
    p_value = mcnemar(pairs)
    words, more = CANNOT_TELL, None
    if p_value < SIGNIFICANCE:
        words = A_IS_BETTER if pairs.difference > 0 else B_IS_BETTER
    elif pairs.difference:
        more = max(1, scenes_needed(pairs.difference, pairs.discordant) - pairs.scenes)
    detectable = smallest_detectable(pairs.scenes, pairs.discordant)
    return ComparisonVerdict(words, pairs.difference, difference_interval(pairs), p_value, detectable, more)


def pair_up(a: dict[int, bool], b: dict[int, bool]) -> Paired:
    """Count the pairs among the scenes of both; the dictionaries say by seed who succeeded."""
    both = [(a[seed], b[seed]) for seed in a.keys() & b.keys()]
    return Paired(*(both.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))))


def compare(folder_a: Path, folder_b: Path) -> Comparison:
    """Compare two folders of evaluations.

    Raises:
        ArmchairError: if one is none or not finished, they are of different tasks, or have no scene in common.
    """
    result_a, result_b = _read(folder_a), _read(folder_b)
    _check_comparable(folder_a, result_a, folder_b, result_b)
    a, b = ({row.seed: row.success for row in load_outcomes(folder)} for folder in (folder_a, folder_b))
    common = sorted(a.keys() & b.keys())
    if not common:
        raise ArmchairError(
            f"the two have no scene in common (seeds {seed_ranges(a)} and {seed_ranges(b)}): judge one in the scenes "
            f"of the other with `{_as_judged(result_b, result_a, folder_b)}`."
        )
    pairs = pair_up(a, b)
    return Comparison(
        task=result_a.task,
        instruction=result_a.instruction,
        a=_side(folder_a, result_a, [a[seed] for seed in common]),
        b=_side(folder_b, result_b, [b[seed] for seed in common]),
        scenes=len(common),
        seeds=seed_ranges(common),
        pairs=pairs,
        verdict=judge_paired(pairs),
        warnings=_warnings(result_a, result_b),
    )


def write_comparison(comparison: Comparison, html: Path, command: str) -> None:
    """Write it as a page; `command` is the line that made it."""
    low, high = comparison.verdict.interval_95
    contents = {
        **comparison.as_dict(),
        "sentence": str(comparison.verdict),
        # Of the axis: the interval with some air, in tens of points.
        "reach": min(1.0, ceil(max(-low, high) * 11) / 10),
        "command": command,
    }
    write_atomically(html, render("compare.html.j2", contents))


def _read(folder: Path) -> EvalResult:
    if (folder / "eval.json").exists():
        return load_result(folder)
    if (folder / "exam.json").exists():
        raise ArmchairError(
            f"the evaluation in {folder} is not finished: finish it with the `{named('eval')}` "
            "that began it and --resume."
        )
    if folder.is_dir():
        raise ArmchairError(f"{folder} holds no evaluation (no eval.json): name a folder that `{named('eval')}` wrote.")
    raise ArmchairError(no_folder(folder, "report", f": name one that `{named('eval')}` wrote."))


def _check_comparable(folder_a: Path, a: EvalResult, folder_b: Path, b: EvalResult) -> None:
    if (a.env, a.task) != (b.env, b.task):
        raise ArmchairError(
            f"{folder_a} is about {a.task} and {folder_b} about {b.task}: compare at one task, with "
            f"`{_as_judged(b, a, folder_b)}`."
        )
    for folder, result in ((folder_a, a), (folder_b, b)):
        if result.body == ARM:
            raise ArmchairError(
                f"the trials in {folder} were held on a real arm, where no scene can be set twice: compare evaluations "
                "in simulation or on the twin."
            )


def _as_judged(one: EvalResult, other: EvalResult, folder: Path) -> str:
    """Return the line that judges `one` as the `other` was judged, beside its own `folder`."""
    return EvalRequest(
        one.policy, other.task, other.episodes, other.first_seed, free_name(folder), other.env, other.episode_s
    ).command


def _side(folder: Path, result: EvalResult, succeeded: list[bool]) -> Side:
    successes, scenes = sum(succeeded), len(succeeded)
    interval = wilson_interval(successes, scenes)
    return Side(str(folder), result.policy, result.policy_sha256, successes, successes / scenes, interval)


def _warnings(a: EvalResult, b: EvalResult) -> tuple[str, ...]:
    """Return why the same seed may not have been the same scene, or one of them had the easier one."""
    said = []
    for name in ("armchair", "mujoco"):
        if a.versions.get(name) != b.versions.get(name):
            said.append(
                f"A was judged with {name} {a.versions.get(name)} and B with {b.versions.get(name)}: "
                "one seed may be two scenes."
            )
    if a.variation != b.variation:
        said.append(f"A was judged under the conditions {a.variation!r} and B under {b.variation!r}.")
    if a.episode_s != b.episode_s:
        said.append(f"A was given {time_given(a.episode_s)} and B {time_given(b.episode_s)}.")
    if a.body != b.body:
        said.append("one was judged in simulation and the other on the twin, in real time, which may matter, too.")
    return tuple(said)
