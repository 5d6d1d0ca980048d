"""The completeness check of a dataset: half of one must not be published. Reads meta/ only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from armchair_core.dataset_format.info import INFO
from armchair_core.dataset_format.tables import (
    EPISODES,
    TASKS,
    TableError,
    parquet_files,
    read_table,
    without_statistics,
)
from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import Payload, read_json


def check_complete(payload: Payload) -> None:
    """Check that the folder is there and, for a LeRobotDataset v3.0, the files of all of its episodes.

    Raises:
        ArmchairError: naming the first thing that is not.
    """
    root = payload.folder
    if not root.is_dir():
        raise ArmchairError(f"{root} is gone: push it again from where it is now.")
    if payload.kind != "dataset":
        return
    mend = f"mend it with `armchair repair {root}`, then push again."
    info = read_json(root / INFO)
    try:
        rows = list(_episodes(root))
        named = {TASKS.as_posix()}.union(*(_files(info, row) for row in rows))
    except (TableError, KeyError, ValueError) as error:
        why = error.reason if isinstance(error, TableError) else error
        raise ArmchairError(f"what {root} says of its episodes cannot be read ({why}): {mend}") from None
    if missing := sorted(path for path in named if not (root / path).is_file()):
        raise ArmchairError(f"{root} lacks {missing[0]}: {mend}")
    if len(rows) != info["total_episodes"]:
        raise ArmchairError(
            f"{root} says that it has {info['total_episodes']} episodes and describes {len(rows)}: {mend}"
        )


def _episodes(root: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of meta/episodes without the statistics."""
    for file in parquet_files(root / EPISODES):
        yield from read_table(root, file, without_statistics).to_pylist()


def _files(info: dict[str, Any], episode: dict[str, Any]) -> Iterator[str]:
    """Yield where an episode's rows and pictures lie, as LeRobot's templates in info.json say."""

    def place(kind: str) -> dict[str, int]:
        return {name: episode[f"{kind}/{name}"] for name in ("chunk_index", "file_index")}

    yield info["data_path"].format(**place("data"))
    for key, feature in info["features"].items():
        if feature["dtype"] == "video":
            yield info["video_path"].format(video_key=key, **place(f"videos/{key}"))
