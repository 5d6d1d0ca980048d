"""The scores of policies.json as a picture: success against minutes of training, for each task. `policies.py` draws."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from armchair_policies.evaluation.statistics.wilson import wilson_interval

PICTURE = Path(__file__).with_name("policies.png")
EPISODES = 100
MINUTES = 60.0  # that one core takes for the steps of ACT and diffusion
LOOKS = {
    "nano": {"color": "#1d4ed8", "marker": "o"},
    "nano, one policy of all tasks": {"color": "#1d4ed8", "marker": "D", "markerfacecolor": "white"},
    "act": {"color": "#c2410c", "marker": "s"},
    "diffusion": {"color": "#6b7280", "marker": "^"},
}


def draw(rows: Iterable[dict[str, Any]], path: Path) -> None:
    """A PNG of 1600 x 900 pixels: a panel for each task, a mark with its 95 % interval for each training."""
    figure = Figure(figsize=(10, 5.625), dpi=160, layout="constrained")
    rows = list(rows)
    tasks = sorted({row["task"] for row in rows})
    panels = dict(zip(tasks, figure.subplots(2, 2, sharex=True, sharey=True).flat, strict=True))
    for row in rows:
        if row["policy"] != "expert" and row["episodes"] == EPISODES:
            _mark(panels[row["task"]], row)
    for task, axes in panels.items():
        axes.set_title(task, fontsize=16, loc="left")
        axes.set_xscale("log")
        axes.set_xticks([2, 5, 10, 20, 40, 60], ["2", "5", "10", "20", "40", "60"], minor=False)
        axes.minorticks_off()
        axes.set_ylim(-4, 104)
        axes.grid(visible=True, alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=12)
    figure.supxlabel("minutes of training on one core", fontsize=14)
    figure.supylabel("% of unseen scenes", fontsize=14)
    marks = {}  # the same label comes with every training
    for axes in panels.values():
        marks |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(
        [marks[label] for label in LOOKS],
        LOOKS,
        loc="outside upper center",
        ncols=len(LOOKS),
        fontsize=12,
        frameon=False,
    )
    figure.savefig(path, metadata={"Software": None})


def _mark(axes, row: dict[str, Any]) -> None:
    share = 100 * row["successes"] / row["scenes"]
    low, high = (100 * end for end in wilson_interval(row["successes"], row["scenes"]))
    label = f"{row['policy']}, one policy of all tasks" if row["together"] else row["policy"]
    error = [[max(0, share - low)], [max(0, high - share)]]
    minutes = row["trained"]["minutes"] or MINUTES
    axes.errorbar(minutes, share, error, label=label, linestyle="none", markersize=7, clip_on=False, **LOOKS[label])
