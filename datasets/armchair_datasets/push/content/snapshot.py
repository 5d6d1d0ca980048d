"""The snapshot of a recording that goes on: the dataset of what may leave the machine already.

    dataset--marta--lift.snapshot/
        recording        which recording this is of
        sent             the name of the snapshot that has arrived
        000007/          the dataset of those of its attempts 000000 to 000006 that succeeded

Invariants: of the recording everything is read and nothing written, locked or waited for. The last take is never in
a snapshot, as its operator can still take it back. Each snapshot adds files to those of the one before and leaves
them as they are: what has been sent is not sent again.
"""

import json
import shutil
from pathlib import Path

from armchair_core.dataset_format.info import INFO
from armchair_core.files import write_atomically
from armchair_datasets.push.errors import TransientError
from armchair_datasets.recording.episode_folder import Episode
from armchair_datasets.recording.real_time.disk_space import RESERVE_BYTES
from armchair_datasets.recording.workspace import Workspace

_NUMBER = "[0-9]" * 6


def is_due(out: Path, place: Path) -> bool:
    """Return whether the recording of `out` has an episode for good that has not arrived. Reads names only."""
    work = Workspace(out)
    if _is_over(work):
        return False
    newest, sent = _newest(work, place), place / "sent"
    is_unsent = newest is not None and not (sent.exists() and sent.read_text() == newest.name)
    return is_unsent or _has_success(_new(work, place))


def mark_sent(snapshot: Path) -> None:
    """Write down that a snapshot has arrived."""
    write_atomically(snapshot.with_name("sent"), snapshot.name)


def make_snapshot(out: Path, place: Path) -> Path:
    """Make the dataset of what is recorded of `out` for good, and return its folder in `place`. Imports LeRobot.

    If nothing is new, it is the one that is there.

    Raises:
        TransientError: if the recording ends meanwhile, or the disk has no room to spare.
    """
    work = Workspace(out)
    try:
        made = _make(work, place)
    except Exception as error:
        if _is_over(work):
            raise TransientError(f"the recording of {out} has ended meanwhile") from error
        if isinstance(error, OSError):
            raise TransientError(f"no copy could be made of what is recorded ({error})") from error
        raise
    if _is_over(work):  # then the dataset that is added to may have changed in between
        shutil.rmtree(made)
        raise TransientError(f"the recording of {out} has ended meanwhile")
    return made


def episodes_in(dataset: Path) -> int:
    """Return how many episodes a dataset says it has."""
    return json.loads((dataset / INFO).read_text())["total_episodes"]


def _make(work: Workspace, place: Path) -> Path:
    import lerobot.datasets  # noqa: F401 - first, as it takes seconds in which more is recorded

    from armchair_datasets.recording.build import build_dataset

    new, before = _new(work, place), _newest(work, place)
    if not _has_success(new):
        if before is None:
            raise TransientError("the only take is being taken back")
        return before
    if before is None:
        shutil.rmtree(place, ignore_errors=True)  # of another recording of that name
        place.mkdir(parents=True)
        write_atomically(place / "recording", _identity(work))
    _check_room(new, place, work.base if before is None else None)
    partial, made = place / "partial", place / f"{int(new[-1].name) + 1:06d}"
    shutil.rmtree(partial, ignore_errors=True)
    build_dataset(
        work.begun, [Episode(folder) for folder in new], partial, f"armchair/{work.out.name}", before or work.base
    )
    partial.rename(made)
    for older in place.glob(_NUMBER):
        if older != made:
            shutil.rmtree(older)
    return made


def _new(work: Workspace, place: Path) -> list[Path]:
    """Return the attempts that no snapshot has, without the last, up to a gap: some are recorded side by side."""
    before = _newest(work, place)
    folders = sorted(work.episodes.glob(_NUMBER))[:-1]
    unbroken = [folder for number, folder in enumerate(folders) if int(folder.name) == number]
    return unbroken[int(before.name) if before else 0 :]


def _has_success(attempts: list[Path]) -> bool:
    return any((folder / "frames.npz").exists() for folder in attempts)


def _newest(work: Workspace, place: Path) -> Path | None:
    """Return the newest snapshot of this recording, and of no earlier one of the same name."""
    mark = place / "recording"
    if not mark.exists() or mark.read_text() != _identity(work):
        return None
    return max(place.glob(_NUMBER), default=None)


def _identity(work: Workspace) -> str:
    try:
        return str(work.note.stat().st_mtime_ns)
    except FileNotFoundError:
        return "over"


def _is_over(work: Workspace) -> bool:
    """Return whether it is being published, or has been, or was given up."""
    return not work.root.exists() or (work.root / "published").exists()


def _check_room(new: list[Path], place: Path, base: Path | None) -> None:
    """Leave the recorder its reserve, and as much again."""
    needed = sum(file.stat().st_size for folder in new for file in folder.iterdir())
    if base is not None and base.stat().st_dev != place.stat().st_dev:  # then its files cannot be shared
        needed += sum(file.stat().st_size for file in base.rglob("*") if file.is_file())
    free = shutil.disk_usage(place).free
    if free < needed + 2 * RESERVE_BYTES:
        raise TransientError(f"the disk of {place} has {free / 1e6:.0f} MB left, which are kept for the recording")
