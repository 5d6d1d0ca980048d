"""The provenance file of our datasets, `meta/armchair.json`: task, seeds, versions."""

import json
from pathlib import Path
from typing import Any

ABOUT = Path("meta", "armchair.json")


def read_about(dataset: Path) -> dict[str, Any]:
    """Return a dataset's armchair.json; {} for one that was recorded elsewhere."""
    file = dataset / ABOUT
    return json.loads(file.read_text()) if file.exists() else {}


def used_seeds(dataset: Path) -> set[int]:
    """Return the seeds of the scenes that were recorded for a dataset, whether or not they are in it."""
    about = read_about(dataset)
    return {*about.get("seeds", ()), *map(int, about.get("skipped", ()))}


def first_new_seed(used: set[int]) -> int:
    """Return the first seed behind all that were used."""
    return max(used, default=-1) + 1
