"""The table of all benchmarks, README.md, made from results/*.json and policies.json.

uv run python benchmarks/table.py
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from armchair_core.files import write_atomically

HERE = Path(__file__).parent
PAGE = HERE / "README.md"
# What matters most stands first; results that are not named follow.
ORDER = ("skill", "skill_robust", "people", "expert", "expert_varied", "demo", "wire", "loop_jitter", "console_jitter",
         "world_speed", "nano_vs_act", "kill_matrix", "real_time_recording", "classroom_hub", "twin_wire")  # fmt: skip
_POLICIES = "`uv run python benchmarks/policies.py`: [policies](policies.md)"
_HEAD = """# How good, and how we know

Made by `uv run python benchmarks/table.py` from the files that the benchmarks write with `--keep`. A claim has its
sample size and the line that repeats it; intervals are 95 % Wilson. Policies were judged in 200 scenes that they had
never seen, each with a light of its own. Where no machine is named, it was a shared one of two x86-64 cores without a
GPU; speeds say what such a machine did on that day, beside whatever else it had to do.

| what | how well | by | when |
|---|---|---|---|
"""
_TAIL = """
How good each policy is, by demonstrations and minutes of training, stands in [policies](policies.md); what is learnt
from people's demonstrations in [people](people.md). `benchmarks/guard_drives.py` drives into everything,
`benchmarks/stop_under_attack.py` presses STOP while others try to shut the door, and `benchmarks/console_rest.py`
weighs a console at rest.
"""


def main() -> None:
    write_atomically(PAGE, page())


def page() -> str:
    """The table for people, in Markdown."""
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in [*policies(), *results()]) + _TAIL


def results() -> Iterator[tuple[str, str, str, str]]:
    """A row for each line of each result."""
    files = {file.stem: file for file in (HERE / "results").glob("*.json")}
    for name in [*ORDER, *sorted(files.keys() - set(ORDER))]:
        found = json.loads(files[name].read_text(encoding="utf-8"))
        for row in found["rows"]:
            yield row["what"], row["how_well"], f"`{found['command']}`", _when(found)


def _when(found: dict[str, Any]) -> str:
    machine = found.get("machine")
    if machine is None:
        return found["date"]
    return f"{found['date']}; {machine['cpu']}, {machine['cores']} cores, load {found['load_before']} before"


def policies() -> Iterator[tuple[str, str, str, str]]:
    """The rows that stand for policies.json, which has each training by itself."""
    alike = defaultdict(list)
    for row in json.loads((HERE / "policies.json").read_text(encoding="utf-8")):
        alike[row["policy"], row["task"], row["steps"], row["together"]].append(row)
    when = "2026-11-26"  # the trainings; policies.json has their machines and versions

    def scores(policy: str, steps: int, *tasks: str, together: bool = False) -> str:
        found = [alike[policy, task, steps, together][0] for task in tasks]
        return ", ".join(f"{row['successes']} of {row['scenes']}" for row in found)

    def median_and_worst(task: str, steps: int) -> str:
        shares = [
            row["successes"] / row["scenes"] for row in alike["nano", task, steps, False] if row["episodes"] == 100
        ]
        return f"{median(shares) * 100:g} and {min(shares) * 100:g} %"

    each = "; ".join(map(median_and_worst, ("reach", "lift", "place"), (5_000, 5_000, 7_500)))
    yield ("`reach`, `lift`, `place` from 100 episodes; three trainings each, the median and the worst. 5,000 steps, "
           "10 minutes of one core; `place` 7,500, 10 minutes of two", each, _POLICIES, when)  # fmt: skip
    four = ("reach", "lift", "place", "sort")
    together, alone = scores("nano", 20_000, *four, together=True), scores("nano", 5_000, "sort")
    yield ("one policy of `reach`, `lift`, `place` and `sort` (the cube into the bin of its colour), told apart by "
           "their sentences; 100 episodes of each, 20,000 steps, 40 minutes of one busy core, one training",
           f"{together}; `sort` alone, 5,000 steps, {alone}", _POLICIES, when)  # fmt: skip
    yield ("LeRobot's ACT in its laptop size, from the same 100 episodes each, 3,874 steps, 60 minutes of one core; "
           "`reach`, `lift`, `place`, `sort`", scores("act", 3_874, *four), _POLICIES, when)  # fmt: skip
    yield "LeRobot's diffusion alike, 2,711 steps", scores("diffusion", 2_711, *four), _POLICIES, when


if __name__ == "__main__":
    main()
