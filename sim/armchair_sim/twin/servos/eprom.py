"""The EPROMs of the twin's servos, kept in a file while it is switched off."""

import json
from collections.abc import Mapping
from pathlib import Path

from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_sim.twin.servos.follower import Follower
from armchair_sim.twin.servos.leader import Leader

_FILE = "eprom.json"


def read_eproms(folder: Path) -> dict[str, list[dict[str, int]]]:
    """Return each arm's servos' settings as the last twin in `folder` left them; {} if there was none.

    Raises:
        ArmchairError: if the file is not what `write_eproms` writes.
    """
    file = folder / _FILE
    try:
        saved = json.loads(file.read_text())
        return {
            arm: [{name: int(value) for name, value in servo.items()} for servo in servos]
            for arm, servos in saved.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError) as error:
        raise ArmchairError(f"{file} is damaged: remove it, and the twin's servos start as calibrated.") from error


def write_eproms(folder: Path, arms: Mapping[str, Follower | Leader]) -> None:
    """Write every servo's settings into `folder`."""
    saved = {name: [memory.eprom() for memory in arm.memories] for name, arm in arms.items()}
    write_atomically(folder / _FILE, json.dumps(saved))
