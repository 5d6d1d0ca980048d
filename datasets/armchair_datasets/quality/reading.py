"""A dataset's episodes as signals: numbers from parquet, pictures from reels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair_datasets.assemble import OBSERVED_S, age_key
from armchair_datasets.quality.info import broken
from armchair_datasets.quality.layout import ACTION, STATE, Layout, read_table
from armchair_datasets.quality.signals import CameraSignals, EpisodeSignals, summarize

if TYPE_CHECKING:
    import pyarrow as pa

    from armchair_datasets.quality.reels import Reel

SUCCESS_COLUMN = "next.success"  # LeRobot's word (utils/constants.py), true from the frame on that reached the goal
LEDGER_COLUMNS = ("timestamp", "frame_index", "episode_index", "index", "task_index")

Look = Callable[[str, int, np.ndarray], None]  # (camera, frame, uint8[H,W,3])


@dataclass
class Rows:
    """The rows of one episode: column -> [frames] or [frames, N]."""

    columns: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def vectors(self, name: str) -> np.ndarray:
        """A column as float32[frames, N]; N is 0 if there is no such column."""
        if name not in self.columns:
            return np.zeros((self.frames, 0), np.float32)
        return self.columns[name].reshape(self.frames, -1).astype(np.float32)

    def numbers(self, name: str) -> np.ndarray | None:
        """A column as float64[frames]; None if there is no such column."""
        return self.columns[name].reshape(self.frames).astype(np.float64) if name in self.columns else None


def camera_name(key: str) -> str:
    """What to call a camera: observation.images.front -> front."""
    return key.removeprefix("observation.images.").removeprefix("observation.")


def read_rows(layout: Layout) -> dict[int, Rows]:
    """The rows of every episode by its index, without pictures. An episode lies in one file."""
    wanted = {STATE, ACTION, OBSERVED_S, SUCCESS_COLUMN, *LEDGER_COLUMNS}
    wanted |= {age_key(camera_name(key)) for key in layout.cameras}
    found = {episode["episode_index"]: Rows() for episode in layout.episodes}
    for path in dict.fromkeys(layout.data_file(episode) for episode in layout.episodes):
        table = read_table(layout.root, path, wanted.__contains__)
        try:
            columns = {name: _array(table[name]) for name in table.column_names}
        except ValueError:
            raise broken(
                layout.root, f"rows of {path.relative_to(layout.root)} are empty or differ in length"
            ) from None
        if "episode_index" not in columns:
            raise broken(layout.root, f"{path.relative_to(layout.root)} lacks the column episode_index")
        for index in np.unique(columns["episode_index"]):
            mine = columns["episode_index"] == index
            found[int(index)] = Rows({name: values[mine] for name, values in columns.items()})
    return found


def read_signals(
    layout: Layout, episode: dict[str, Any], rows: Rows, reels: Mapping[str, "Reel"], look: Look
) -> EpisodeSignals:
    """An episode as signals. `look` is shown every picture of every camera on the way."""
    cameras = {}
    for key, reel in reels.items():
        name, thumbnails = camera_name(key), []
        for frame, image in reel.pictures(episode):
            thumbnails.append(summarize(image))
            look(name, frame, image)
        cameras[name] = CameraSignals.of(thumbnails, rows.numbers(age_key(name)))
    return numbers_only(layout, rows, cameras)


def numbers_only(layout: Layout, rows: Rows, cameras: Mapping[str, CameraSignals] | None = None) -> EpisodeSignals:
    """An episode as signals, with the cameras that are given."""
    success = rows.numbers(SUCCESS_COLUMN)
    return EpisodeSignals(
        state=rows.vectors(STATE),
        action=rows.vectors(ACTION),
        fps=layout.info.fps,
        names=layout.names,
        cameras=cameras or {},
        observed_s=rows.numbers(OBSERVED_S),
        success=None if success is None or not success.size else bool(success.any()),
    )


def _array(column: "pa.ChunkedArray") -> np.ndarray:
    """A column as [rows] or [rows, N]."""
    import pyarrow as pa

    if not (pa.types.is_list(column.type) or pa.types.is_fixed_size_list(column.type)):
        return column.to_numpy()
    flat = column.combine_chunks()
    values = flat.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(flat), -1) if len(flat) else values.reshape(0, 0)
