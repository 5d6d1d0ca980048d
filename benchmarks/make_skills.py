"""The making of a skill that ships: record, train, judge, write the card.

    python benchmarks/make_skills.py lift --out skill

Steps are counted, not minutes, so that the same recipe gives the same policy on any machine of one kind.
"""

import argparse
import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record
from armchair_datasets.recording.workspace import refuse_used_folder
from armchair_policies.evaluation.evaluate import evaluate
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.results import EvalResult
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest
from armchair_sim.seeds import FIRST_EVALUATION_SEED
from armchair_sim.tasks import get_task, task_names

STEPS = 5_000


@dataclass(frozen=True)
class Recipe:
    """What a skill is made of. `seed` is the first of the recorded scenes and the network's own."""

    task: str
    episodes: int = 100
    steps: int = STEPS
    seed: int = 0
    scenes: int = 200


def make_skill(recipe: Recipe, out: Path) -> EvalResult:
    """Make the skill in the new folder `out`/<task>; the dataset and the checkpoints stay beside it.

    Raises:
        ArmchairError: if `out` is in use, or a step cannot be done.
    """
    refuse_used_folder(out)
    record(SimulatedRecordingRequest(recipe.task, "expert", recipe.episodes, recipe.seed, out / "dataset"))
    policy = train(TrainRequest((out / "dataset",), out / "policy", steps=recipe.steps, seed=recipe.seed))
    result = evaluate(EvalRequest(str(policy), recipe.task, recipe.scenes, FIRST_EVALUATION_SEED, out / "report"))
    pack_skill(recipe, policy, out / "report", out / recipe.task)
    return result


def pack_skill(recipe: Recipe, policy: Path, report: Path, skill: Path) -> None:
    """Fill the folder `skill` from a pretrained_model folder and its evaluation."""
    shutil.copytree(policy, skill)
    (skill / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    score = json.loads((report / "eval.json").read_text(encoding="utf-8"))
    about = json.loads((policy / "armchair.json").read_text())
    # Where it was made is nobody's business, and says nothing elsewhere.
    about["dataset"] = f"{recipe.episodes} episodes of {recipe.task} by the expert, from seed {recipe.seed}"
    judged = EvalRequest(recipe.task, recipe.task, score["episodes"], score["first_seed"], Path("report"))
    score["command"] = judged.command
    score["policy"], score["training"] = recipe.task, about
    (skill / "armchair.json").write_text(json.dumps(about, indent=2))
    (skill / "eval.json").write_text(json.dumps(score, indent=2) + "\n")
    (skill / "README.md").write_text(_card(recipe, score), encoding="utf-8")


def _card(recipe: Recipe, score: dict[str, Any]) -> str:
    page = Environment(loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True)
    return page.get_template("skill_card.md.j2").render(
        recipe=recipe, score=score, instruction=get_task(recipe.task).instruction, percent="{:.1%}".format
    )


def main() -> None:
    """Make one skill from its recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=task_names())
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    asked = parser.parse_args()
    result = make_skill(replace(Recipe(asked.task), steps=asked.steps), asked.out)
    print(f"{result.successes} of {result.episodes}: {asked.out / asked.task}")


if __name__ == "__main__":
    main()
