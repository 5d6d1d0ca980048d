"""Checkpoints that are whole or absent: OUT/checkpoints/<step>, and `last`, a link to the newest.

Invariant: a folder with a number for its name is complete. It is written under another name, flushed to the
disk and renamed, so neither Ctrl-C, a full disk nor a power cut leaves half of one under its final name.
The layout is LeRobot's (lerobot 0.6.1, common/train_utils.py); no file needs pickle.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from armchair_core.command_line import quoted
from armchair_core.durable import sync_tree
from armchair_core.errors import ArmchairError, disk_is_full, reason_of

KEPT = 2
POLICY_FOLDER, STATE_FOLDER = "pretrained_model", "training_state"


def save_checkpoint(out: Path, step: int, write: Callable[[Path], None]) -> Path:
    """Let `write` fill a folder, make it OUT/checkpoints/<step> and `last`, and keep only the newest two.

    Raises:
        ArmchairError: if the disk is full. The checkpoints before this one are untouched.
    """
    folder = out / "checkpoints"
    unfinished, finished = folder / f".unfinished-{step:06d}", folder / f"{step:06d}"
    with full_disk_explained(out):
        try:
            unfinished.mkdir(parents=True)
            write(unfinished)
            sync_tree(unfinished)
            unfinished.rename(finished)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _point_last_to(finished)
    for old in saved_checkpoints(out)[:-KEPT]:
        shutil.rmtree(old)
    return finished


def saved_checkpoints(out: Path) -> list[Path]:
    """Return the complete checkpoints in `out`, oldest first."""
    folders = (out / "checkpoints").glob("[0-9]*")
    return sorted((path for path in folders if path.name.isdigit()), key=lambda path: int(path.name))


def newest_checkpoint(out: Path) -> Path:
    """Return the checkpoint to resume from. Deletes what a run that was killed while it saved has left behind.

    Raises:
        ArmchairError: if there is none.
    """
    saved = saved_checkpoints(out)
    if not saved:
        raise ArmchairError(f"{out} holds no checkpoint to resume from: train anew, into another --out.")
    for path in (out / "checkpoints").glob(".unfinished-*"):
        shutil.rmtree(path)
    return saved[-1]


@contextmanager
def full_disk_explained(out: Path) -> Iterator[None]:
    """Turn the operating system's "no space left" into a sentence that says what is safe and what to do."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        # safetensors writes from Rust, whose errors have no errno but spell it out.
        if not (disk_is_full(error) or "os error 28" in str(error)):
            raise
        saved = saved_checkpoints(out)
        kept = f"the checkpoint of step {int(saved[-1].name)} is safe" if saved else "nothing was saved yet"
        raise ArmchairError(
            f"no space is left on the disk of {out}; {kept}: free some space and resume with --resume."
        ) from None


def _point_last_to(checkpoint: Path) -> None:
    link = checkpoint.with_name(".last")
    link.unlink(missing_ok=True)
    link.symlink_to(checkpoint.name)
    link.replace(checkpoint.with_name("last"))


def write_training_state(
    folder: Path, weights: nn.Module, optimizer: torch.optim.Optimizer, facts: dict[str, Any]
) -> None:
    """Write what resuming needs besides the policy: its weights before averaging, the optimizer and plain facts."""
    folder.mkdir()
    save_file(weights.state_dict(), folder / "weights.safetensors")
    moments = optimizer.state_dict()["state"]
    flat = {f"{index}.{name}": tensor for index, state in moments.items() for name, tensor in state.items()}
    save_file(flat, folder / "optimizer.safetensors")
    (folder / "state.json").write_text(json.dumps(facts, indent=2))


def read_facts(checkpoint: Path) -> dict[str, Any]:
    """Read the plain facts of a checkpoint.

    Raises:
        ArmchairError: if it is damaged.
    """
    with damage_explained(checkpoint):
        facts = json.loads((checkpoint / STATE_FOLDER / "state.json").read_text())
        return {**facts, "step": int(facts["step"]), "spent_s": float(facts["spent_s"])}


def read_training_state(
    checkpoint: Path, weights: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Load what `write_training_state` and the policy's own folder hold.

    Raises:
        ArmchairError: if the checkpoint is damaged, or is whole and belongs to another network.
    """
    with damage_explained(checkpoint):
        trained = load_file(checkpoint / STATE_FOLDER / "weights.safetensors")
        averaged = load_file(checkpoint / POLICY_FOLDER / "model.safetensors")
        moments = _unflatten(load_file(checkpoint / STATE_FOLDER / "optimizer.safetensors"))
    try:
        weights.load_state_dict(trained)
        average.load_state_dict(averaged)
        optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})
    except (RuntimeError, ValueError, KeyError) as error:
        raise ArmchairError(
            f"the checkpoint {checkpoint} is that of another network than this version trains "
            f"({str(error).splitlines()[0].rstrip(':')}): train anew into another --out."
        ) from error


def _unflatten(flat: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in flat.items():
        index, name = key.split(".")
        moments.setdefault(int(index), {})[name] = tensor
    return moments


@contextmanager
def damage_explained(checkpoint: Path) -> Iterator[None]:
    """Turn whatever goes wrong while reading a checkpoint's files into a sentence that says how to go on."""
    try:
        yield
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        way_out = _way_out(checkpoint)
        raise ArmchairError(f"the checkpoint {checkpoint} is damaged ({reason_of(error)}): {way_out}.") from error


def _way_out(checkpoint: Path) -> str:
    """Return how to do without a checkpoint; nothing of it is lost, for its other files may be whole."""
    out = checkpoint.parents[1]
    others = [other.name for other in saved_checkpoints(out) if other.name != checkpoint.name]
    if not others:
        return "train anew into another --out"
    aside = quoted("mv", checkpoint, out / f"damaged-{checkpoint.name}")
    back = quoted("ln", "-sfn", others[-1], checkpoint.with_name("last"))
    return f"type `{aside} && {back}` and resume again, which goes on from the checkpoint before it"
