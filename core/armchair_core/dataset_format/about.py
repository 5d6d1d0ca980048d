"""The provenance file of our datasets, `meta/armchair.json`: task, seeds, versions."""

from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_core.files import read_json

ABOUT = Path("meta", "armchair.json")


def read_about(dataset: Path) -> dict[str, Any]:
    """Return a dataset's armchair.json; {} for one that was recorded elsewhere.

    Raises:
        ArmchairError: if it is damaged.
    """
    file = dataset / ABOUT
    try:
        about = read_json(file) if file.exists() else {}
    except ValueError as error:
        raise ArmchairError(
            f"{file} is damaged ({error}): delete it, and the dataset is like one of anybody's."
        ) from None
    return about if isinstance(about, dict) else {}


def used_seeds(dataset: Path) -> set[int]:
    """Return the seeds of the scenes that were recorded for a dataset, whether or not they are in it."""
    about = read_about(dataset)
    return {*about.get("seeds", ()), *map(int, about.get("skipped", ()))}


def first_new_seed(used: set[int]) -> int:
    """Return the first seed behind all that were used."""
    return max(used, default=-1) + 1
