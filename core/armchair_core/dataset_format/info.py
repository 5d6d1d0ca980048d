"""The description of a LeRobotDataset, meta/info.json (lerobot 0.6.1, datasets/utils.py), checked before use.

Invariant: no path that a dataset names leads out of its folder. A dataset comes from strangers, and its info.json
may say ``/etc/passwd`` or ``../..`` where LeRobot expects a file of its own.
"""

import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

from pydantic import BaseModel, Field, FiniteFloat, ValidationError

from armchair_core import lerobot_advice
from armchair_core.command_line import named, quoted, runnable, typed
from armchair_core.errors import ArmchairError
from armchair_core.files import no_folder, read_json

INFO, STATS = Path("meta", "info.json"), Path("meta", "stats.json")
_GIVE = "give the folder of a dataset"
_FIELDS = {"video_key", "chunk_index", "file_index"}
_FIELD_FORM = re.compile(r"(0?\d?d)?")  # {chunk_index:03d}
# In lerobot 0.3.4, the last one that had it; it takes a dataset's name on the Hub, and no folder.
_OLD_CONVERTER = quoted("python", "-m", "lerobot.datasets.v21.convert_dataset_v20_to_v21")


class Feature(BaseModel):
    """One column of the dataset."""

    dtype: str
    shape: tuple[int, ...] = ()
    names: Any = None
    info: dict[str, Any] | None = None
    video_info: dict[str, Any] | None = None

    @property
    def is_depth(self) -> bool:
        """Whether it is a depth map, as LeRobot tells it (dataset_metadata.py, `depth_keys`)."""
        info, old = self.info or {}, self.video_info or {}
        return any((info.get("is_depth_map"), info.get("video.is_depth_map"), old.get("video.is_depth_map")))

    @property
    def flat_names(self) -> tuple[str, ...]:
        """The names of a vector's numbers, one each; () if there are none, or not as many."""
        names = tuple(_leaves(self.names))
        return names if len(names) == math.prod(self.shape) else ()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of a picture, whatever the order of its axes; (0, 0) if the shape is no picture's."""
        by_name = dict(zip(_leaves(self.names), self.shape, strict=False))
        if "height" in by_name and "width" in by_name:
            return by_name["height"], by_name["width"]
        channels_first = len(self.shape) == 3 and self.shape[0] in (1, 3) and self.shape[2] not in (1, 3)
        sizes = self.shape[1:3] if channels_first else self.shape[:2]
        return (sizes[0], sizes[1]) if len(sizes) == 2 else (0, 0)


def _leaves(names: Any) -> Iterator[str]:
    """Yield the names in what LeRobot and converters write: [...], {"motors": [...]}, [[...]], {"pan": 0, ...}."""
    if isinstance(names, dict) and not any(isinstance(value, list | dict) for value in names.values()):
        yield from map(str, names)
    elif isinstance(names, dict | list):
        for part in names.values() if isinstance(names, dict) else names:
            yield from _leaves(part)
    elif names is not None:
        yield str(names)


class DatasetInfo(BaseModel):
    """The fields of meta/info.json that matter here."""

    codebase_version: str
    fps: FiniteFloat = Field(gt=0)
    features: dict[str, Feature]
    total_episodes: int = Field(ge=0)
    total_frames: int = Field(ge=0)
    total_tasks: int = Field(ge=0)
    data_path: str = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    video_path: str | None = None
    robot_type: str | None = None


def is_dataset(folder: Path) -> bool:
    """Return whether `folder` is a LeRobotDataset, of whatever version and however damaged: it has meta/info.json."""
    return (folder / INFO).is_file()


def read_info(root: Path) -> DatasetInfo:
    """Read and check meta/info.json of the dataset in `root`.

    Raises:
        ArmchairError: if there is no dataset of version 3 there, or it points outside its folder.
    """
    if not is_dataset(root):
        raise _no_dataset(root)
    try:
        raw = read_json(root / INFO)
        if isinstance(raw, dict) and "codebase_version" in raw:
            check_version(root, raw["codebase_version"])  # first: other versions have other fields
        info = DatasetInfo.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{name}: " for name in first["loc"])
        raise broken(root, f"meta/info.json is damaged ({where}{first['msg']})") from None
    except (ValueError, OSError) as error:
        raise broken(root, f"meta/info.json is damaged ({error})") from None
    for template in filter(None, (info.data_path, info.video_path)):
        _check_template(root, template)
    return info


def inside(root: Path, relative: str) -> Path:
    """Return the path `relative` below `root`.

    Symbolic links are followed: the Hub's own cache is made of them, and no download brings one along.

    Raises:
        ArmchairError: if it is absolute or leads out.
    """
    path = Path(os.path.normpath(relative))
    if path.is_absolute() or path.parts[:1] == ("..",):
        raise ArmchairError(f"the dataset {root} names the file {relative!r} outside its folder: do not trust it.")
    return root / path


def broken(root: Path, what: str) -> ArmchairError:
    """Return the error for a dataset that may be repaired."""
    return ArmchairError(f"the dataset {root} is broken, as {what}: try `{typed('repair', root)}`.")


def _no_dataset(root: Path) -> ArmchairError:
    if not root.is_dir():
        is_repo_id = re.fullmatch(r"[A-Za-z0-9][\w.-]*/[\w.-]+", str(root), re.ASCII) is not None
        fetched = runnable("hf", "download", root, "--repo-type", "dataset", "--local-dir", Path(root.name))
        otherwise = f": {_GIVE}, such as `{fetched if is_repo_id else named('record')}` makes."
        holder = next((folder for folder in root.parents if is_dataset(folder)), None)
        if root.is_file() and holder:
            return ArmchairError(f"{root} is a file of the dataset {holder}: give the folder itself.")
        return ArmchairError(no_folder(root, "dataset", otherwise))
    if (root / "meta").is_dir() or any(root.glob("data/**/*.parquet")):
        return broken(root, "it has no meta/info.json")
    inner = next((path.parents[1] for path in sorted(root.glob(f"*/{INFO.as_posix()}"))), None)
    hint = f"did you mean {inner}?" if inner else f"{_GIVE}, such as `{named('record')}` makes."
    return ArmchairError(f"{root} is no LeRobot dataset, having no meta/info.json: {hint}")


def check_version(root: Path, version: Any) -> None:
    """Accept v3.0, and what else LeRobot's loader opens as that: any v3 (lerobot 0.6.1, `check_version_compatibility`).

    Raises:
        ArmchairError: for any other, with what makes it v3.0 where anything does.
    """
    known = re.fullmatch(r"v?(\d+)\.(\d+)(\.\d+)?", version) if isinstance(version, str) else None
    major, minor = (int(known[1]), int(known[2])) if known else (0, 0)
    has = f"the dataset {root} has LeRobot's version {version} and v3.0 is needed"
    if major == 3:
        return
    if major > 3:
        raise ArmchairError(f"{has}: it was made with a newer LeRobot, so look whether Armchair has an update for it.")
    if (major, minor) == (2, 1):
        raise ArmchairError(f"{has}: convert it with `{lerobot_advice.convert(root)}`.")
    if known:
        raise ArmchairError(
            f"{has}: bring it to v2.1 first, which of v2.0 lerobot 0.3 does on the Hub, by `{_OLD_CONVERTER}`, and "
            "then come back with it."
        )
    raise ArmchairError(
        f"the dataset {root} says that its version is {version!r}, which LeRobot never had: if its rows lie in "
        'data/chunk-000/file-000.parquet, write "v3.0" for codebase_version into meta/info.json.'
    )


def _check_template(root: Path, template: str) -> None:
    """Accept only plain fields of plain widths: a template is filled in by `str.format`, which can do much more."""
    try:
        fields = [(name, form or "", turn) for _, name, form, turn in Formatter().parse(template) if name is not None]
    except ValueError:
        fields = [("", "", None)]
    if not all(name in _FIELDS and _FIELD_FORM.fullmatch(form) and not turn for name, form, turn in fields):
        raise ArmchairError(f"the dataset {root} has the unknown path template {template!r}: do not trust it.")
    inside(root, template)
