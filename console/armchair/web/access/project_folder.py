"""The project folder, where the console was started: its datasets, policies and evaluations. All paths end here.

Invariant: no name that a page gives leads out of the folder, by dots, a slash in front, or a link.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from armchair_core.dataset_format.info import INFO
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.workspace import Workspace, free_name, is_taken

_PART = r"[^\s./\\~\-][^/\\\x00-\x1f\x7f]{0,63}"  # as people name folders: with spaces and letters of all languages
NAME = rf"^{_PART}(/{_PART})?$"  # a folder here, or one in such a folder; none is hidden, or read as an option
Name = Annotated[str, Field(max_length=130, pattern=NAME)]  # for messages
_DATASET, _RUN, _POLICY, _EVALUATION = INFO, Path("loss.csv"), Path("checkpoints/last"), Path("eval.json")


class ProjectFolder:
    """Names are as people type them in `root`: ``data``, or ``armchair-demo/data``. Looks only."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def datasets(self) -> list[str]:
        """Return those that are whole, the newest first."""
        return self._holding(_DATASET)

    def runs(self) -> list[str]:
        """Return folders with the losses of a training, the newest first."""
        return self._holding(_RUN)

    def policies(self) -> list[str]:
        """Return folders that `armchair train` wrote and that have a checkpoint, the newest first."""
        return self._holding(_POLICY)

    def evaluations(self) -> list[str]:
        """Return the finished ones, the newest first."""
        return self._holding(_EVALUATION)

    def path(self, name: str) -> Path:
        """Return the folder of this name, which need not exist.

        Raises:
            ArmchairError: if the name would lead elsewhere.
        """
        if not self.is_name(name):
            raise ArmchairError(f"{name[:80]!r} is no name of a folder here: begin it with a letter or a digit.")
        return self.root / name

    def is_name(self, name: str) -> bool:
        """Return whether a name may be a page's: neither its folder nor that of its takes leads out of here."""
        if not re.fullmatch(NAME, name):
            return False
        path = self.root / name
        return all(each.resolve().is_relative_to(self.root) for each in (path, Workspace(path).root))

    def dataset(self, name: str) -> Path:
        """Return its folder. Raises ArmchairError if there is none of this name."""
        return self._found("dataset", name, _DATASET)

    def evaluation(self, name: str) -> Path:
        """Return its folder. Raises ArmchairError if there is none of this name."""
        return self._found("evaluation", name, _EVALUATION)

    def free(self, name: str) -> str:
        """Return `name`, or the nearest one at which nothing stands."""
        path = self.path(name)
        taken = is_taken(path) or Workspace(path).root.exists()
        return (free_name(path) if taken else path).relative_to(self.root).as_posix()

    def unused(self, name: str) -> Path:
        """Return the path of `name`.

        Raises:
            ArmchairError: if something stands there.
        """
        if (free := self.free(name)) != name:
            raise ArmchairError(f"there is a {name} already, and nothing is overwritten: {free} is free.")
        return self.path(name)

    def _found(self, what: str, name: str, mark: Path) -> Path:
        path = self.path(name)
        if not self._holds(path / mark):
            raise ArmchairError(f"there is no {what} {name} any more: choose another.")
        return path

    def _holding(self, mark: Path) -> list[str]:
        found = {folder.relative_to(self.root).as_posix(): file.stat().st_mtime for folder, file in self._marks(mark)}
        return sorted(found, key=lambda name: found[name], reverse=True)

    def _marks(self, mark: Path) -> Iterator[tuple[Path, Path]]:
        """(folder, what marks it) of all within reach."""
        for pattern in ("*", "*/*"):
            for folder in self.root.glob(pattern):
                name, file = folder.relative_to(self.root).as_posix(), folder / mark
                if self.is_name(name) and self._holds(file):
                    yield folder, file

    def _holds(self, file: Path) -> bool:
        return file.exists() and file.resolve().is_relative_to(self.root)
