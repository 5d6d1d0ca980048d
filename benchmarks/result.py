"""The result of a benchmark, kept as a file in results/ when `--keep` is given. `table.py` makes README.md of them."""

import argparse
import json
import os
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import NamedTuple

from armchair_core.files import write_atomically
from armchair_policies.training.provenance import machine

RESULTS = Path(__file__).with_name("results")
_LOAD = os.getloadavg()[0]  # before anything is measured


class Row(NamedTuple):
    """A line of the table: what was measured, in words how well it did, and the numbers behind the words."""

    what: str
    how_well: str
    numbers: dict[str, float]


def add_keep(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", action="store_true", help="keep the numbers in benchmarks/results, for README.md")


def keep(*rows: Row) -> None:
    """Write the rows, with the line that was typed, the day, the machine and its load before."""
    script, *words = sys.argv
    line = ["uv", "run", "python", f"benchmarks/{Path(script).name}", *(word for word in words if word != "--keep")]
    found = {
        "command": shlex.join(line),
        "date": date.today().isoformat(),
        "machine": machine(),
        "load_before": round(_LOAD, 1),
        "rows": [row._asdict() for row in rows],
    }
    file = RESULTS / f"{Path(script).stem}.json"
    write_atomically(file, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(f"Kept in {file.relative_to(Path.cwd(), walk_up=True)}. Next: uv run python benchmarks/table.py")
