"""What can be sent, under which names, and to whom it may be shown."""

import json

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import Payload, make_payload


def test_a_dataset_and_a_policy_are_told_apart(dataset, policy):
    assert make_payload(dataset, "me/lift").kind == "dataset"
    newest = policy / "checkpoints/000010/pretrained_model"
    for folder in (policy, policy / "checkpoints/last/pretrained_model", newest):
        payload = make_payload(folder, "me/nano")
        assert (payload.kind, payload.repo_type, payload.folder) == ("policy", "model", newest)
    assert Payload.from_json(json.loads(json.dumps(payload.to_json()))) == payload


def test_what_is_sent(dataset):
    for name in (".hidden", ".cache/x", "images/observation/x.png", "meta/.DS_Store"):
        (dataset / name).parent.mkdir(parents=True, exist_ok=True)
        (dataset / name).touch()
    assert list(make_payload(dataset, "me/lift").files()) == [
        "data/chunk-000/file-000.parquet", "meta/armchair.json", "meta/episodes/chunk-000/file-000.parquet",
        "meta/info.json", "meta/stats.json", "meta/tasks.parquet", "noise.bin",
        "videos/observation.images.front/chunk-000/file-000.mp4",
        "videos/observation.images.wrist/chunk-000/file-000.mp4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("repo_id", "better"),
    [
        ("lift", "YOUR-NAME/lift"),
        ("me/lift it!", "me/lift-it"),
        ("me/../x", "me/x"),
        ("/abs/x", "YOUR-NAME/abs-x"),
        ("a/b/c", "a/b-c"),
        ("me/x--y", "me/x-y"),
        ("-me/x", "YOUR-NAME/x"),
        ("me/x.git", "me/x-git"),
        ("", "YOUR-NAME/lift"),
        ("me/" + "x" * 200, "me/x"),
    ],
)
def test_names_that_the_hub_has_not(dataset, repo_id, better):
    with pytest.raises(ArmchairError, match=rf"is no name on the Hub.*: use --repo-id {better}"):
        make_payload(dataset, repo_id)


def test_pictures_become_public_by_consent_only(dataset, policy):
    assert not make_payload(dataset, "me/lift").public
    assert not make_payload(dataset, "me/lift", footage_consent=True).public
    with pytest.raises(ArmchairError, match=r"people and their homes .* add --footage-consent if .* or leave --public"):
        make_payload(dataset, "me/lift", public=True)
    assert make_payload(dataset, "me/lift", public=True, footage_consent=True).public
    assert make_payload(policy, "me/nano", public=True).public
    info = json.loads((dataset / "meta/info.json").read_text())
    info["features"] = {name: one for name, one in info["features"].items() if "images" not in name}
    (dataset / "meta/info.json").write_text(json.dumps(info))
    assert make_payload(dataset, "me/lift", public=True).public  # there is nothing to see


def test_folders_that_are_neither(dataset, policy, tmp_path):
    with pytest.raises(ArmchairError, match=r"no folder .*lft.*: did you mean .*lift"):
        make_payload(tmp_path / "lft", "me/x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArmchairError, match=r"empty holds neither a dataset .* nor a policy"):
        make_payload(tmp_path / "empty", "me/x")
    (policy / "checkpoints/last/pretrained_model/model.safetensors").unlink()
    with pytest.raises(ArmchairError, match=r"has no model.safetensors"):
        make_payload(policy, "me/x")
    info = json.loads((dataset / "meta/info.json").read_text()) | {"codebase_version": "v2.1"}
    (dataset / "meta/info.json").write_text(json.dumps(info))
    with pytest.raises(
        ArmchairError, match=r"version v2.1 and v3.0 is needed: convert it with `python -m .*v21_to_v30 "
    ):
        make_payload(dataset, "me/x")
    (dataset / "meta/info.json").write_text('{"fps": 30')
    with pytest.raises(ArmchairError, match=r"info.json is damaged \(.*\): try `armchair repair .*lift`"):
        make_payload(dataset, "me/x")
