"""Descriptions torn at any byte, and descriptions that lead out of the dataset."""

import json

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.repair.info import complete_json, read_info


@pytest.mark.slow
def test_torn_anywhere_it_yields_only_whole_features(broken):
    text = (broken("finished") / "meta/info.json").read_text()
    whole = json.loads(text)
    seen = set()
    for end in range(0, len(text) - 1, 3):
        part = complete_json(text[:end])
        for key, value in part.items():
            if key == "features":
                assert value.items() <= whole["features"].items(), end
                seen.add(len(value))
            elif not isinstance(value, dict):
                assert value == whole[key]
    assert seen == set(range(len(whole["features"]) + 1))


def test_words_with_brackets_and_quotes_do_not_confuse_it():
    text = json.dumps({"fps": 30, "features": {'a "b], {c': {"dtype": "float32"}, "d": {"dtype": "int64"}}})
    assert complete_json(text[:-4]) == {"fps": 30, "features": {'a "b], {c': {"dtype": "float32"}}}


LEADING_OUT = [
    ("data_path", "/etc/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"),
    ("data_path", "data/../../chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"),
    ("data_path", "..\\..\\chunk-{chunk_index:03d}\\file-{file_index:03d}.parquet"),
    ("data_path", "C:\\data\\file-{file_index:03d}.parquet"),
    ("data_path", "data/{unknown}.parquet"),
    ("data_path", "data/{chunk_index.__class__.__mro__[9]}.parquet"),
    ("data_path", ""),
    ("video_path", "/videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"),
    ("video_path", "videos/{video_key}/../../../chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"),
    ("video_path", None),
]


@pytest.mark.parametrize(("name", "value"), LEADING_OUT)
def test_paths_that_lead_out_are_refused(broken, name, value):
    root = broken("finished")
    change(root, **{name: value})
    with pytest.raises(ArmchairError, match="leads out of the dataset"):
        read_info(root)


def test_a_camera_whose_name_leads_out_is_refused(broken):
    root = broken("finished")
    features = json.loads((root / "meta/info.json").read_text())["features"]
    features["../../../x"] = features.pop("observation.images.front")
    change(root, features=features)
    with pytest.raises(ArmchairError, match="leads out of the dataset"):
        read_info(root)


@pytest.mark.parametrize("change_to", [{"fps": 0}, {"fps": "fast"}, {"features": [1]}, {"features": {"a": {}}}])
def test_nonsense_is_told_in_a_sentence(broken, change_to):
    root = broken("finished")
    change(root, **change_to)
    with pytest.raises(ArmchairError, match="describes no dataset"):
        read_info(root)


def test_another_format_is_refused(broken):
    root = broken("finished")
    change(root, codebase_version="v2.1")
    with pytest.raises(ArmchairError, match=r"version v2\.1 and v3\.0 is needed: convert it with"):
        read_info(root)


def change(root, **fields) -> None:
    info = json.loads((root / "meta/info.json").read_text())
    (root / "meta/info.json").write_text(json.dumps(info | fields))
