"""The completeness check of a dataset: half of one must not be published. Reads meta/ only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from armchair_core.command_line import typed
from armchair_core.dataset_format.layout import Layout, open_layout
from armchair_core.dataset_format.stock import loading_obstacles
from armchair_core.dataset_format.tables import TASKS, TableError
from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import Payload


def check_complete(payload: Payload) -> None:
    """Check that the folder is there and, for a LeRobotDataset v3.0, the files of all of its episodes.

    Raises:
        ArmchairError: naming the first thing that is not.
    """
    root = payload.folder
    if not root.is_dir():
        raise ArmchairError(f"{root} is gone: push it again from where it is now.")
    if payload.kind != "dataset":
        return
    layout = open_layout(root)
    if not layout.info.total_episodes:
        raise ArmchairError(f"{root} holds no episodes, so that there is nothing to push: record some first.")
    mend = f"mend it with `{typed('repair', root)}`, then push again."
    try:
        named = {root / TASKS}.union(*(_files(layout, episode) for episode in layout.episodes))
    except TableError as error:
        raise ArmchairError(f"what {root} says of its episodes cannot be read ({error.reason}): {mend}") from None
    if missing := sorted(path for path in named if not path.is_file()):
        raise ArmchairError(f"{root} lacks {missing[0].relative_to(root).as_posix()}: {mend}")
    if (counted := layout.info.total_episodes) != len(layout.episodes):
        raise ArmchairError(f"{root} says that it has {counted} episodes and describes {len(layout.episodes)}: {mend}")
    if obstacle := next(loading_obstacles(layout), None):
        raise ArmchairError(f"LeRobot could not load {root}, as {obstacle}: {mend}")


def _files(layout: Layout, episode: dict[str, Any]) -> Iterator[Path]:
    """Yield where an episode's rows and pictures lie."""
    yield layout.data_file(episode)
    for key, feature in layout.info.features.items():
        if feature.dtype == "video":
            yield layout.video_file(episode, key)
