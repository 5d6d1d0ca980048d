"""The user's state folder: what programs remember from one start to the next, outside of any project's folder."""

import hashlib
import os
from pathlib import Path

from platformdirs import user_state_path

STATE_VARIABLE = "ARMCHAIR_STATE"


def user_state() -> Path:
    """Return $ARMCHAIR_STATE, else where this system keeps such things. Makes nothing."""
    chosen = os.environ.get(STATE_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_state_path("armchair", appauthor=False)


def project_state(kind: str, root: Path) -> Path:
    """Return the folder of what is remembered of the project in `root`, made if need be; no other user may look in.

    It does not lie in `root`, which may have come from somebody else.
    """
    root = root.resolve()
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    folder = user_state() / kind / f"{root.name[:40]}-{key}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
