"""The description of a LeRobotDataset, meta/info.json (lerobot 0.6.1, datasets/utils.py), checked before use.

Invariant: no path that a dataset names leads out of its folder. A dataset comes from strangers, and its info.json
may say ``/etc/passwd`` or ``../..`` where LeRobot expects a file of its own.
"""

import os
import re
from pathlib import Path
from string import Formatter
from typing import Any

from pydantic import BaseModel, Field, FiniteFloat, ValidationError

from armchair_core.errors import ArmchairError
from armchair_core.files import nearest_sibling

INFO, STATS = Path("meta", "info.json"), Path("meta", "stats.json")
_FIELDS = {"video_key", "chunk_index", "file_index"}
_FIELD_FORM = re.compile(r"(0?\d?d)?")  # {chunk_index:03d}
_CONVERTER = "python -m lerobot.scripts.convert_dataset_v21_to_v30"


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
        """The names of a vector's numbers; LeRobot also writes them as {"motors": [...]}."""
        names = next(iter(self.names.values()), ()) if isinstance(self.names, dict) else self.names
        return tuple(map(str, names)) if isinstance(names, list) else ()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of a picture, whatever the order of its axes; (0, 0) if the shape is no picture's."""
        by_name = dict(zip(self.flat_names, self.shape, strict=False))
        if "height" in by_name and "width" in by_name:
            return by_name["height"], by_name["width"]
        channels_first = len(self.shape) == 3 and self.shape[0] in (1, 3) and self.shape[2] not in (1, 3)
        sizes = self.shape[1:3] if channels_first else self.shape[:2]
        return (sizes[0], sizes[1]) if len(sizes) == 2 else (0, 0)


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
        info = DatasetInfo.model_validate_json((root / INFO).read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{name}: " for name in first["loc"])
        raise broken(root, f"meta/info.json is damaged ({where}{first['msg']})") from None
    _check_version(root, info.codebase_version)
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
    return ArmchairError(f"the dataset {root} is broken, as {what}: try `armchair repair {root}`.")


def _no_dataset(root: Path) -> ArmchairError:
    if not root.is_dir():
        is_repo_id = len(root.parts) == 2 and not root.is_absolute()
        where = f"`hf download {root} --repo-type dataset --local-dir {root.name}`" if is_repo_id else "armchair record"
        hint = nearest_sibling(root) or f": give the folder of a dataset, such as {where} makes."
        return ArmchairError(f"there is no folder {root}{hint}")
    if (root / "meta").is_dir() or any(root.glob("data/**/*.parquet")):
        return broken(root, "it has no meta/info.json")
    inner = next((path.parents[1] for path in sorted(root.glob(f"*/{INFO.as_posix()}"))), None)
    hint = f"did you mean {inner}?" if inner else "give the folder of a dataset, such as armchair record makes."
    return ArmchairError(f"{root} is no LeRobot dataset, having no meta/info.json: {hint}")


def _check_version(root: Path, version: str) -> None:
    if version.startswith("v2."):
        raise ArmchairError(
            f"the dataset {root} has LeRobot's version {version} and v3.0 is needed: convert it with "
            f"`{_CONVERTER} --repo-id={root.name} --root={root} --push-to-hub=false --force-conversion`."
        )
    if not version.startswith("v3."):
        raise ArmchairError(f"the dataset {root} has version {version!r} and v3.0 is needed: record it anew.")


def _check_template(root: Path, template: str) -> None:
    """Accept only plain fields of plain widths: a template is filled in by `str.format`, which can do much more."""
    try:
        fields = [(name, form or "", turn) for _, name, form, turn in Formatter().parse(template) if name is not None]
    except ValueError:
        fields = [("", "", None)]
    if not all(name in _FIELDS and _FIELD_FORM.fullmatch(form) and not turn for name, form, turn in fields):
        raise ArmchairError(f"the dataset {root} has the unknown path template {template!r}: do not trust it.")
    inside(root, template)
