"""The command lines to type next, with real paths, as the user would type them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from armchair_core.command_line import typed
from armchair_datasets.recording.workspace import free_name, nearest_free


def beside(out: Path, what: str) -> Path:
    """Return where to suggest that the next step's output goes: data -> data-policy, or the nearest that is free."""
    return nearest_free(out.with_name(f"{out.name}-{what}"))


def record_line(task: str, episodes: int, out: Path, resume: bool = False) -> str:
    """`armchair record …` by the expert, from the first seed."""
    resuming = ["--resume"] if resume else []
    return typed("record", "--task", task, "--episodes", episodes, "--out", out, *resuming)


def train_line(
    datasets: Path | Sequence[Path],
    minutes: float,
    out: Path,
    seed: int = 0,
    resume: bool = False,
    steps: int | None = None,
    also: Mapping[str, object] | None = None,
) -> str:
    """`armchair train …`; `also` names further options, of which those without a value are left out."""
    length = ["--minutes", f"{minutes:g}"] if steps is None else ["--steps", steps]
    given = [word for name, value in (also or {}).items() if value for word in (name, value) if word is not True]
    extra = (["--seed", seed] if seed else []) + (["--resume"] if resume else [])
    sources = [datasets] if isinstance(datasets, Path) else datasets
    return typed("train", *sources, *given, *length, "--out", out, *extra)


def eval_line(policy: Path | str, task: str, episodes: int, out: Path, resume: bool = False) -> str:
    """`armchair eval …` on the first scenes kept for evaluation."""
    resuming = ["--resume"] if resume else []
    return typed("eval", policy, "--task", task, "--episodes", episodes, "--out", out, *resuming)


def demo_line(task: str, out: Path) -> str:
    """`armchair demo …` of a task, in the nearest free folder to `out`."""
    return typed("demo", "--task", task, "--out", free_name(out))
