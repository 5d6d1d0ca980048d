"""The scores of each policy by episodes and training time. One command makes the page.

    uv run python benchmarks/policies.py --out work            # hours: everything the plan names and the page lacks
    uv run python benchmarks/policies.py --out work --only place --policy nano --seeds 1
    uv run python benchmarks/policies.py                       # the page alone, from policies.json

Each cell of the plan is three commands of `armchair`: record, train, eval. Its score goes to policies.json as soon as
it is known; what is there already is not done again, and a cell that was cut off goes on where it was. All train for
a number of steps, so that a busy machine changes nothing but the time it takes.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from armchair_core.files import write_atomically
from armchair_datasets.recording.workspace import Workspace
from armchair_policies.evaluation.statistics.wilson import wilson_interval

SCORES = Path(__file__).with_suffix(".json")
PAGE = Path(__file__).with_suffix(".md")
TASKS = ("lift", "place", "reach", "sort")  # push and stack are for judging a base that has not seen them
SCENES = 200
TARGETS = {"reach": 98, "lift": 95, "place": 90}  # % of scenes, from 100 episodes and 10 minutes
STEPS = 5_000  # some 10 minutes of one core
TEN_MINUTES = 7_500  # as many steps as two cores make in 10 minutes, if others use the machine, too
TOGETHER_STEPS = 20_000  # for one policy of all tasks
HOUR_STEPS = {"act": 3_874, "diffusion": 2_711}  # that one core makes in 60 minutes


@dataclass(frozen=True)
class Cell:
    """A policy that is trained and judged; `policy` is a LeRobot type, or `expert`, which needs no training.

    If `together`, it is trained on so many episodes of every task.
    """

    task: str
    policy: str = "nano"
    episodes: int = 100
    steps: int | None = STEPS
    seed: int = 0
    together: bool = False

    @property
    def trained(self) -> str:
        """How long, in words."""
        return f"{self.steps:,} steps" if self.steps else ""

    def commands(self, out: Path) -> list[list[str]]:
        """The lines that make it, in the folder `out`."""
        name = "-".join([self.policy, str(self.episodes), *self.trained.replace(",", "").split()])
        taught = TASKS if self.together else (self.task,)
        policy = out / f"{'together' if self.together else self.task}-{name}"
        report = out / f"{self.task}-{'together-' if self.together else ''}{name}-report"
        if self.seed:
            policy, report = (folder.with_name(f"{folder.name}-seed-{self.seed}") for folder in (policy, report))
        judge = ["eval", "expert" if self.policy == "expert" else str(policy), "--task", self.task]
        judge += ["--episodes", str(SCENES), "--out", str(report)]
        if self.policy == "expert":
            return [judge]
        data = {task: str(out / f"{task}-{self.episodes}") for task in taught}
        how = ["--policy", self.policy, "--steps", str(self.steps), "--seed", str(self.seed), "--out", str(policy)]
        record = (
            ["record", "--task", task, "--episodes", str(self.episodes), "--out", folder]
            for task, folder in data.items()
        )
        return [*record, ["train", *data.values(), *how], judge]


def plan() -> list[Cell]:
    """All there is to know: the targets first, then the curves, then the others at the same data."""
    cells = [Cell(task, seed=seed) for seed in range(3) for task in TASKS]
    cells += [Cell(task, steps=TEN_MINUTES, seed=seed) for seed in range(3) for task in ("place", "sort")]
    cells += [Cell(task, "expert", 0, None) for task in TASKS]
    cells += [Cell(task, steps=TOGETHER_STEPS, together=True) for task in TASKS]
    cells += [Cell(task, steps=steps) for task in TARGETS for steps in (2_500, 20_000)]
    cells += [Cell(task, episodes=episodes) for task in TARGETS for episodes in (25, 50, 200)]
    cells += [Cell(task, kind, steps=steps) for kind, steps in HOUR_STEPS.items() for task in TASKS]
    return cells


def do(cell: Cell, out: Path) -> dict[str, Any]:
    """Record, train and judge, as far as that is not done yet; the row for policies.json."""
    commands = cell.commands(out)
    for command in commands:
        folder = Path(command[-1])
        if command[0] == "record" and folder.exists():
            continue
        begun = Workspace(folder.resolve()).root if command[0] == "record" else folder
        resume = ["--resume"] if begun.exists() else []
        subprocess.run([Path(sys.executable).parent / "armchair", *command, *resume], check=True)
    score = json.loads((Path(commands[-1][-1]) / "eval.json").read_text(encoding="utf-8"))
    trained = score["training"] or {}
    return {
        **asdict(cell),
        "successes": score["successes"],
        "scenes": score["episodes"],
        "endings": score["endings"],
        "trained": {name: trained.get(name) for name in ("steps", "minutes")},
        "policy_sha256": score["policy_sha256"],
        "machine": score["machine"],
        "versions": score["versions"],
    }


def read_scores() -> list[dict[str, Any]]:
    return json.loads(SCORES.read_text(encoding="utf-8")) if SCORES.exists() else []


def cell_of(row: dict[str, Any]) -> Cell:
    return Cell(**{name: row[name] for name in Cell.__dataclass_fields__})


def page(rows: Iterable[dict[str, Any]]) -> str:
    """The scores for people, in Markdown: a line for each cell of the plan but its seed, and the commands below."""
    alike: dict[Cell, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        alike[replace(cell_of(row), seed=0)].append(row)
    cells = sorted(alike, key=lambda cell: (cell.task, cell.together, cell.policy, cell.episodes, cell.steps or 0))
    lines = [_HEAD, *(_line(cell, alike[cell]) for cell in cells), _COMMANDS]
    for cell in cells:
        typed = [" ".join(["armchair", *words]) for words in cell.commands(Path("work"))]
        lines += ["", f"{_title(cell)}:", "```", *typed, "```"]
    return "\n".join(lines) + "\n"


def _line(cell: Cell, rows: list[dict[str, Any]]) -> str:
    shares = [row["successes"] / row["scenes"] for row in rows]
    worst = min(rows, key=lambda row: row["successes"] / row["scenes"])
    low, high = wilson_interval(worst["successes"], worst["scenes"])
    wanted = TARGETS.get(cell.task) if replace(cell, task="") in (Cell(""), Cell("", steps=TEN_MINUTES)) else None
    columns = [
        cell.task, cell.policy, _taught(cell), _length(cell, rows), len(rows), f"{median(shares):.1%}",
        f"{worst['successes']} of {worst['scenes']} ({low * 100:.1f} to {high * 100:.1f} %)",
        f"{wanted} %" if wanted else "", _mostly(rows),
    ]  # fmt: skip
    return "| " + " | ".join(map(str, columns)) + " |"


def _mostly(rows: list[dict[str, Any]]) -> str:
    """How most of the failures ended."""
    failed = sum((Counter(row["endings"]) for row in rows), Counter())
    del failed["success"]
    return "{}: {} of {}".format(*failed.most_common(1)[0], failed.total()) if failed else ""


def _length(cell: Cell, rows: list[dict[str, Any]]) -> str:
    """How long it trained, and on what if not on a CPU."""
    return " on ".join(filter(None, [cell.trained, rows[0].get("trained_on")]))


def _taught(cell: Cell) -> str:
    """From how many episodes."""
    return f"{cell.episodes} of every task" if cell.together else str(cell.episodes or "")


def _title(cell: Cell) -> str:
    taught = _taught(cell) + ("" if cell.together else " episodes")
    return ", ".join([f"`{cell.task}`", cell.policy, *([taught, cell.trained] if cell.episodes else [])])


_HEAD = f"""# How good the policies are

Made by `uv run python benchmarks/policies.py`; what is not here was not run. Each policy was judged in {SCENES} scenes
that no training had seen (seeds from 100000), each with its own light, with backlash and delay in the arm. Intervals
are 95 % Wilson. {STEPS:,} steps of nano take some 10 minutes on one core of a shared x86-64 machine without a GPU while
the other core does the same, and {TEN_MINUTES:,} steps 10 minutes on both. ACT and diffusion are LeRobot's, in the
smaller size that `armchair train` gives them where there is no GPU (`--preset laptop`), for as many steps as one core
makes in 60 minutes. Where a GPU is named, it made those steps, and was gone before all the scenes of diffusion were
judged. They learn from the same demonstrations, in which the arm was shoved; nano knows in which frames, they do not,
and whether calm demonstrations suit them better was not tried. Where there are several training seeds, the median and
the worst of them are given.

![Success against minutes of training, for each task](policies.png)

| task | policy | episodes | trained for | seeds | success, median | worst seed | wanted | most failures |
|---|---|---|---|---|---|---|---|---|"""
_COMMANDS = """
## The commands
For the first training seed; each behind `uv run`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="for datasets, policies and reports; may hold those of an earlier run")
    parser.add_argument("--only", choices=TASKS, help="this task")
    parser.add_argument("--policy", help="this policy")
    parser.add_argument("--seeds", type=int, default=3, help="so many training seeds")
    asked = parser.parse_args()

    from policies_picture import PICTURE, draw  # stands beside this file

    rows = read_scores()
    if asked.out is not None:
        known = {cell_of(row) for row in rows}
        for cell in plan():
            wanted = asked.only in (None, cell.task) and asked.policy in (None, cell.policy) and cell.seed < asked.seeds
            if wanted and cell not in known:
                row = do(cell, asked.out)
                rows = [*read_scores(), row]  # another one of these may have written meanwhile
                write_atomically(SCORES, json.dumps(rows, indent=1) + "\n")
                write_atomically(PAGE, page(rows))
    write_atomically(PAGE, page(rows))
    draw(rows, PICTURE)


if __name__ == "__main__":
    main()
