"""The tracking of a training run in a dashboard: the rows of OUT/loss.csv, sent on as they are written.

Every training here writes that table, so one listener serves them all. Nothing leaves the machine: trackio and
tensorboard write files, and wandb writes for a later `wandb sync` unless WANDB_MODE says otherwise.
`accelerate.tracking` wraps the same three, but logs only where accelerate has set up this process (`PartialState`).
"""

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from armchair_core.command_line import how_to_install
from armchair_core.errors import ArmchairError
from armchair_policies.training.loss_curve import Row, read_rows

TRACKERS = ("trackio", "tensorboard", "wandb")
PROJECT = "armchair"
Log = Callable[[int, dict[str, float]], None]  # (step, numbers by name)


@contextmanager
def tracking(tracker: str | None, out: Path) -> Iterator[Callable[[], None]]:
    """Give a function to call whenever OUT/loss.csv may have grown; it sends what is new.

    Raises:
        ArmchairError: if the tracker is not installed.
    """
    if tracker is None:
        yield lambda: None
        return
    check_tracker(tracker)
    table = out / "loss.csv"
    sent = len(read_rows(table))
    opened: list[tuple[Log, Callable[[], None]]] = []  # not before there is something to send

    def send() -> None:
        nonlocal sent
        rows = read_rows(table)[sent:]
        if rows and not opened:
            opened.append(_OPEN[tracker](out, sent > 0))
        for row in rows:
            opened[0][0](int(row["step"]), _numbers(row))
        sent += len(rows)

    try:
        yield send
        send()
    finally:
        for _, close in opened:
            close()


def check_tracker(tracker: str) -> None:
    """Raise ArmchairError unless the tracker is installed."""
    if find_spec(tracker) is None:
        raise ArmchairError(f"{tracker} is not installed: {how_to_install(tracker)}.")


def how_to_look(tracker: str, out: Path) -> list[str]:
    """Return the words of the command that shows what was tracked."""
    return {
        "trackio": ["trackio", "show", "--project", PROJECT],
        "tensorboard": ["tensorboard", "--logdir", str(out / "tensorboard")],
        "wandb": ["wandb", "sync", "--sync-all", str(out / "wandb")],
    }[tracker]


def _numbers(row: Row) -> dict[str, float]:
    held_out = {} if row["val_loss"] is None else {"val_loss": row["val_loss"]}
    return {"elapsed_s": row["elapsed_s"], "loss": row["loss"], "learning_rate": row["learning_rate"], **held_out}


def _open_trackio(out: Path, again: bool) -> tuple[Log, Callable[[], None]]:
    with contextlib.redirect_stdout(io.StringIO()):
        import trackio

        trackio.init(
            project=PROJECT,
            name=out.name,
            resume="allow" if again else "never",
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )

    def close() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            trackio.finish()

    return lambda step, numbers: trackio.log(numbers, step=step), close


def _open_tensorboard(out: Path, again: bool) -> tuple[Log, Callable[[], None]]:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(out / "tensorboard")

    def log(step: int, numbers: dict[str, float]) -> None:
        for name, value in numbers.items():
            writer.add_scalar(name, value, step)

    return log, writer.close


def _open_wandb(out: Path, again: bool) -> tuple[Log, Callable[[], None]]:
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # read at import; else its crashes are sent home
    os.environ.setdefault("WANDB_MODE", "offline")
    import wandb

    run = wandb.init(project=PROJECT, name=out.name, dir=out, settings=wandb.Settings(silent=True))
    return lambda step, numbers: run.log(numbers, step=step), run.finish


_OPEN = {"trackio": _open_trackio, "tensorboard": _open_tensorboard, "wandb": _open_wandb}
