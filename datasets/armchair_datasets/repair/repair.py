"""The repair of a dataset: from a broken one to one that stock LeRobot opens, with the broken one kept beside it.

Imports LeRobot, which takes seconds, only when there is something to examine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from armchair_core.errors import ArmchairError
from armchair_core.files import no_folder
from armchair_datasets.repair.videos import silent
from armchair_datasets.repair.workspace import RepairWorkspace, check_free, check_idle, free_backup

if TYPE_CHECKING:
    from armchair_datasets.repair.examine import Findings, WholeEpisode


@dataclass(frozen=True)
class Report:
    """What a repair found and did; episodes by their numbers in the broken dataset.

    `lost` says why, by episode, and `faults` all else that was wrong. `saved` counts the episodes that info.json
    promised, None if it was torn. `written` is the repaired dataset and `backup` the broken one, each None if it
    was not made.
    """

    dataset: str
    saved: int | None
    recovered: list[int]
    lost: dict[int, str]
    frames: int
    faults: list[str]
    written: str | None = None
    backup: str | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults and not self.lost


def repair(dataset: Path, out: Path | None = None, dry_run: bool = False) -> Report:
    """Recover the whole episodes of a LeRobotDataset v3.0 that a crash broke.

    The repaired dataset takes the place of the broken one, which is kept as `<dataset>.broken`; or, with `out`,
    is written there. A healthy dataset is left alone, and nothing is ever deleted or changed in place. A repair
    that is killed leaves the broken dataset whole and is finished, or begun anew, by the next.

    Raises:
        ArmchairError: if `dataset` is none, is being written, holds nothing to recover, or `out` is taken.
        OSError: if the disk refuses; then everything is as it was.
    """
    dataset = Path(dataset).absolute()
    target = Path(out).absolute() if out else dataset
    work = RepairWorkspace(target)
    if not out and work.is_half_swapped():
        return _go_on(work, dry_run)
    _check(dataset)
    if out:
        check_free(target)
    found, report = _look(dataset)
    if dry_run:
        return report
    if report.healthy:
        work.sweep()
        return report
    if not found.kept:
        raise ArmchairError(_hopeless(report))
    with work.locked():
        work.start()
        report = replace(_build(work, found, report), written=str(target))
        if target == dataset:
            report = replace(report, backup=str(free_backup(dataset)))
        work.complete(asdict(report))
        if report.backup:
            dataset.rename(report.backup)
        return _finish(work)


def _check(dataset: Path) -> None:
    if not dataset.is_dir():
        raise ArmchairError(no_folder(dataset, "dataset", ": name the folder of a LeRobotDataset."))
    if not (dataset / "meta").is_dir() and not (dataset / "data").is_dir():
        raise ArmchairError(f"{dataset} has neither meta/ nor data/: name the folder of a LeRobotDataset.")
    check_idle(dataset)


def _look(dataset: Path) -> tuple["Findings", Report]:
    from armchair_datasets.repair.examine import examine

    with silent():
        found = examine(dataset)
    return found, _report(
        Report(str(dataset), found.saved, [], {}, 0, [*found.faults, *found.obstacles]), found.kept, found.lost
    )


def _report(report: Report, kept: Sequence["WholeEpisode"], lost: Mapping[int, str]) -> Report:
    recovered = [episode.rows.episode for episode in kept]
    frames = sum(episode.rows.length for episode in kept)
    return replace(report, recovered=recovered, frames=frames, lost=dict(sorted({**report.lost, **lost}.items())))


def _hopeless(report: Report) -> str:
    if report.saved == 0:
        return f"no episode was ever saved in {report.dataset}, so that there is nothing to recover: record anew."
    why = "; ".join(dict.fromkeys(report.lost.values())) or "; ".join(report.faults)
    return f"nothing in {report.dataset} can be recovered ({why}): it was left as it is; record into another folder."


def _build(work: RepairWorkspace, found: "Findings", report: Report) -> Report:
    """Rebuild and check, and return the report without the episodes whose pictures turned out to be undecodable."""
    from armchair_datasets.card.card import write_card
    from armchair_datasets.repair.check import check
    from armchair_datasets.repair.rebuild import rebuild

    with silent():
        left_out = rebuild(found, work.building)
        kept = [episode for episode in found.kept if episode.rows.episode not in left_out]
        report = _report(report, kept, left_out)
        if not kept:
            raise ArmchairError(_hopeless(report))
        check(kept, work.building, work.cache)
        write_card(work.building, Path(report.dataset).name)
    return report


def _go_on(work: RepairWorkspace, dry_run: bool) -> Report:
    """Finish a repair that was killed between its two renames."""
    if dry_run:
        raise ArmchairError(
            f"a repair of {work.out} was interrupted at its last step, and the broken dataset is now called "
            f"{work.report()['backup']}: leave --dry-run away to finish it."
        )
    with work.locked():
        return _finish(work)


def _finish(work: RepairWorkspace) -> Report:
    """Do the last rename and return the report."""
    raw = work.report()  # JSON has turned the episodes' numbers into words
    work.publish()
    return Report(**raw | {"lost": {int(episode): why for episode, why in raw["lost"].items()}})
