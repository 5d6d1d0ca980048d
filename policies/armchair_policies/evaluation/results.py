"""The results of an evaluation, as they stand in its folder: eval.json and episodes.jsonl.

A row of episodes.jsonl is an episode: `seed`, `outcome` (its ending), `success`, `steps`, and `object_at_m`, where the
object lay at the start (x, y; see `Outcome.object_at`). Rows of trials on a real arm, of other environments, and those
that were written before there was such a key, lack the last.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_core.files import not_a_link, write_atomically
from armchair_core.so101.kinematics import FPS
from armchair_core.versions import versions
from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.environment import env_config
from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_policies.training.provenance import machine, policy_sha256
from armchair_robot.loop.episode import Outcome
from armchair_sim.tasks import get_task, task_names

_DAMAGED = "{file} cannot be read: it is damaged, or another version's. Judge once more into another folder."
SIMULATION, TWIN, ARM = "simulation", "twin", "arm"


@dataclass(frozen=True)
class EvalResult:
    """The score of an evaluation, which eval.json holds.

    `kind` is "policy" or "hand" (a teleoperator of ours), `interval_95` Wilson's, `endings` how many episodes ended
    in which way, `image_size` (height, width) in pixels, `training` the policy's armchair.json with its seeds as
    ranges. `body` is what moved: the simulation in its own time, the twin through its bus and cameras, or an arm;
    `control` says how well the loop kept time with the last two. `policy_sha256` is `provenance.policy_sha256`,
    None for a teleoperator, and `machine` what computed all this. `seconds` is None if the evaluation was
    interrupted and resumed. `variation` names what differed in the world (see `armchair_sim.scene.variation`).
    `env` is LeRobot's type of environment, None for our tasks. An episode could last `episode_s` seconds, None for
    as long as the task says.
    """

    task: str
    instruction: str
    policy: str
    kind: str
    episodes: int
    successes: int
    success_rate: float
    interval_95: tuple[float, float]
    first_seed: int
    last_seed: int
    endings: dict[str, int]
    fps: int
    image_size: tuple[int, int]
    seconds: float | None
    command: str
    versions: dict[str, str]
    training: dict[str, Any]
    body: str = SIMULATION
    control: dict[str, float | int] = field(default_factory=dict)
    policy_sha256: str | None = None
    machine: dict[str, str | int] = field(default_factory=dict)
    variation: str = "nominal"
    env: str | None = None
    episode_s: float | None = None


def summarise(
    candidate: Candidate, provenance: dict[str, Any], outcomes: list[Outcome], seconds: float | None, command: str
) -> EvalResult:
    """Return the score of at least one outcome, in the order of their seeds; `command` is the line that repeats it."""
    successes = sum(outcome.success for outcome in outcomes)
    first, last = outcomes[0].seed, outcomes[-1].seed
    return EvalResult(
        task=candidate.task,
        instruction=instruction_of(candidate.task),
        policy=candidate.name,
        kind="hand" if candidate.folder is None else "policy",
        episodes=len(outcomes),
        successes=successes,
        success_rate=successes / len(outcomes),
        interval_95=wilson_interval(successes, len(outcomes)),
        first_seed=first,
        last_seed=last,
        endings=dict(Counter(outcome.ending for outcome in outcomes).most_common()),
        fps=env_config(candidate.env, candidate.task).fps if candidate.env else FPS,
        image_size=(candidate.height, candidate.width),
        seconds=None if seconds is None else round(seconds, 1),
        command=command,
        versions=versions(),
        training=_training(provenance),
        policy_sha256=policy_sha256(candidate.folder) if candidate.folder else None,
        machine=machine(),
        variation=candidate.variation,
        env=candidate.env,
        episode_s=candidate.episode_s,
    )


def instruction_of(task: str) -> str:
    """Return the sentence of a task; on a real arm the task is one."""
    return get_task(task).instruction if task in task_names() else task


def save_result(result: EvalResult, out: Path) -> None:
    """Write eval.json."""
    write_atomically(out / "eval.json", json.dumps(asdict(result), indent=2) + "\n")


def load_result(out: Path) -> EvalResult:
    """Read eval.json.

    Raises:
        ArmchairError: if it is damaged.
    """
    file = out / "eval.json"
    with damage_explained(file):
        found = json.loads(file.read_text(encoding="utf-8"))
        pairs = {name: tuple(found[name]) for name in ("interval_95", "image_size")}
        return EvalResult(**{**found, **pairs})


def append_outcome(outcome: Outcome, out: Path) -> None:
    """Add a row to episodes.jsonl. The first makes the folder: a failure before it leaves nothing."""
    out.mkdir(parents=True, exist_ok=True)
    with not_a_link(out / "episodes.jsonl").open("a", encoding="utf-8") as rows:
        rows.write(_row(outcome))


def write_outcomes(outcomes: Iterable[Outcome], out: Path) -> None:
    """Make these the rows of episodes.jsonl."""
    write_atomically(out / "episodes.jsonl", "".join(map(_row, outcomes)))


def _row(outcome: Outcome) -> str:
    row = {"seed": outcome.seed, "outcome": outcome.ending, "success": outcome.success, "steps": outcome.steps}
    place = {} if outcome.object_at is None else {"object_at_m": outcome.object_at}
    return json.dumps(row | place) + "\n"


def _outcome(row: dict[str, Any]) -> Outcome:
    place = row.get("object_at_m")
    return Outcome(row["seed"], row["success"], row["steps"], row["outcome"], place and (place[0], place[1]))


def load_outcomes(out: Path) -> list[Outcome]:
    """Read the whole rows of episodes.jsonl; none if it is not there.

    Raises:
        ArmchairError: if one is damaged, apart from a last one without an end, as a power cut may leave it.
    """
    file = out / "episodes.jsonl"
    with damage_explained(file):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
        return [_outcome(json.loads(line)) for line in lines if line.endswith("\n")]


@contextmanager
def damage_explained(file: Path) -> Iterator[None]:
    """Turn what goes wrong while one of an evaluation's files is read into a sentence."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ArmchairError(_DAMAGED.format(file=f"{file.parent.name}/{file.name}")) from error


def seed_ranges(seeds: Iterable[int]) -> str:
    """Return seeds for people: ``0 to 49, 60``."""
    runs: list[list[int]] = []
    for seed in sorted(set(seeds)):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1][1:] = [seed]
        else:
            runs.append([seed])
    return ", ".join(" to ".join(map(str, run)) for run in runs)


def _training(provenance: dict[str, Any]) -> dict[str, Any]:
    """Return the provenance with its list of seeds, hundreds of numbers, said in ranges."""
    if "training_seeds" not in provenance:
        return provenance
    return provenance | {"training_seeds": seed_ranges(provenance["training_seeds"])}
