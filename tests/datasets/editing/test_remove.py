"""Episodes that are taken out are gone, pictures and all, and the others keep every bit."""

import json
import shutil

import av
import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.editing.remove import remove_episodes
from armchair_datasets.editing.tags import read_tags, set_tags
from armchair_datasets.recording.assemble import assemble
from armchair_datasets.recording.format import Format

FORM = Format("Do it.", FEATURE_NAMES, ("front", "wrist"), 48, 64, 30)
LENGTHS = [9, 12, 7, 10]


@pytest.fixture
def dataset(make_episode, tmp_path):
    root = tmp_path / "data"
    assemble([make_episode(number, length) for number, length in enumerate(LENGTHS)], root, FORM, "a/b")
    (root / "meta" / "armchair.json").write_text(
        json.dumps({"task": "t", "seeds": [4, 5, 6, 7], "skipped": {"8": "x"}})
    )
    (root / "README.md").write_text("mine")
    set_tags(root, 2, ["good"])
    return root


def rows(root) -> list[dict[str, np.ndarray]]:
    from lerobot.datasets import LeRobotDataset

    dataset = LeRobotDataset("a/b", root=root, video_backend="pyav", return_uint8=True)
    return [dataset[index] for index in range(len(dataset))]


def test_the_others_keep_every_bit_and_move_up(dataset):
    before = rows(dataset)
    assert remove_episodes(dataset, {1, 3}) == 2
    kept = [row for row in before if int(row["episode_index"]) in (0, 2)]
    after = rows(dataset)
    assert [int(row["episode_index"]) for row in after] == [0] * 9 + [1] * 7
    for was, now in zip(kept, after, strict=True):
        for key in ("action", "observation.state", "observation.images.front", "observation.images.wrist"):
            np.testing.assert_array_equal(was[key].numpy(), now[key].numpy())
    for film in dataset.rglob("*.mp4"):
        with av.open(str(film)) as video:
            assert sum(1 for _ in video.decode(video=0)) == 16, "no removed picture is left in a file"
    about = json.loads((dataset / "meta" / "armchair.json").read_text())
    assert about["seeds"] == [4, 6] and about["skipped"] == {"8": "x", "5": "removed", "7": "removed"}
    assert read_tags(dataset) == {1: ["good"]}
    assert (dataset / "README.md").read_text() == "mine"
    assert [path.name for path in dataset.parent.iterdir() if path.name.startswith("data")] == ["data"]


@pytest.mark.parametrize(
    ("episodes", "words"),
    [({4}, "has no episode 4: its episodes are 0 to 3"), ({0, 1, 2, 3}, "would have no episode left")],
)
def test_what_cannot_be_leaves_it_as_it_was(dataset, episodes, words):
    before = (dataset / "meta" / "info.json").read_bytes()
    with pytest.raises(ArmchairError, match=words):
        remove_episodes(dataset, episodes)
    assert (dataset / "meta" / "info.json").read_bytes() == before


def test_a_broken_one_or_one_that_is_added_to_is_refused(dataset, tmp_path):
    (tmp_path / "data.recording").mkdir()
    with pytest.raises(ArmchairError, match="a recording that adds to"):
        remove_episodes(dataset, {0})
    (tmp_path / "data.recording").rmdir()
    shutil.rmtree(dataset / "meta" / "episodes")
    with pytest.raises(ArmchairError, match="is broken"):
        remove_episodes(dataset, {0})
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArmchairError, match="is no LeRobot dataset"):
        remove_episodes(tmp_path / "empty", {0})
