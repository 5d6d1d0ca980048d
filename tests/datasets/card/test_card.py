"""The card that a dataset has from the day on which it is made."""

import yaml

from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.card.card import README, is_ours, write_card
from armchair_datasets.editing.remove import remove_episodes
from armchair_datasets.recording.build import build_dataset

BEGUN = {
    "form": {
        "instruction": "Lift it.", "joints": FEATURE_NAMES, "cameras": ("front", "wrist"), "height": 48, "width": 64,
        "fps": 30,
    },
    "about": {"hand": "leader"},
}  # fmt: skip


def card(root) -> str:
    text = (root / README).read_text()
    assert is_ours(text)
    return text


def test_it_comes_with_the_dataset_and_goes_with_its_episodes(make_episode, tmp_path):
    first, more = tmp_path / "my lifts", tmp_path / "more"
    build_dataset(BEGUN, [make_episode(number, 8) for number in range(2)], first, "armchair/my lifts")
    assert "dataset of 2 episodes\n(16 frames" in card(first)
    build_dataset(BEGUN, [make_episode(2, 8)], more, "armchair/more", base=first)
    assert "dataset of 3 episodes\n(24 frames" in card(more) and "# more" in card(more)
    remove_episodes(more, {0, 1})
    assert "dataset of 1 episode\n(8 frames" in card(more)


def test_it_names_no_repo_and_no_licence_that_nobody_chose_and_its_lines_can_be_typed(make_episode, tmp_path):
    root = tmp_path / "my lifts"
    build_dataset(BEGUN, [make_episode(0, 8)], root, "armchair/my lifts")
    text = card(root)
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["tags"][:2] == ["LeRobot", "armchair"] and "license" not in front
    assert 'LeRobotDataset("local/dataset", root="my lifts")' in text
    assert "armchair train 'my lifts' --minutes 8 --out 'my lifts-policy'" in text
    assert "--dataset.repo_id=local/dataset --dataset.root='my lifts'" in text
    assert "hf download" not in text and "Licence" not in text


def test_a_persons_words_stay(make_episode, tmp_path):
    root = tmp_path / "lift"
    build_dataset(BEGUN, [make_episode(0, 8)], root, "armchair/lift")
    (root / README).write_text("mine")
    write_card(root, "lift")
    assert (root / README).read_text() == "mine"


def test_what_cannot_be_described_is_not_lost(make_episode, tmp_path):
    root = tmp_path / "lift"
    build_dataset(BEGUN, [make_episode(0, 8)], root, "armchair/lift")
    before = card(root)
    (root / "meta/tasks.parquet").write_bytes(b"torn")
    write_card(root, "lift")
    assert card(root) == before
