"""Everything of a LeRobotDataset v3.0 but its pictures, read without touching the Hub.

LeRobot's own loader turns to the Hub as soon as a local file is missing, and its message then speaks of the
network; these readers say what is wrong with the folder instead. Layout: lerobot 0.6.1, datasets/utils.py.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from armchair_sim.errors import ArmchairError

STATE, ACTION = "observation.state", "action"


@dataclass(frozen=True)
class Tables:
    """A dataset of N frames. `episodes` holds one row an episode, in order, as meta/episodes has it."""

    root: Path
    info: dict[str, Any]
    episodes: list[dict[str, Any]]
    state: np.ndarray  # float32 [N, S]
    action: np.ndarray  # float32 [N, A]
    cameras: tuple[str, ...]
    provenance: dict[str, Any]  # meta/armchair.json, {} for datasets recorded elsewhere

    @property
    def fps(self) -> float:
        return self.info["fps"]

    @property
    def joint_names(self) -> list[str] | None:
        names = self.info["features"][ACTION].get("names")
        return list(names) if isinstance(names, list) else None

    @property
    def lengths(self) -> np.ndarray:
        """Frames an episode, int64 [E]."""
        return np.array([episode["length"] for episode in self.episodes])


def read_tables(root: Path) -> Tables:
    """Read and check everything that training needs besides the pictures.

    Raises:
        ArmchairError: if `root` is no complete LeRobotDataset v3.0, or holds no episode, no camera, no joint
            positions, no actions, or a number that is not finite.
    """
    info = _read_info(root)
    cameras = _check_features(root, info)
    episodes = _read_parquets(root, "meta/episodes").to_pylist()
    if not episodes:
        raise ArmchairError(f"the dataset {root} holds no episodes: record some with 'armchair record'.")
    data = _read_parquets(root, "data", [STATE, ACTION])
    state, action = (np.stack(data[key].to_numpy()).astype(np.float32) for key in (STATE, ACTION))
    tables = Tables(root, info, episodes, state, action, cameras, _read_provenance(root))
    _check_numbers(tables)
    return tables


def _read_info(root: Path) -> dict[str, Any]:
    path = root / "meta" / "info.json"
    try:
        info = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        raise ArmchairError(
            f"{root} is no LeRobot dataset, having no meta/info.json: give one that 'armchair record' wrote."
        ) from None
    except json.JSONDecodeError as error:
        raise ArmchairError(f"{path} is damaged ({error}): record or download the dataset again.") from None
    version = info.get("codebase_version", "unknown")
    if not version.startswith("v3."):
        raise ArmchairError(
            f"the dataset {root} has version {version} and v3.0 is needed: convert it with "
            "'python -m lerobot.scripts.convert_dataset_v21_to_v30'."
        )
    return info


def _check_features(root: Path, info: dict[str, Any]) -> tuple[str, ...]:
    features = info["features"]
    for key in (STATE, ACTION):
        if key not in features:
            raise ArmchairError(f"the dataset {root} has no {key!r}, only {', '.join(features)}: record it anew.")
    cameras = tuple(key for key, feature in features.items() if _is_rgb_video(feature))
    if not cameras:
        pictures = [key for key, feature in features.items() if feature["dtype"] == "image"]
        found = f"stores {pictures[0]!r} as single pictures" if pictures else "has no camera"
        raise ArmchairError(f"the dataset {root} {found}, and nano learns from videos: record it with cameras.")
    return cameras


def _is_rgb_video(feature: dict[str, Any]) -> bool:
    return feature["dtype"] == "video" and not (feature.get("info") or {}).get("video.is_depth_map", False)


def _read_parquets(root: Path, folder: str, columns: list[str] | None = None):
    """All files of data/ or meta/episodes/ as one pyarrow table, in the order of their numbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    paths = sorted((root / folder).glob("chunk-*/file-*.parquet"))
    if not paths:
        raise ArmchairError(f"the dataset {root} holds no episodes, for {folder} is empty: record it anew.")
    tables = []
    for path in paths:
        try:
            file = pq.ParquetFile(path)
            wanted = columns or [name for name in file.schema_arrow.names if not name.startswith("stats/")]
            tables.append(file.read(wanted))
        except (pa.ArrowInvalid, OSError) as error:
            raise ArmchairError(
                f"{path} cannot be read, perhaps because recording was cut off ({error}): record it anew."
            ) from None
    return pa.concat_tables(tables)


def _read_provenance(root: Path) -> dict[str, Any]:
    path = root / "meta" / "armchair.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _check_numbers(tables: Tables) -> None:
    frames = int(tables.lengths.sum())
    if len(tables.state) != frames:
        raise ArmchairError(
            f"the dataset {tables.root} lists {frames} frames but holds {len(tables.state)}: record it anew."
        )
    for key, values in ((STATE, tables.state), (ACTION, tables.action)):
        bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if len(bad):
            episode = int(np.searchsorted(tables.lengths.cumsum(), bad[0], side="right"))
            raise ArmchairError(
                f"{key!r} of {tables.root} holds a number that is not finite in episode {episode} "
                f"({len(bad)} of {frames} frames): delete that episode with lerobot-edit-dataset."
            )
