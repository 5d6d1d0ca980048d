"""The removal of episodes from a LeRobotDataset v3.0: their rows, and their pictures too.

The problem: many episodes share a video file, and LeRobot's `delete_episodes` compresses the others anew, which costs
quality each time. Here the others' pictures are copied as they are, if each episode begins with a picture that needs no
earlier one. That is so wherever LeRobot or we have joined episodes of their own.

    examine --without--> videos cut --rebuild--> dataset beside it --check--> the two change places, the old one goes
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import av

from armchair_core.command_line import typed
from armchair_core.dataset_format.about import ABOUT, read_about
from armchair_core.dataset_format.info import read_info
from armchair_core.dataset_format.layout import open_layout
from armchair_core.dataset_format.rows import read_rows
from armchair_core.dataset_format.stock import misplaced_pictures
from armchair_core.durable import exchange_folders
from armchair_core.errors import ArmchairError
from armchair_datasets.editing.tags import TAGS, read_tags, write_tags
from armchair_datasets.recording.video_encoder import copied_stream
from armchair_datasets.recording.workspace import Workspace
from armchair_datasets.repair.videos import Span, VideoFile, silent
from armchair_datasets.repair.workspace import RepairWorkspace, check_idle

if TYPE_CHECKING:
    from armchair_datasets.repair.examine import Findings, WholeEpisode

_EARLY = 0.25  # of a frame's period: by so much rounding may move a picture


def remove_episodes(dataset: Path, episodes: Collection[int]) -> int:
    """Take `episodes` out for good and return how many are left. Those behind a removed one move up.

    Whatever ends it, the dataset is as it was before or as it should be afterwards.

    Raises:
        ArmchairError: if there is no such dataset or episode, none would be left, it is broken, is being written or
            added to, or its pictures cannot be told apart without loss.
    """
    dataset = Path(dataset).absolute()
    _check_place(dataset)
    check_idle(dataset)
    # LeRobot takes seconds to import, so not before there is something to remove.
    from armchair_datasets.card.card import write_card
    from armchair_datasets.repair.check import check
    from armchair_datasets.repair.examine import examine
    from armchair_datasets.repair.rebuild import rebuild

    work = RepairWorkspace(dataset)
    with work.locked(), silent():
        work.start()
        found = examine(dataset)
        kept = _choose(found, episodes)
        _check_pictures(dataset)
        cut = work.root / "cache" / "films"
        left_out = rebuild(replace(found, kept=_cut_videos(found, kept, cut)), work.building)
        if left_out:
            raise ArmchairError(
                f"{dataset} is broken ({'; '.join(left_out.values())}): try `{typed('repair', dataset)}`."
            )
        _renumber(dataset, work.building, [episode.rows.episode for episode in kept])
        check(kept, work.building, work.cache)
        write_card(work.building, dataset.name)
        exchange_folders(dataset, work.building)
    return len(kept)


def _check_place(dataset: Path) -> None:
    """Raise ArmchairError if there is no dataset, or a recording waits that adds to it."""
    read_info(dataset)  # says so if it is none
    if (recording := Workspace(dataset)).root.exists():
        raise ArmchairError(
            f"a recording that adds to {dataset} waits in {recording.root}: finish it first, with "
            f"`{typed('repair', dataset)}`."
        )


def _check_pictures(dataset: Path) -> None:
    """Raise ArmchairError if nobody can tell which pictures go with an episode."""
    layout = open_layout(dataset)
    for words in misplaced_pictures(layout, read_rows(layout)):
        raise ArmchairError(f"no episode can be taken out of {dataset}, as {words}: see `armchair check {dataset}`.")


def _choose(found: "Findings", episodes: Collection[int]) -> list["WholeEpisode"]:
    """Return the episodes that stay.

    Raises:
        ArmchairError: if the dataset is broken, has no such episode, or none would stay.
    """
    if not (found.kept or found.lost or read_info(found.root).total_episodes):
        raise ArmchairError(f"{found.root} holds no episodes: there is none to take out.")
    if found.faults or found.lost:
        why = "; ".join([*found.faults, *found.lost.values()])
        raise ArmchairError(f"{found.root} is broken ({why}): try `{typed('repair', found.root)}` first.")
    known = [episode.rows.episode for episode in found.kept]
    if unknown := sorted(set(episodes) - set(known)):
        raise ArmchairError(f"{found.root} has no episode {unknown[0]}: its episodes are {known[0]} to {known[-1]}.")
    kept = [episode for episode in found.kept if episode.rows.episode not in episodes]
    if not kept:
        raise ArmchairError(f"{found.root} would have no episode left: delete the folder itself if you mean that.")
    return kept


def _cut_videos(found: "Findings", kept: Sequence["WholeEpisode"], folder: Path) -> list["WholeEpisode"]:
    """Return the episodes that stay, with their pictures in videos that show nothing else."""
    spans = [dict(episode.spans) for episode in kept]
    for key in kept[0].spans:
        for video in dict.fromkeys(episode.spans[key].video for episode in found.kept):
            mine = [number for number, episode in enumerate(kept) if episode.spans[key].video == video]
            wanted = [(spans[number][key].first, kept[number].rows.length) for number in mine]
            if sum(length for _, length in wanted) == video.frames or not mine:
                continue
            target = folder / key / f"{video.numbers[0]}-{video.numbers[1]}.mp4"
            target.parent.mkdir(parents=True, exist_ok=True)
            for number, span in zip(mine, _cut_video(video, wanted, target, found.info.fps), strict=True):
                spans[number][key] = span
    return [replace(episode, spans=mine) for episode, mine in zip(kept, spans, strict=True)]


def _cut_video(video: VideoFile, wanted: Sequence[tuple[int, int]], target: Path, fps: float) -> list[Span]:
    """Write a video of the `wanted` (first, length) frames alone, bit for bit; return where each stretch lies in it.

    A picture belongs to the frame in whose period it begins, however many there are in a second.
    """
    firsts, now = [], 0  # where the stretches begin in the new video, in frames
    for _, length in wanted:
        firsts.append(now)
        now += length
    begun: set[int] = set()
    with av.open(str(video.path)) as source, av.open(str(target), "w", options={"movflags": "faststart"}) as output:
        stream = copied_stream(output, source.streams.video[0])
        for packet in (packet for packet in source.demux(video=0) if packet.size):
            if packet.pts is None or packet.time_base is None or packet.pts != packet.dts:
                raise _inseparable(video)
            at = float(packet.pts * packet.time_base) * fps
            places = enumerate(wanted)
            stretch = next((n for n, (first, length) in places if 0 <= at + _EARLY - first < length), None)
            if stretch is None:
                continue
            if stretch not in begun and not packet.is_keyframe:
                raise _inseparable(video)
            begun.add(stretch)
            packet.pts += round((firsts[stretch] - wanted[stretch][0]) / fps / packet.time_base)
            packet.dts, packet.stream = packet.pts, stream
            output.mux(packet)
    cut = VideoFile(target, video.numbers, now, True)
    return [Span(cut, first) for first in firsts]


def _inseparable(video: VideoFile) -> ArmchairError:
    return ArmchairError(
        f"the episodes in {video.path} cannot be told apart without loss: use LeRobot's "
        "`lerobot-edit-dataset --operation.type delete_episodes`, which compresses them anew."
    )


def _renumber(old: Path, new: Path, kept: Sequence[int]) -> None:
    """Renumber what is said of episodes by their numbers, and drop meta/quality.json, which must be made anew."""
    (new / "meta" / "quality.json").unlink(missing_ok=True)
    tags = read_tags(old)
    if tags:
        (new / TAGS).unlink(missing_ok=True)
        write_tags(new, {number: tags[was] for number, was in enumerate(kept) if was in tags})
    about = read_about(old)
    seeds = about.get("seeds", [])
    if len(seeds) > max(kept):  # else it was recorded in parts that nobody wrote down
        gone = {str(seed): "removed" for number, seed in enumerate(seeds) if number not in set(kept)}
        about |= {"seeds": [seeds[number] for number in kept], "skipped": about.get("skipped", {}) | gone}
        (new / ABOUT).write_text(json.dumps(about, indent=4))
