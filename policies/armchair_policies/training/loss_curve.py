"""The loss curve of a training run, as a table that grows and as a picture for a projector."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypedDict

from armchair_core.files import not_a_link

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Row(TypedDict):
    """A row of the table: so many steps after so many seconds. `loss` is the mean since the row before."""

    step: float
    elapsed_s: float
    loss: float
    learning_rate: float
    val_loss: float | None


COLUMNS = ("step", "elapsed_s", "loss", "learning_rate", "val_loss")


class LossTable:
    """OUT/loss.csv, which grows. `val_loss` is empty if not measured."""

    def __init__(self, path: Path, until_step: int) -> None:
        """Keep the rows up to `until_step`, the checkpoint that a run goes on from, and drop later ones."""
        self.path = path
        self.rows = [row for row in read_rows(path) if row["step"] <= until_step]
        self._file: TextIO | None = None

    def add(self, step: int, elapsed_s: float, loss: float, learning_rate: float, val_loss: float | None) -> None:
        """Append one row; it is in the file when this returns."""
        self.rows.append(Row(step=step, elapsed_s=elapsed_s, loss=loss, learning_rate=learning_rate, val_loss=val_loss))
        self._write(self.rows[-1:] if self._file else self.rows)

    def _write(self, rows: list[Row]) -> None:
        # The first write starts the file afresh, with the rows that were kept.
        if self._file is None:
            self._file = not_a_link(self.path).open("w", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        csv.writer(self._file).writerows(map(_cells, rows))
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _cells(row: Row) -> list[str]:
    measured = (row["step"], row["elapsed_s"], row["loss"], row["learning_rate"], row["val_loss"])
    return ["" if value is None else f"{value:.6g}" for value in measured]


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a loss table, without a last one that was cut off; none if there is no such file."""
    if not path.exists():
        return []
    rows: list[Row] = []
    with path.open(newline="") as file:
        for record in csv.DictReader(file):
            try:
                rows.append(_row(record))
            except (TypeError, ValueError, KeyError):
                break
    return rows


def _row(record: dict[str, str]) -> Row:
    return {
        "step": float(record["step"]),
        "elapsed_s": float(record["elapsed_s"]),
        "loss": float(record["loss"]),
        "learning_rate": float(record["learning_rate"]),
        "val_loss": float(record["val_loss"]) if record["val_loss"] else None,
    }


NANO_LOSS = "mean action error\n(standard deviations)"


def draw_curves(rows: Sequence[Row], path: Path, title: str, loss_label: str = NANO_LOSS) -> None:
    """Draw training and held-out loss over minutes into a PNG of 1600 x 900 pixels, replaced in one move."""
    from matplotlib.figure import Figure  # a second, for those who train; evaluations only look for the picture
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = Figure(figsize=(10, 5.625), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    taught = [(row["elapsed_s"], row["loss"]) for row in rows]
    held_out = [(row["elapsed_s"], row["val_loss"]) for row in rows if row["val_loss"] is not None]
    _draw_line(axes, taught, label="training", color="#7b98c4", linewidth=1.5)
    _draw_line(axes, held_out, label="held-out episodes", color="#c2410c", linewidth=3, marker="o")
    axes.set_yscale("log")
    axes.set_title(title, fontsize=20, loc="left")
    axes.set_xlabel("training time (minutes)", fontsize=17)
    axes.set_ylabel(loss_label, fontsize=17)
    axes.tick_params(labelsize=14, which="both")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=15, frameon=False)
    unfinished = path.with_name(f".{path.name}")
    figure.savefig(unfinished, format="png")
    unfinished.replace(path)


def _draw_line(axes: "Axes", points: Iterable[tuple[float, float]], **style: Any) -> None:
    """Draw (seconds, loss) over minutes."""
    minutes = [(elapsed_s / 60, loss) for elapsed_s, loss in points]
    if minutes:
        axes.plot(*zip(*minutes, strict=True), **style)


def loss_curve(folder: Path | None) -> Path | None:
    """Return the loss.png that training left in OUT for OUT/checkpoints/<step>/pretrained_model, if it is there."""
    if folder is None or folder.parents[1].name != "checkpoints":
        return None
    picture = folder.parents[2] / "loss.png"
    return picture if picture.is_file() else None
