"""The loss of a run, as a table that grows and as a picture for a projector."""

import csv
from pathlib import Path
from typing import TextIO

COLUMNS = ("step", "elapsed_s", "loss", "learning_rate", "val_loss")
Row = dict[str, float | None]


class LossTable:
    """OUT/loss.csv. `loss` is the mean since the row before; `val_loss` is empty if not measured."""

    def __init__(self, path: Path, until_step: int) -> None:
        """Keep the rows up to `until_step`, the checkpoint that a run goes on from, and drop later ones."""
        self.path = path
        self.rows = [row for row in read_rows(path) if row["step"] <= until_step]
        self._file: TextIO | None = None

    def add(self, step: int, elapsed_s: float, loss: float, learning_rate: float, val_loss: float | None) -> None:
        """Append one row; it is in the file when this returns."""
        self.rows.append(dict(zip(COLUMNS, (step, elapsed_s, loss, learning_rate, val_loss), strict=True)))
        self._write(self.rows[-1:] if self._file else self.rows)

    def _write(self, rows: list[Row]) -> None:
        # The first write starts the file afresh, with the rows that were kept.
        if self._file is None:
            self._file = self.path.open("w", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        csv.writer(self._file).writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def read_rows(path: Path) -> list[Row]:
    """The rows of a loss table, without a last one that was cut off; none if there is no such file."""
    if not path.exists():
        return []
    rows = []
    with path.open(newline="") as file:
        for record in csv.DictReader(file):
            try:
                rows.append({name: float(record[name]) if record[name] else None for name in COLUMNS})
            except (TypeError, ValueError, KeyError):
                break
    return rows


NANO_LOSS = "mean action error\n(standard deviations)"


def draw_curves(rows: list[Row], path: Path, title: str, loss_label: str = NANO_LOSS) -> None:
    """Draw training and held-out loss over minutes into a PNG of 1600 x 900 pixels, replaced in one move."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = Figure(figsize=(10, 5.625), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    _draw_line(axes, rows, "loss", "training", {"color": "#7b98c4", "linewidth": 1.5})
    _draw_line(axes, rows, "val_loss", "held-out episodes", {"color": "#c2410c", "linewidth": 3, "marker": "o"})
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


def _draw_line(axes, rows: list[Row], column: str, label: str, style: dict) -> None:
    points = [(row["elapsed_s"] / 60, row[column]) for row in rows if row[column] is not None]
    if points:
        axes.plot(*zip(*points, strict=True), label=label, **style)


def loss_curve(folder: Path | None) -> Path | None:
    """The loss.png that training left in OUT for OUT/checkpoints/<step>/pretrained_model, if it is there."""
    if folder is None or folder.parents[1].name != "checkpoints":
        return None
    picture = folder.parents[2] / "loss.png"
    return picture if picture.is_file() else None
