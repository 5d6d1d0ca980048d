"""A recording's dataset: begun, built from the finished episodes, checked and put in its place.

Whoever recorded them, and whether or not the recording went to its end: what `recording.json` says is enough.
"""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from armchair_core import lerobot_advice
from armchair_core.command_line import quoted, typed
from armchair_core.dataset_format.about import ABOUT, read_about
from armchair_core.dataset_format.columns import BOOKKEEPING
from armchair_core.dataset_format.info import is_dataset, read_info
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.episode_folder import Episode
from armchair_datasets.recording.format import Format, continuing
from armchair_datasets.recording.workspace import Workspace, free_name, nearest_free
from armchair_robot.loop.episode import Outcome


def begin(work: Workspace, asked: dict[str, Any], form: Format, about: dict[str, Any], append: bool) -> None:
    """Claim the working folder for a recording; `about` will go into the dataset's armchair.json.

    Raises:
        ArmchairError: as `Workspace.start`, or because these episodes cannot be added to that dataset.
    """
    if append and is_dataset(work.out):
        check_addable(form, work.out)
    work.start({**asked, "form": asdict(form), "about": about}, append)


def build(work: Workspace) -> int:
    """Make the dataset of the finished, successful episodes and return how many frames they have.

    An episode of which frames.npz is there was successful. `work` is dropped when the dataset is in its place;
    until then everything can be done again.

    Raises:
        OSError: if the disk refuses; the episodes stay.
    """
    attempts = [Episode(folder) for folder in sorted(work.episodes.glob("[0-9]" * 6))]
    shutil.rmtree(work.dataset, ignore_errors=True)  # what an interrupted run had half built
    frames = build_dataset(work.begun, attempts, work.dataset, f"armchair/{work.out.name}", work.base)
    work.publish()
    return frames


def build_dataset(
    begun: dict[str, Any], attempts: list[Episode], root: Path, repo_id: str, base: Path | None = None
) -> int:
    """Make the checked dataset of the attempts that succeeded, behind the episodes of `base`, in the new folder `root`.

    `begun` is what recording.json says. Returns how many frames were added.

    Raises:
        OSError: if the disk refuses.
    """
    # LeRobot takes seconds to import, so not before there is something to build.
    from armchair_datasets.card.card import write_card
    from armchair_datasets.recording.assemble import assemble
    from armchair_datasets.recording.check import check_dataset

    told = begun["form"]
    form = Format(**{**told, "joints": tuple(told["joints"]), "cameras": tuple(told["cameras"])})
    if base is not None:
        form = continuing(form, read_info(base).features)
    kept = [attempt for attempt in attempts if attempt.outcome.success]
    assemble(kept, root, form, repo_id, base)
    about = _about(begun["about"], [attempt.outcome for attempt in attempts], base)
    (root / ABOUT).write_text(json.dumps(about, indent=4))
    write_card(root, repo_id.rpartition("/")[2])
    return check_dataset(kept, root, repo_id, base)


def finish(out: Path) -> int:
    """Build the dataset of a recording that was interrupted and will not go on, and return its number of episodes.

    Raises:
        ArmchairError: if nothing waits, or no episode was finished.
    """
    work = Workspace(out.resolve())
    work.recover()
    if not work.root.exists():
        raise ArmchairError(f"no unfinished recording waits beside {out}: there is nothing to finish.")
    with work.locked():
        episodes = work.finished()
        if not episodes:
            raise ArmchairError(f"no episode in {work.root} was finished: record again with --resume.")
        build(work)
    return episodes


def check_addable(form: Format, base: Path) -> None:
    """Refuse to add episodes of one form to a dataset of another. Reads info.json only.

    Raises:
        ArmchairError: naming what differs.
    """
    info = read_info(base)
    form = continuing(form, info.features)
    ours = form.features()
    own = set(ours) - set(replace(form, clocked=False, takeover=False, shoves=False).features())
    wanted = {name: (feature["dtype"], tuple(feature["shape"])) for name, feature in ours.items()}
    found = {name: (feature.dtype, feature.shape) for name, feature in info.features.items()}
    differing = [
        name for name in wanted.keys() | found.keys() - set(BOOKKEEPING) if wanted.get(name) != found.get(name)
    ]
    if info.fps != form.fps:
        differing.append("fps")
    if differing and set(differing) <= own - found.keys():
        raise ArmchairError(_columns_missing(base, sorted(differing)))
    if differing:
        raise ArmchairError(
            f"{base} was recorded with another {' and '.join(sorted(differing))}, and one dataset has one of each: "
            f"record into a folder of its own, with {quoted('--out', free_name(base))}."
        )


def _columns_missing(base: Path, columns: list[str]) -> str:
    """Return what to do where `base` is like ours but for columns in which we say more of a frame than LeRobot does."""
    ours = free_name(base)
    names = (base.with_name(f"{base.name}-{what}") for what in ("plain", "joined", "policy"))
    without, joined, policy = map(nearest_free, names)
    return (
        f"{base} lacks {' and '.join(columns)}, which a recording of ours has besides what LeRobot's has: record with "
        f"{quoted('--out', ours)}, and train on both at once with "
        f"`{typed('train', base, ours, '--out', policy)}`, or make one dataset of them "
        f"with `{lerobot_advice.remove_columns(ours, columns, without)}` and then "
        f"`{lerobot_advice.merge([base, without], joined)}`."
    )


def _about(about: dict[str, Any], outcomes: list[Outcome], base: Path | None) -> dict[str, Any]:
    """Return what is said of the whole dataset: of a fact that differs from the older episodes', nothing."""
    ours = {
        **about,
        "seeds": [outcome.seed for outcome in outcomes if outcome.success],
        "skipped": {str(outcome.seed): outcome.ending for outcome in outcomes if not outcome.success},
    }
    if base is None:
        return ours
    older = read_about(base)
    agreed = {name: value for name, value in ours.items() if older.get(name) == value}
    return {
        **agreed,
        "seeds": older.get("seeds", []) + ours["seeds"],
        "skipped": older.get("skipped", {}) | ours["skipped"],
    }
