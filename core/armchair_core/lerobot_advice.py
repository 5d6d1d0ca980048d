"""LeRobot's own commands that our sentences advise, for folders on this disk. Nothing of it is uploaded.

Written for lerobot 0.6.1; a test lets its own parsers read them.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from armchair_core.command_line import runnable


def convert(root: Path) -> str:
    """Return the line that makes a dataset of version 2.1 one of 3.0, in its place; the old one is kept beside it."""
    return runnable(
        "python", "-m", "lerobot.scripts.convert_dataset_v21_to_v30", f"--repo-id={_name(root)}", f"--root={root}",
        "--push-to-hub=false", "--force-conversion",
    )  # fmt: skip


def merge(roots: Sequence[Path], out: Path) -> str:
    """Return the line that joins datasets of the same columns."""
    return _edit(
        "merge", f"--new_repo_id={_name(out)}", f"--new_root={out}",
        f"--operation.repo_ids={_list(map(_name, roots))}", f"--operation.roots={_list(map(str, roots))}",
    )  # fmt: skip


def delete_episodes(root: Path, episodes: Iterable[int], out: Path) -> str:
    """Return the line that writes a dataset without some episodes, its pictures compressed anew."""
    return _edit("delete_episodes", *_from_to(root, out), f"--operation.episode_indices={json.dumps(list(episodes))}")


def remove_columns(root: Path, columns: Iterable[str], out: Path) -> str:
    """Return the line that writes a dataset without some columns."""
    return _edit("remove_feature", *_from_to(root, out), f"--operation.feature_names={_list(columns)}")


def _edit(operation: str, *words: str) -> str:
    return runnable("lerobot-edit-dataset", *words, f"--operation.type={operation}")


def _from_to(root: Path, out: Path) -> list[str]:
    return [f"--repo_id={_name(root)}", f"--root={root}", f"--new_repo_id={_name(out)}", f"--new_root={out}"]


def _name(root: Path) -> str:
    """Return a name as the Hub has them: LeRobot asks for one, and looks at the folder."""
    return f"local/{re.sub(r'[^A-Za-z0-9._-]+', '-', root.resolve().name).strip('-.') or 'data'}"


def _list(words: Iterable[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)
