"""Cards: what they say is so, they are the same every time, and a person's words are left alone."""

import io
import json
import re

import pytest
import yaml
from PIL import Image

from armchair_datasets.card.card import PREVIEW, README, is_ours, make_card, seal
from armchair_datasets.push.content.payload import make_payload


@pytest.fixture
def card(dataset):
    """-> the card's metadata and its text."""

    def make(folder=dataset, repo_id="marta/lift", **options):
        text = make_card(make_payload(folder, repo_id, **options))[README].decode()
        _, front, body = text.split("---\n", 2)
        return yaml.safe_load(front), body

    return make


def test_what_the_hub_reads(card, policy):
    front, _ = card(licence="cc-by-4.0")
    assert front == {
        "license": "cc-by-4.0",
        "task_categories": ["robotics"],
        "tags": ["LeRobot", "armchair", "so101", "lift"],
        "configs": [{"config_name": "default", "data_files": "data/*/*.parquet"}],
    }
    front, _ = card(policy)
    assert front == {
        "license": "apache-2.0", "library_name": "lerobot", "pipeline_tag": "robotics",
        "tags": ["robotics", "lerobot", "nano", "armchair", "so101", "lift"],
    }  # fmt: skip


def test_what_people_read_about_a_dataset(card, dataset):
    (dataset / "meta/quality.json").write_text(json.dumps({"episodes": 2, "counts": {"good": 1, "odd": 1, "bad": 0}}))
    _, text = card()
    for line in (
        "> Lift the cube.",
        "of 2 episodes",
        "(12 frames, 0 seconds), recorded with Armchair.",
        "| Arm | SO-101, simulated |",
        "| Cameras | front (64 × 48), wrist (64 × 48) |",  # noqa: RUF001
        "| Attempts | 2 succeeded and are here; 1 failed and were left out (dropped the cube: 1) |",
        "| Quality | 1 good, 1 odd, by `armchair check` |",
        'LeRobotDataset("marta/lift")',
        "hf download marta/lift --repo-type dataset --local-dir lift",
        "armchair train lift --minutes 8 --out lift-policy",
    ):
        assert line in text
    assert "visualize_dataset" not in text  # which cannot see it
    assert "visualize_dataset?path=marta/lift" in card(public=True, footage_consent=True)[1]


def test_an_old_verdict_is_not_repeated(card, dataset):
    (dataset / "meta/quality.json").write_text(json.dumps({"episodes": 1, "counts": {"good": 1}}))
    assert "Quality" not in card()[1]


def test_a_dataset_that_was_recorded_elsewhere(card, dataset):
    (dataset / "meta/armchair.json").unlink()
    _, text = card()
    assert "Armchair" not in text.partition("<!--")[0] and "Attempts" not in text and "| Arm | SO-101 |" in text


def test_a_table_survives_any_task(card, dataset):
    import pandas as pd

    tasks = pd.DataFrame({"task_index": [0]}, index=pd.Index(["Lift | the\ncube"], name="task"))
    tasks.to_parquet(dataset / "meta/tasks.parquet")
    assert "> Lift \\| the cube\n" in card()[1]


def test_what_people_read_about_a_policy(card, policy, tmp_path):
    _, text = card(policy, "marta/nano")
    assert "has not been measured" in text
    assert "| Trained on | lift: 2 episodes, 12 frames |" in text and "somewhere" not in text
    assert "| Training | 1,234 steps in 8.0 minutes |" in text
    training = json.loads((policy / "checkpoints/000010/pretrained_model/armchair.json").read_text())
    score = {
        "kind": "policy", "instruction": "Lift it.", "episodes": 60, "successes": 52, "success_rate": 52 / 60,
        "interval_95": [0.758, 0.931], "first_seed": 100_000, "last_seed": 100_059,
        "endings": {"success": 52, "timed out": 8}, "training": training | {"training_seeds": "0, 2"},
    }  # fmt: skip
    for place, changes in (
        (tmp_path / "report", {}),
        (tmp_path / "small", {"episodes": 3}),
        (policy / "other", {"episodes": 99, "training": training | {"steps": 99}}),  # another checkpoint's
    ):
        place.mkdir()
        (place / "eval.json").write_text(json.dumps(score | changes))
    _, text = card(policy, "marta/nano")
    assert "**52 of 60 scenes: 86.7 %** (95 % Wilson interval\n75.8 to 93.1 %)" in text
    assert "| How it failed | timed out: 8 |" in text
    assert "lerobot-eval --policy.path=marta/nano --env.type=armchair --env.task=lift\n" in text


def test_a_policy_of_lerobots_own_training(card, policy):
    folder = policy / "checkpoints/last/pretrained_model"
    (folder / "armchair.json").unlink()
    (folder / "train_config.json").write_text(json.dumps({"steps": 500, "dataset": {"repo_id": "marta/lift"}}))
    front, text = card(policy)
    assert front["datasets"] == "marta/lift" and "| Training | 500 steps |" in text and "| Arm" not in text


def test_the_preview_moves_and_is_small(dataset):
    files = make_card(make_payload(dataset, "me/lift"))
    image = Image.open(io.BytesIO(files[PREVIEW]))
    assert (image.format, image.size, image.n_frames) == ("WEBP", (512, 192), 2)  # 0.2 seconds of two cameras
    assert len(files[PREVIEW]) < 1_000_000
    assert f"({PREVIEW})" in files[README].decode()


def test_a_dataset_without_pictures_has_none(dataset):
    info = json.loads((dataset / "meta/info.json").read_text())
    info["features"] = {name: one for name, one in info["features"].items() if "images" not in name}
    (dataset / "meta/info.json").write_text(json.dumps(info))
    files = make_card(make_payload(dataset, "me/lift"))
    assert list(files) == [README] and "| Cameras | none |" in files[README].decode()


def test_the_same_files_give_the_same_card(dataset, policy):
    for folder in (dataset, policy):
        payload = make_payload(folder, "me/it")
        assert make_card(payload) == make_card(payload)
        assert not re.search(r"/tmp|/root", make_card(payload)[README].decode())


def test_an_edited_card_is_a_persons(dataset):
    card = make_card(make_payload(dataset, "me/lift"))[README].decode()
    assert is_ours(card) and is_ours(card.replace("\n", "\r\n")) and is_ours(seal("anything\n"))
    for edited in (card.replace("Lift", "Raise", 1), card + "Thanks!\n", "Hello.\n" + card, card[:-20], "", "# Mine\n"):
        assert not is_ours(edited)
