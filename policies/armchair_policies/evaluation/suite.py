"""The suite of evaluations in changed worlds: one for each variation, in the same scenes.

OUT/<variation>/   the evaluation under that variation, as `armchair eval` writes one
OUT/robust.json    the table: success under each variation, and whether it differs from the nominal one
OUT/report.html    the same for people
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_core.processes.parallel import Workers
from armchair_datasets.recording.workspace import free_name, refuse_used_folder
from armchair_policies.evaluation.compare import CANNOT_TELL, ComparisonVerdict, judge_paired, pair_up
from armchair_policies.evaluation.evaluate import Listener, run_plans
from armchair_policies.evaluation.plan import EvalPlan, open_plan
from armchair_policies.evaluation.report.page import data_uri, render
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.results import EvalResult, load_outcomes
from armchair_policies.evaluation.statistics.paired import SIGNIFICANCE, holm
from armchair_sim.scene.variations import ROBUST, get_variation

# What is the same under every variation: fields of eval.json.
_SHARED = (
    "task", "instruction", "policy", "kind", "policy_sha256", "episodes", "first_seed", "last_seed", "training",
    "versions", "machine", "episode_s",
)  # fmt: skip


@dataclass(frozen=True)
class SuiteRow:
    """Success under one variation. `verdict` compares it, as B, with the nominal row, as A, in the same scenes.

    The verdict's p-value is corrected for the number of rows (Holm), so that more rows do not find more by chance.
    """

    variation: str
    sentence: str
    successes: int
    episodes: int
    success_rate: float
    interval_95: tuple[float, float]
    verdict: ComparisonVerdict | None

    @property
    def change(self) -> float:
        """Return how much more often it succeeded than nominally, as a share."""
        return 0.0 - self.verdict.difference if self.verdict else 0.0

    @property
    def words(self) -> str:
        """Return the verdict in a word or two; "" for the nominal row."""
        if self.verdict is None:
            return ""
        if self.verdict.words == CANNOT_TELL:
            return CANNOT_TELL
        return "worse" if self.verdict.difference > 0 else "better"


def prepare_suite(request: EvalRequest, resume: bool = False) -> list[EvalPlan]:
    """Return the plans of `request.suite`, all checked; begins nothing.

    Raises:
        ArmchairError: as `prepare_plan`.
    """
    _check_folder(request.out, ROBUST[0].name, resume)
    opened = open_plan(request)
    plans = [replace(opened, candidate=replace(opened.candidate, variation=one.name)) for one in ROBUST]
    return [plan.with_what_was_judged() if (plan.out / "exam.json").exists() else plan for plan in plans]


def _check_folder(out: Path, first: str, resume: bool) -> None:
    begun = (out / first / "exam.json").exists()
    if resume and not begun:
        raise ArmchairError(f"nothing waits in {out} to be resumed: leave --resume away to start anew.")
    if begun and not resume and not (out / "report.html").exists():
        raise ArmchairError(
            f"an unfinished evaluation waits in {out}: add --resume to finish it, or use "
            f"{quoted('--out', free_name(out))}."
        )
    if not resume:
        refuse_used_folder(out)


def run_suite(
    plans: Sequence[EvalPlan], workers: Workers = None, on_progress: Listener = lambda _: None
) -> list[SuiteRow]:
    """Judge, film and report; return the rows of the table, the nominal one first.

    Raises:
        ArmchairError: if it is interrupted or the disk is full.
    """
    results = run_plans(plans, workers, on_progress)
    rows, request = table(plans, results), plans[0].request
    about = {"suite": request.suite, "command": request.command, **{key: asdict(results[0])[key] for key in _SHARED}}
    out = request.out
    write_atomically(out / "robust.json", json.dumps(about | {"rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    videos = {row.variation: _video(out / row.variation) for row in rows}
    write_atomically(out / "report.html", render("robust.html.j2", {**about, "rows": rows, "videos": videos}))
    return rows


def table(plans: Sequence[EvalPlan], results: Sequence[EvalResult]) -> list[SuiteRow]:
    """Return every variation beside the nominal one."""
    successes = [{row.seed: row.success for row in load_outcomes(plan.out)} for plan in plans]
    verdicts = [judge_paired(pair_up(successes[0], varied)) for varied in successes[1:]]
    corrected = holm([verdict.p_value for verdict in verdicts])
    told = [None, *(_corrected(verdict, p_value) for verdict, p_value in zip(verdicts, corrected, strict=True))]
    return [
        SuiteRow(
            result.variation, get_variation(result.variation).sentence, result.successes, result.episodes,
            result.success_rate, result.interval_95, verdict,
        )
        for result, verdict in zip(results, told, strict=True)
    ]  # fmt: skip


def _corrected(verdict: ComparisonVerdict, p_value: float) -> ComparisonVerdict:
    return replace(verdict, p_value=p_value, words=verdict.words if p_value < SIGNIFICANCE else CANNOT_TELL)


def _video(folder: Path) -> str | None:
    """Return the first failure as a data URI, or the first success if it never failed."""
    videos = sorted((folder / "videos").glob("*.mp4"), key=lambda video: (video.stem.endswith("-success"), video.name))
    return data_uri(videos[0], "video/mp4") if videos else None
