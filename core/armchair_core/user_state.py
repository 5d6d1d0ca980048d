"""The user's state folder: what programs remember from one start to the next, outside of any project's folder."""

import hashlib
import os
from pathlib import Path

from platformdirs import user_cache_path, user_state_path

from armchair_core.errors import ArmchairError

STATE_VARIABLE = "ARMCHAIR_STATE"


def user_state() -> Path:
    """Return $ARMCHAIR_STATE, else where this system keeps such things. Makes nothing."""
    chosen = os.environ.get(STATE_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_state_path("armchair", appauthor=False)


def user_cache() -> Path:
    """Return the folder of what could be made anew: below $ARMCHAIR_STATE, else the system's own. Makes nothing."""
    return user_state() / "cache" if os.environ.get(STATE_VARIABLE) else user_cache_path("armchair", appauthor=False)


def project_state(kind: str, root: Path) -> Path:
    """Return the folder of what is remembered of the project in `root`. Makes nothing; see `private_folder`.

    It does not lie in `root`, which may have come from somebody else.
    """
    root = root.resolve()
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return user_state() / kind / f"{root.name[:40]}-{key}"


def private_folder(folder: Path) -> Path:
    """Return `folder`, made if need be, into which no other user may look.

    Raises:
        ArmchairError: if it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise ArmchairError(
            f"{folder} cannot be made ({error.strerror}): set {STATE_VARIABLE} to a folder that you may write to."
        ) from None
    return folder
