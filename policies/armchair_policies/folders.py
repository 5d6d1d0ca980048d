"""Output folders are never overwritten."""

from pathlib import Path

from armchair_datasets.workspace import free_name, is_taken
from armchair_sim.errors import ArmchairError


def refuse_used_folder(out: Path) -> None:
    """Raise ArmchairError if `out` is a file or a folder with something in it."""
    if is_taken(out):
        raise ArmchairError(f"{out} exists and is not empty: use --out {free_name(out)}.")
