"""An evaluation before it is held: what was asked for, checked, and what an interrupted one has already found.

exam.json, written before the first row, says what the rows in episodes.jsonl belong to. They are resumed only for
the same weights, task, scenes and versions, so that nobody can tell a resumed evaluation from one that never stopped.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_core.versions import versions
from armchair_datasets.recording.workspace import free_name, is_taken, refuse_used_folder
from armchair_policies.evaluation.candidate import Candidate, find_candidate
from armchair_policies.evaluation.request import EvalRequest, time_given
from armchair_policies.evaluation.results import load_outcomes, seed_ranges, write_outcomes
from armchair_policies.training.provenance import policy_sha256
from armchair_robot.loop.episode import Outcome
from armchair_sim.seeds import FIRST_EVALUATION_SEED, evaluation_seeds

LONGEST_S = 600.0  # that a scene may last


@dataclass(frozen=True)
class EvalPlan:
    """An evaluation that can be held: everything about it has been checked.

    `judged` is what is known already, `suite` the suite that it belongs to, whose folder is then the parent of `out`.
    """

    contender: Candidate
    provenance: dict[str, Any]
    seeds: range
    out: Path
    judged: tuple[Outcome, ...] = ()
    suite: str | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """What must be the same for an evaluation to be the same evaluation."""
        folder = self.contender.folder
        return {
            "policy": policy_sha256(folder) if folder else self.contender.name,
            "task": self.contender.task,
            "episodes": len(self.seeds),
            "seed": self.seeds[0],
            "variation": self.contender.variation,
            "env": self.contender.env,
            "episode_s": self.contender.episode_s,
            "versions": versions(),
        }

    def with_what_was_judged(self) -> "EvalPlan":
        """The same, with the rows of the interrupted evaluation in its folder.

        Raises:
            ArmchairError: if there is none, or it was begun with something else.
        """
        return replace(self, judged=tuple(_judged(self)))

    @property
    def is_finished(self) -> bool:
        return (self.out / "report.html").exists()

    def begin(self) -> None:
        """Write down what the rows will belong to, unless an interrupted evaluation has done so."""
        if not (self.out / "exam.json").exists():
            self.out.mkdir(parents=True, exist_ok=True)
            write_atomically(self.out / "exam.json", json.dumps(self.asked, indent=2) + "\n")

    @property
    def command(self) -> str:
        """The line that holds it again."""
        who, out, seeds = self.contender, self.out.parent if self.suite else self.out, self.seeds
        return EvalRequest(who.name, who.task, len(seeds), seeds[0], out, who.env, who.episode_s, self.suite).command

    def how_to_go_on(self) -> str:
        """The line that holds the rest of it."""
        return self.command + " --resume" if (self.out / "exam.json").exists() else self.command


def prepare_plan(request: EvalRequest, resume: bool = False) -> EvalPlan:
    """Check what is asked for; begins nothing. To `resume`, read what was judged before it was interrupted.

    Raises:
        ArmchairError: if there is no such contender or task, a seed was trained on, `out` is in use, or what waits
            there to be resumed was begun with something else.
    """
    exam = open_plan(request)
    if resume:
        return exam.with_what_was_judged()
    _refuse_unfinished(exam.out)
    refuse_used_folder(exam.out)
    return exam


def open_plan(request: EvalRequest) -> EvalPlan:
    """The same without a look at `request.out`.

    Raises:
        ArmchairError: if there is no such contender or task, a seed was trained on, or a scene can't last so long.
    """
    seeds = evaluation_seeds(request.seed, request.episodes)
    _check_time(request.episode_s, request.env)
    contender, provenance = find_candidate(request.policy, request.task, request.env)
    refuse_training_seeds(seeds, provenance.get("training_seeds", ()))
    return EvalPlan(
        replace(contender, episode_s=request.episode_s), provenance, seeds, request.out, suite=request.suite
    )


def refuse_training_seeds(seeds: range, taught: Iterable[int]) -> None:
    """Raise ArmchairError if the policy was trained on one of `seeds`: it would be judged on what it saw."""
    both = set(seeds) & set(taught)
    if both:
        free = max(FIRST_EVALUATION_SEED, max(taught) + 1)
        raise ArmchairError(
            f"the policy was trained on {len(both)} of these scenes (seeds {seed_ranges(both)}), "
            f"and a score there would flatter it: use --seed {free}."
        )


def _check_time(episode_s: float | None, env: str | None) -> None:
    if episode_s is None:
        return
    if env:
        raise ArmchairError(f"how long an episode of {env} may last is its own affair: leave --episode-time away.")
    if not 0 < episode_s <= LONGEST_S:
        raise ArmchairError(f"a scene may last up to {LONGEST_S:g} seconds, not {episode_s:g}: use --episode-time 30.")


def _refuse_unfinished(out: Path) -> None:
    if (out / "exam.json").exists() and not (out / "report.html").exists():
        raise ArmchairError(
            f"an unfinished evaluation of {len(load_outcomes(out))} scenes waits in {out}: add --resume to finish it, "
            f"or use --out {free_name(out)}."
        )


def _judged(exam: EvalPlan) -> list[Outcome]:
    """The rows of the interrupted evaluation, rid of half a line that a power cut may have left."""
    _check_same(exam)
    outcomes = load_outcomes(exam.out)
    if [outcome.seed for outcome in outcomes] != list(exam.seeds[: len(outcomes)]):
        raise ArmchairError(
            f"the rows in {exam.out / 'episodes.jsonl'} are not those of the scenes {seed_ranges(exam.seeds)} in "
            f"order: judge anew, with --out {free_name(exam.out)}."
        )
    write_outcomes(outcomes, exam.out)
    return outcomes


def _check_same(exam: EvalPlan) -> None:
    begun_file, free = exam.out / "exam.json", free_name(exam.out)
    if not begun_file.exists():
        if is_taken(exam.out):
            raise ArmchairError(f"{exam.out} holds no evaluation to be resumed: use --out {free} without --resume.")
        raise ArmchairError(f"nothing waits in {exam.out} to be resumed: leave --resume away to start anew.")
    begun, asked = json.loads(begun_file.read_text(encoding="utf-8")), exam.asked
    differing = [name for name in asked if begun.get(name) != asked[name]]  # an older one names less
    if differing:
        changes = "; ".join(_change(name, begun.get(name), asked[name]) for name in differing)
        raise ArmchairError(
            f"the evaluation in {exam.out} was begun with {changes}: resume it with what it was begun with, "
            f"or use --out {free}."
        )


def _change(name: str, begun: Any, asked: Any) -> str:
    if name == "versions":
        return ", ".join(f"{one} {begun.get(one)}, not {asked[one]}" for one in asked if begun.get(one) != asked[one])
    if name == "policy":
        return f"another policy ({begun[:12]}, not {asked[:12]})"
    if name == "episode_s":
        return f"{time_given(begun)} for a scene, not {time_given(asked)}"
    return f"{name} {begun}, not {asked}"
