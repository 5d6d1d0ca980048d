"""The description of a dataset, `meta/info.json`, also when it was torn.

`write_info` in lerobot 0.6.1 opens it anew with every episode. What is written first survives a tear best: fps, then
the features in the order of the columns. What is missing of them is asked of a data file that has its footer, and of
the videos; only the joints' names are nowhere else. Hence a reader of its own, beside the strict one in
`armchair_core.dataset_format`.
"""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

import av
import datasets
import pyarrow.parquet as pq
from lerobot.datasets.dataset_metadata import CODEBASE_VERSION
from lerobot.datasets.utils import DatasetInfo
from lerobot.utils.constants import DEFAULT_FEATURES

from armchair_core.dataset_format.info import INFO, Feature, check_version
from armchair_core.dataset_format.stock import axes_are_named, picture_names
from armchair_core.errors import ArmchairError
from armchair_datasets.repair.parquet.rows import data_files
from armchair_datasets.repair.stats import unpack

_FEATURE_DEPTH = 2  # of brackets: what lies deeper is part of one feature


def read_info(root: Path) -> tuple[DatasetInfo, list[str]]:
    """Return the description of the dataset in `root`, and what was wrong with it.

    Raises:
        ArmchairError: if the columns cannot be known, the format is another one, or a path leads elsewhere.
    """
    file = root / INFO
    content = file.read_bytes() if file.exists() else b""
    raw, faults = _parse(content.decode(json.detect_encoding(content), errors="replace"))
    check_version(root, raw.get("codebase_version", CODEBASE_VERSION))
    if not faults and "codebase_version" not in raw:
        faults.append("meta/info.json does not say which version it has")
    if faults:
        raw.setdefault("features", {})
        if not set(DEFAULT_FEATURES) <= set(raw["features"]):  # they come last, so some others may be missing too
            raw["features"] = _features_from_files(root, raw["features"])
            faults.append("the features were read from the data and the videos; names that are missing are lost")
        raw["features"] |= {name: dict(feature) for name, feature in DEFAULT_FEATURES.items()}
        if "fps" not in raw:
            raw["fps"] = _fps_from_rows(root)
        raw.setdefault("codebase_version", CODEBASE_VERSION)
    try:
        _settle(raw)
        info = DatasetInfo.from_dict(raw)
        _check_paths(root, info)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ArmchairError(
            f"{file} describes no dataset ({error}): copy that file from another recording with the same robot and "
            "cameras, and repair again."
        ) from None
    return info, faults


def _settle(raw: dict[str, Any]) -> None:
    """Say in LeRobot's words what converters say in others: whole frame rates, and the axes of pictures."""
    fps = float(raw["fps"])
    raw["fps"] = int(fps) if fps.is_integer() else fps
    for feature in raw["features"].values():
        if feature["dtype"] in ("image", "video"):
            one = Feature.model_validate(feature)
            if len(one.shape) == 3 and not axes_are_named(one):
                feature["names"] = picture_names(one)


def _parse(text: str) -> tuple[dict[str, Any], list[str]]:
    try:
        raw = json.loads(text)
        if isinstance(raw, dict) and "features" in raw and "fps" in raw:
            return raw, []
    except ValueError:
        pass
    return complete_json(text), ["meta/info.json is torn"]


def complete_json(text: str) -> dict[str, Any]:
    """Return the longest beginning of a torn JSON object that ends after a whole feature or a whole field."""
    open_brackets: list[str] = []
    cuts = []
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', text):
        mark = token.group()
        if mark in "[{":
            open_brackets.append("]" if mark == "[" else "}")
        elif mark in "]}" and open_brackets:
            open_brackets.pop()
        if mark in "]},[{" and len(open_brackets) <= _FEATURE_DEPTH:
            end = token.start() if mark == "," else token.end()
            cuts.append(text[:end] + "".join(reversed(open_brackets)))
    for candidate in reversed(cuts):
        try:
            found = json.loads(candidate)
            return found if isinstance(found, dict) else {}
        except ValueError:
            continue
    return {}


def _features_from_files(root: Path, known: dict[str, Any]) -> dict[str, Any]:
    """Return the features that the first data file with a footer and the videos show, in their order."""
    for path in data_files(root):
        try:
            columns = datasets.Features.from_arrow_schema(pq.read_schema(path))
        except (OSError, ValueError):
            continue
        found = {name: known.get(name) or _feature(path, name, column) for name, column in columns.items()}
        videos = {folder.name: folder for folder in sorted((root / "videos").glob("*")) if folder.is_dir()}
        return {name: known.get(name) or _video_feature(folder) for name, folder in videos.items()} | found
    raise ArmchairError(
        f"{root / INFO} is torn, and no data file has a footer, so that nobody can tell which "
        "columns it holds: copy meta/info.json of another recording with the same robot and cameras there, and "
        "repair again."
    )


def _feature(path: Path, name: str, column: Any) -> dict[str, Any]:
    if isinstance(column, datasets.Image):
        return {"dtype": "image", "shape": _size_of_first(path, name), "names": ["height", "width", "channels"]}
    if isinstance(column, datasets.Value):
        return {"dtype": column.dtype, "shape": (1,), "names": None}
    if hasattr(column, "shape"):  # Array2D and its like
        return {"dtype": column.dtype, "shape": tuple(column.shape), "names": None}
    return {"dtype": column.feature.dtype, "shape": (column.length,), "names": None}


def _size_of_first(path: Path, name: str) -> tuple[int, int, int]:
    """Return the size of the first picture of a column."""
    return unpack(pq.read_table(path, columns=[name])[name][0].as_py()["bytes"]).shape


def _video_feature(folder: Path) -> dict[str, Any]:
    for path in sorted(folder.glob("*/*.mp4")):
        try:
            with av.open(str(path)) as container:
                stream = container.streams.video[0]
                shape = (stream.height, stream.width, 3)
        except (av.FFmpegError, IndexError):
            continue
        return {"dtype": "video", "shape": shape, "names": ["height", "width", "channels"]}
    raise ArmchairError(
        f"no video in {folder} can be opened and meta/info.json is torn, so that the pictures' size is lost: copy "
        "meta/info.json of another recording with the same cameras there, and repair again."
    )


def _fps_from_rows(root: Path) -> int:
    """Work out the frame rate from the rows: LeRobot's timestamps are frame / fps."""
    for path in data_files(root):
        try:
            rows = pq.read_table(path, columns=["timestamp", "frame_index"]).to_pylist()
        except (OSError, ValueError):
            continue
        if later := [row for row in rows if row["frame_index"]]:
            return round(later[-1]["frame_index"] / later[-1]["timestamp"])
    raise ArmchairError(
        f"{root / INFO} is torn and holds no frame rate any more: copy that file from another "
        "recording with the same robot and cameras, and repair again."
    )


def _check_paths(root: Path, info: DatasetInfo) -> None:
    """Refuse a description whose paths leave the dataset: it came from somebody else."""
    videos = [key for key, feature in info.features.items() if feature["dtype"] == "video"]
    names = {"chunk_index": 0, "file_index": 0, "episode_index": 0, "episode_chunk": 0}
    for template, keys in ((info.data_path, [""]), (info.video_path or "", videos)):
        for key in keys:
            try:
                path = PurePosixPath(str(template).replace("\\", "/").format(video_key=key, **names))
            except (KeyError, IndexError, ValueError, AttributeError):
                path = PurePosixPath("..")
            if path.is_absolute() or not path.parts or ".." in path.parts or ":" in path.parts[0]:
                raise ArmchairError(
                    f"the path {template!r} for {key or 'data'} in {root / INFO} leads out of the "
                    "dataset: nothing was read; use the path of a fresh LeRobotDataset there."
                )
