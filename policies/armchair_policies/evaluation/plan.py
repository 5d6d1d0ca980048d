"""The plan of an evaluation: what was asked for, checked, and what an interrupted one has already found.

exam.json, written before the first row, says what the rows in episodes.jsonl belong to. They are resumed only for
the same weights, task, scenes and versions, so that nobody can tell a resumed evaluation from one that never stopped.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_core.versions import versions
from armchair_core.words import number_of
from armchair_datasets.recording.workspace import free_name, is_taken, refuse_used_folder
from armchair_policies.evaluation.candidate import Candidate, find_candidate
from armchair_policies.evaluation.request import EvalRequest, time_given
from armchair_policies.evaluation.results import damage_explained, load_outcomes, seed_ranges, write_outcomes
from armchair_policies.training.provenance import policy_sha256
from armchair_robot.loop.episode import Outcome
from armchair_sim.seeds import FIRST_EVALUATION_SEED, evaluation_seeds

LONGEST_S = 600.0  # that a scene may last


@dataclass(frozen=True)
class EvalPlan:
    """An evaluation that can be held: everything about it has been checked.

    `request` names the task in any case, `judged` is what is known already.
    """

    request: EvalRequest
    candidate: Candidate
    provenance: dict[str, Any]
    judged: tuple[Outcome, ...] = ()

    @property
    def seeds(self) -> range:
        """The seeds of its scenes."""
        return evaluation_seeds(self.request.seed, self.request.episodes)

    @property
    def out(self) -> Path:
        """The folder that it writes; a suite's folder has one for each variation."""
        return self.request.out / self.candidate.variation if self.request.suite else self.request.out

    @property
    def is_finished(self) -> bool:
        """Whether its report is there."""
        return (self.out / "report.html").exists()

    def identity(self) -> dict[str, Any]:
        """Return what must be the same for an evaluation to be the same evaluation. Reads the policy's weights."""
        candidate = self.candidate
        return {
            "policy": policy_sha256(candidate.folder) if candidate.folder else candidate.name,
            "task": candidate.task,
            "episodes": self.request.episodes,
            "seed": self.request.seed,
            "variation": candidate.variation,
            "env": candidate.env,
            "episode_s": candidate.episode_s,
            "versions": versions(),
        }

    def begin(self) -> None:
        """Write down what the rows will belong to, unless an interrupted evaluation has done so."""
        if not (self.out / "exam.json").exists():
            self.out.mkdir(parents=True, exist_ok=True)
            write_atomically(self.out / "exam.json", json.dumps(self.identity(), indent=2) + "\n")

    def with_what_was_judged(self) -> "EvalPlan":
        """Return the same with the rows of the interrupted evaluation in its folder.

        Half a line that a power cut may have left is removed from them.

        Raises:
            ArmchairError: if there is none, or it was begun with something else.
        """
        _check_same(self)
        outcomes = load_outcomes(self.out)
        if [outcome.seed for outcome in outcomes] != list(self.seeds[: len(outcomes)]):
            raise ArmchairError(
                f"the rows in {self.out / 'episodes.jsonl'} are not those of the scenes {seed_ranges(self.seeds)} in "
                f"order: judge anew, with {quoted('--out', free_name(self.out))}."
            )
        write_outcomes(outcomes, self.out)
        return replace(self, judged=tuple(outcomes))

    def how_to_go_on(self) -> str:
        """Return the line that holds the rest of it."""
        command = self.request.command
        return command + " --resume" if (self.out / "exam.json").exists() else command


def prepare_plan(request: EvalRequest, resume: bool = False) -> EvalPlan:
    """Check what is asked for; begins nothing. To `resume`, read what was judged before it was interrupted.

    Raises:
        ArmchairError: if there is no such candidate or task, a seed was trained on, `out` is in use, or what waits
            there to be resumed was begun with something else.
    """
    plan = open_plan(request)
    if resume:
        return plan.with_what_was_judged()
    _refuse_unfinished(plan)
    refuse_used_folder(plan.out)
    return plan


def open_plan(request: EvalRequest) -> EvalPlan:
    """Check what is asked for without a look at `request.out`.

    Raises:
        ArmchairError: if there is no such candidate or task, a seed was trained on, or a scene can't last so long.
    """
    seeds = evaluation_seeds(request.seed, request.episodes)
    _check_time(request.episode_s, request.env)
    candidate, provenance = find_candidate(request)
    refuse_training_seeds(seeds, provenance.get("training_seeds", ()))
    return EvalPlan(replace(request, task=candidate.task), candidate, provenance)


def refuse_training_seeds(seeds: range, taught: Iterable[int]) -> None:
    """Raise ArmchairError if the policy was trained on one of `seeds`: it would be judged on what it saw."""
    both = set(seeds) & set(taught)
    if both:
        free = max(FIRST_EVALUATION_SEED, max(taught) + 1)
        raise ArmchairError(
            f"the policy was trained on {len(both)} of these scenes (seeds {seed_ranges(both)}), "
            f"and a score there would flatter it: use {quoted('--seed', free)}."
        )


def _check_time(episode_s: float | None, env: str | None) -> None:
    if episode_s is None:
        return
    if env:
        raise ArmchairError(f"how long an episode of {env} may last is its own affair: leave --episode-time away.")
    if not 0 < episode_s <= LONGEST_S:
        raise ArmchairError(f"a scene may last up to {LONGEST_S:g} seconds, not {episode_s:g}: use --episode-time 30.")


def _refuse_unfinished(plan: EvalPlan) -> None:
    if (plan.out / "exam.json").exists() and not plan.is_finished:
        raise ArmchairError(
            f"an unfinished evaluation of {number_of(len(load_outcomes(plan.out)), 'scene')} waits in {plan.out}: add "
            f"--resume to finish it, or use {quoted('--out', free_name(plan.out))}."
        )


def _check_same(plan: EvalPlan) -> None:
    begun_file, free = plan.out / "exam.json", free_name(plan.out)
    if not begun_file.exists():
        if is_taken(plan.out):
            raise ArmchairError(
                f"{plan.out} holds no evaluation to be resumed: use {quoted('--out', free)} without --resume."
            )
        raise ArmchairError(f"nothing waits in {plan.out} to be resumed: leave --resume away to start anew.")
    asked = plan.identity()
    with damage_explained(begun_file):
        begun = dict(json.loads(begun_file.read_text(encoding="utf-8")))
    differing = [name for name in asked if begun.get(name) != asked[name]]  # an older one names less
    if differing:
        changes = "; ".join(_change(name, begun.get(name), asked[name]) for name in differing)
        raise ArmchairError(
            f"the evaluation in {plan.out} was begun with {changes}: resume it with what it was begun with, "
            f"or use {quoted('--out', free)}."
        )


def _change(name: str, begun: Any, asked: Any) -> str:
    if name == "versions":
        known = begun or {}  # an old one may not say
        return ", ".join(f"{one} {known.get(one)}, not {asked[one]}" for one in asked if known.get(one) != asked[one])
    if name == "policy":
        return f"another policy ({str(begun)[:12]}, not {asked[:12]})"
    if name == "episode_s":
        return f"{time_given(begun)} for a scene, not {time_given(asked)}"
    return f"{name} {begun}, not {asked}"
