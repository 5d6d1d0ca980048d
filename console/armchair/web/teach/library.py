"""The datasets of the project folder, as a page reads them: what there is, and what is in each episode. Reads only."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair.web.access.project_folder import ProjectFolder
from armchair_core.command_line import typed
from armchair_core.dataset_format.columns import ACTION, STATE, camera_name
from armchair_core.dataset_format.info import is_dataset
from armchair_core.errors import ArmchairError, unknown_name
from armchair_datasets.card.json_file import read_json
from armchair_datasets.editing.tags import read_tags
from armchair_datasets.recording.workspace import Workspace

if TYPE_CHECKING:  # Arrow is imported when a dataset is opened
    from armchair_core.dataset_format.layout import Layout

_RECORDING = ".recording"
_DECIMALS = 3


class DatasetLibrary:
    """The datasets in `project`, by the names that it gives."""

    def __init__(self, project: ProjectFolder) -> None:
        self.project = project

    def names(self) -> list[str]:
        """Of all datasets, and of those of which there are only takes as yet; the newest first."""
        root, there = self.project.root, self.project.datasets()
        waiting = [
            file.parent for pattern in ("*", "*/*") for file in root.glob(f"{pattern}{_RECORDING}/recording.json")
        ]
        names = [each.relative_to(root).as_posix().removesuffix(_RECORDING) for each in waiting]
        return [*(name for name in names if name not in there and self.project.is_name(name)), *there]

    def about(self) -> list[dict[str, Any]]:
        """Every dataset, or why it cannot be read; `waiting` counts takes of which it has not been made yet."""
        return [self._about(name) for name in self.names()]

    def _about(self, name: str) -> dict[str, Any]:
        root = self.project.path(name)
        work = Workspace(root)
        about: dict[str, Any] = {
            "name": name, "waiting": work.finished(), "held": work.is_held(), "episodes": 0, "seconds": 0.0,
            "tasks": [], "cameras": [], "trouble": "",
        }  # fmt: skip
        if not is_dataset(root):
            return about
        try:
            layout = _open(root)
            info, tasks = layout.info, layout.tasks
        except ArmchairError as error:
            return about | {"trouble": str(error)}
        return about | {
            "episodes": info.total_episodes, "seconds": round(info.total_frames / info.fps, 1),
            "tasks": [tasks[index] for index in sorted(tasks)], "cameras": _cameras(layout),
        }  # fmt: skip

    def episodes(self, name: str) -> dict[str, Any]:
        """A dataset's episodes, each with its length (s), sentence, tags, and its verdict if one is kept."""
        root = self.project.dataset(name)
        layout, tags, verdicts = _open(root), read_tags(root), _verdicts(root)
        return {
            "name": name, "fps": layout.info.fps, "cameras": _cameras(layout),
            "episodes": [
                {
                    "index": row["episode_index"], "seconds": round(row["length"] / layout.info.fps, 2),
                    "tasks": list(row.get("tasks") or ()), "tags": tags.get(row["episode_index"], []),
                    "verdict": verdicts.get(row["episode_index"]),
                }
                for row in layout.episodes
            ],
        }  # fmt: skip

    def episode(self, name: str, index: int) -> dict[str, Any]:
        """An episode's joints, [frames][joints] in the arm's units, and where its videos begin (s) in their files.

        A number that is not finite is None.
        """
        layout = _open(self.project.dataset(name))
        row = _row(layout, index)
        spans = {camera: _span(row, key) for camera, key in _video_keys(layout).items()}
        return {
            "index": index, "fps": layout.info.fps, "names": list(layout.names),
            "videos": {camera: {"from_s": from_s, "to_s": to_s} for camera, (from_s, to_s) in spans.items()},
            "state": _numbers(layout, row, STATE), "action": _numbers(layout, row, ACTION),
        }  # fmt: skip

    def video(self, name: str, index: int, camera: str) -> tuple[Path, tuple[float, float]]:
        """The file with a camera's pictures of an episode, and of others, and from when to when (s) it is this one.

        Raises:
            ArmchairError: if there is none, or the dataset names one outside its folder.
        """
        root = self.project.dataset(name)
        layout = _open(root)
        keys = _video_keys(layout)
        if camera not in keys:
            raise unknown_name("camera of this dataset", camera, keys)
        row = _row(layout, index)
        file = layout.video_file(row, keys[camera])
        if not file.resolve().is_relative_to(root.resolve()) or file.suffix != ".mp4" or not file.is_file():
            raise ArmchairError(f"the video of {camera} is not in {name}: see `{typed('check', Path(name))}`.")
        return file, _span(row, keys[camera])


def _span(row: dict[str, Any], key: str) -> tuple[float, float]:
    """From when to when (s) an episode's pictures are shown in their file."""
    return row[f"videos/{key}/from_timestamp"], row[f"videos/{key}/to_timestamp"]


def _open(root: Path) -> "Layout":
    from armchair_core.dataset_format.layout import open_layout

    return open_layout(root)


def _row(layout: "Layout", index: int) -> dict[str, Any]:
    for row in layout.episodes:
        if row["episode_index"] == index:
            return row
    raise ArmchairError(f"{layout.root.name} has no episode {index}: it has {len(layout.episodes)}, counted from 0.")


def _cameras(layout: "Layout") -> list[str]:
    return [camera_name(key) for key in layout.cameras]


def _video_keys(layout: "Layout") -> dict[str, str]:
    return {camera_name(key): key for key, one in layout.cameras.items() if one.dtype == "video"}


def _numbers(layout: "Layout", row: dict[str, Any], column: str) -> list[list[float | None]]:
    from armchair_core.dataset_format.rows import read_column

    file = layout.data_file(row)
    if not file.resolve().is_relative_to(layout.root.resolve()):
        raise ArmchairError(f"the rows of {layout.root.name} lie outside of it: do not trust it.")
    if column not in layout.info.features:
        return []
    mine = read_column(layout, row, column)
    values = mine.reshape(len(mine), -1).astype(np.float64).round(_DECIMALS)
    return [[float(value) if np.isfinite(value) else None for value in frame] for frame in values]


def _verdicts(root: Path) -> dict[int, dict[str, Any]]:
    """What `armchair check --save` has kept: the level and the first sentence, by episode."""
    found = read_json(root / "meta" / "quality.json").get("verdicts", [])
    return {
        one["episode"]: {"level": one["level"], "words": "; ".join(each["words"] for each in one["findings"])}
        for one in found
    }
