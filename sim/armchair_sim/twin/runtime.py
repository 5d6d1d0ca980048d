"""The runtime folder, in which a running twin can be found. It belongs to one user and holds nothing worth keeping.

follower, leader           symbolic links to the serial ports
front.frames, wrist.frames newest pictures
twin.json                  process, ports, task and seed, as long as the twin runs
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically

FOLDER_VARIABLE = "ARMCHAIR_RUNTIME"
FRAMES_SUFFIX = ".frames"
_NOTE = "twin.json"


def runtime_dir() -> Path:
    """Return the folder, made if need be: $ARMCHAIR_RUNTIME, else the user's own place for such things, mode 0700.

    Raises:
        ArmchairError: if it cannot be made, or is another user's.
    """
    chosen = os.environ.get(FOLDER_VARIABLE)
    for folder in [Path(chosen).expanduser()] if chosen else _usual_places():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        _check_owner(folder)
        return folder.absolute()
    raise ArmchairError(
        f"no folder for the running twin could be made: set {FOLDER_VARIABLE} to a folder that you may write to."
    )


def lasting_dir() -> Path:
    """Return the folder of what must survive a reboot, as an EPROM does: the chosen one, else the user's cache."""
    if os.environ.get(FOLDER_VARIABLE):
        return runtime_dir()
    folder = Path("~/.cache/armchair").expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _usual_places() -> list[Path]:
    """Return the places to try, in memory first: 60 pictures a second are not for a disk."""
    session, memory = os.environ.get("XDG_RUNTIME_DIR"), Path("/dev/shm")
    name = f"armchair-{os.getuid()}" if hasattr(os, "getuid") else "armchair"
    return [
        *([Path(session, "armchair")] if session else []),
        *([memory / name] if memory.is_dir() else []),
        Path("~/.cache/armchair/run").expanduser(),
        Path(tempfile.gettempdir(), name),
    ]


def _check_owner(folder: Path) -> None:
    """Refuse another user's folder: in a shared place such as /tmp anybody could have made one of this name."""
    if not hasattr(os, "getuid"):
        return
    if folder.stat().st_uid != os.getuid():
        raise ArmchairError(
            f"{folder} belongs to another user: set {FOLDER_VARIABLE} to a folder of your own, for example "
            f"{FOLDER_VARIABLE}=~/armchair-run."
        )
    folder.chmod(0o700)


def frames_path(folder: Path, camera: str) -> Path:
    """Return the file of the newest picture of `camera`."""
    return folder / f"{camera}{FRAMES_SUFFIX}"


def cameras_in(folder: Path) -> list[str]:
    """Return the names of the cameras that a twin shows in `folder`, in alphabetical order."""
    return sorted(path.stem for path in folder.glob(f"[!.]*{FRAMES_SUFFIX}"))


def write_note(folder: Path, note: dict[str, Any]) -> None:
    """Write twin.json, which says who runs here."""
    write_atomically(folder / _NOTE, json.dumps(note, indent=2) + "\n")


def read_note(folder: Path) -> dict[str, Any] | None:
    """Return what the twin in `folder` says of itself; None if there is none. A killed twin leaves its note behind."""
    try:
        return json.loads((folder / _NOTE).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def remove_note(folder: Path) -> None:
    """Remove the note. Safe to call twice."""
    (folder / _NOTE).unlink(missing_ok=True)
