"""`check` on datasets on the disk: ours, stock LeRobot's, spoilt ones, and those that must not be trusted."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.quality.check import check, save

DATA = "data/chunk-000/file-000.parquet"
EPISODES = "meta/episodes/chunk-000/file-000.parquet"


def tree(root):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*") if path.is_file()}


def first_row(root, episode):
    return int((np.array(pq.read_table(root / DATA)["episode_index"]) < episode).sum())


def replace_column(path, name, values):
    table = pq.read_table(path)
    field = table.schema.field(name)
    table = table.set_column(table.schema.get_field_index(name), field, pa.array(values, type=field.type))
    pq.write_table(table, path)


def test_a_good_recording_is_good_and_stays_untouched(recording):
    before, told = tree(recording), []
    verdict = check(recording, lambda done, total: told.append((done, total)))
    assert tree(recording) == before
    assert (verdict.level, verdict.findings) == ("good", ())
    assert verdict.counts == {"good": 6, "odd": 0, "bad": 0}
    assert (verdict.cameras, verdict.tasks) == (("front", "wrist"), ("Pick up the red cube.",))
    assert verdict.frames == len(pq.read_table(recording / DATA))
    assert told == [(number, 6) for number in range(1, 7)]


def test_faults_in_videos_are_found_through_the_codec(copy, edit_video, found):
    third, fifth = first_row(copy, 2), first_row(copy, 4)

    def freeze_and_darken(images):
        images[third + 20 : third + 50] = [images[third + 19]] * 30
        images[fifth : fifth + 30] = [np.zeros_like(images[0])] * 30
        return images

    edit_video(copy, "front", freeze_and_darken)
    findings = found(copy)
    assert set(findings) == {("stuck pictures", 2), ("blind pictures", 4)}
    assert findings["stuck pictures", 2].frames == pytest.approx((20, 50), abs=1)
    assert findings["blind pictures", 4].frames == (0, 30)
    assert "front camera" in findings["stuck pictures", 2].words


def test_a_camera_at_half_the_rate_is_found_through_the_codec(copy, edit_video, found):
    edit_video(copy, "wrist", lambda images: [images[number // 2 * 2] for number in range(len(images))])
    assert {("repeated pictures", number) for number in range(6)} == set(found(copy))


def test_a_short_video_and_a_broken_one(copy, edit_video, found):
    last = first_row(copy, 5)
    edit_video(copy, "wrist", lambda images: images[: last + 10])
    findings = found(copy)
    assert findings["missing pictures", 5].words.startswith("the wrist camera has 10 pictures for ")
    video = copy / "videos/observation.images.front/chunk-000/file-000.mp4"
    video.write_bytes(video.read_bytes()[:48])
    findings = found(copy)
    assert "front/chunk-000/file-000.mp4 cannot be decoded" in findings["unreadable pictures", None].words
    assert {episode for rule, episode in findings if rule == "missing pictures"} == set(range(6))
    video.unlink()
    assert ("missing pictures", 0) in found(copy)


def test_rows_and_clocks(copy, edit_rows, found):
    second, third = first_row(copy, 1), first_row(copy, 2)

    def shift(times_s):
        times_s[second + 30 :] += 0.01 * (np.arange(len(times_s) - second - 30) < third - second - 30)
        return times_s

    edit_rows(copy, "timestamp", shift)
    findings = found(copy)
    assert set(findings) == {("timestamps", 1)}
    assert findings["timestamps", 1].words == "its timestamps are up to 0.010 s off frame / fps, first at second 1.0"
    pq.write_table(pq.read_table(copy / DATA).slice(0, first_row(copy, 5) + 7), copy / DATA)
    findings = found(copy)
    assert findings["row count", 5].words.startswith("it has 7 rows, and meta/episodes counts ")
    assert ("missing pictures", 5) in findings and ("counts", None) in findings


def test_measured_clocks_are_read_from_their_columns(copy, found):
    table = pq.read_table(copy / DATA)
    frames = np.array(table["frame_index"])
    late = frames / 30 + 0.3 * ((frames >= 40) & (np.array(table["episode_index"]) == 3))
    old = np.where((frames >= 10) & (frames < 40) & (np.array(table["episode_index"]) == 1), 0.2, 0.01)
    table = table.append_column("clock.observed_s", pa.array(late + 1000.0))
    table = table.append_column("clock.front_age_s", pa.array(old.astype(np.float32)))
    pq.write_table(table.append_column("next.success", pa.array(np.array(table["episode_index"]) != 5)), copy / DATA)
    findings = found(copy)
    assert {key: finding.level for key, finding in findings.items()} == {
        ("late rows", 3): "bad",
        ("old pictures", 1): "bad",
        ("failure", 5): "odd",
    }
    assert findings["late rows", 3].frames == (40, 41)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"total_episodes": 9}, "the dataset holds 6 episodes, and info.json counts 9"),
        ({"total_frames": 1}, "frames, and info.json counts 1"),
        ({"total_tasks": 2}, "the dataset holds 1 tasks, and info.json counts 2"),
    ],
)
def test_counts_that_do_not_add_up(copy, edit_json, found, claims, words):
    edit_json(copy / "meta/info.json", **claims)
    assert words in found(copy)["counts", None].words


def test_statistics_that_are_not_the_datas(copy, edit_json, found):
    stats = json.loads((copy / "meta/stats.json").read_text())
    stats["action"]["mean"][3] += 2
    edit_json(copy / "meta/stats.json", **stats)
    assert "the mean of action[3] is" in found(copy)["statistics", None].words
    stats["action"]["mean"][3] = float("nan")
    edit_json(copy / "meta/stats.json", **stats)
    assert "not all finite" in check(copy).findings[0].words
    (copy / "meta/stats.json").unlink()
    assert "missing" in found(copy)["statistics", None].words


@pytest.mark.parametrize(("task", "level"), [("", "odd"), ("TODO", "odd"), ("x", "odd"), ("Sort the nuts.", None)])
def test_tasks_that_say_nothing(copy, found, task, level):
    replace_column(copy / "meta/tasks.parquet", "task", [task])
    finding = found(copy).get(("tasks", None))
    assert (finding and finding.level) == level


def test_a_task_that_does_not_exist(copy, edit_rows, found):
    edit_rows(copy, "task_index", lambda indices: indices + 7)
    assert "the task 7" in found(copy)["tasks", None].words


def test_pictures_of_another_size(copy, edit_json, found):
    features = json.loads((copy / "meta/info.json").read_text())["features"]
    features["observation.images.wrist"]["shape"] = [48, 64, 3]
    edit_json(copy / "meta/info.json", features=features)
    words = "the pictures of the wrist camera have 64 x 64 pixels, and info.json says 64 x 48"
    assert found(copy)["picture size", None].words == words


@pytest.fixture(params=["image", "video"])
def stock(request, tmp_path, episodes):
    """Recorded by stock LeRobot, with a robot of its own, at 10 frames a second; the third episode's camera froze."""
    from lerobot.datasets import LeRobotDataset

    names = ["x", "y", "grip"]
    features = {
        "observation.state": {"dtype": "float32", "shape": (3,), "names": {"motors": names}},
        "action": {"dtype": "float32", "shape": (3,), "names": {"motors": names}},
        "observation.image": {"dtype": request.param, "shape": (3, 48, 64), "names": ["channels", "height", "width"]},
    }
    root = tmp_path / "stock"
    dataset = LeRobotDataset.create("me/stock", 10, features, root=root, use_videos=request.param == "video")
    y, x = np.mgrid[0:48, 0:64]
    for number in range(3):
        for frame in range(30):
            shown = min(frame, 9) if number == 2 else frame
            light = np.exp(-((x - 8 - 1.6 * shown) ** 2 + (y - 24) ** 2) / 90)
            image = np.stack([60 + 150 * light, 60 + x, 40 + 2 * y]).astype(np.uint8)
            at = np.array([frame / 30, np.sin(frame / 9), number], np.float32)
            dataset.add_frame(
                {"observation.state": at, "action": at + 0.1, "observation.image": image, "task": "Follow the light."}
            )
        dataset.save_episode()
    dataset.finalize()
    return root


def test_stock_lerobots_datasets_of_other_robots(stock):
    verdict = check(stock)
    assert verdict.findings == ()
    assert [episode.verdict.level for episode in verdict.episodes] == ["good", "good", "bad"]
    (finding,) = verdict.episodes[2].verdict.findings
    assert (finding.rule, finding.frames) == ("stuck pictures", pytest.approx((10, 30), abs=1))


def test_depth_is_not_looked_at(copy, edit_json):
    features = json.loads((copy / "meta/info.json").read_text())["features"]
    features["observation.images.wrist"]["info"]["is_depth_map"] = True
    edit_json(copy / "meta/info.json", features=features)
    shutil.rmtree(copy / "videos/observation.images.wrist")
    assert (check(copy).cameras, check(copy).level) == (("front",), "good")


def test_save_and_what_it_says(copy, edit_rows):
    edit_rows(copy, "action", lambda actions: np.where(np.arange(len(actions))[:, None] == 3, np.nan, actions))
    before = tree(copy)
    path = save(check(copy))
    after = tree(copy)
    assert path == copy / "meta/quality.json"
    assert {name: after[name] for name in before} == before and set(after) - set(before) == {path}
    told = json.loads(path.read_text())
    assert (told["format"], told["level"], told["counts"]) == (1, "bad", {"good": 5, "odd": 0, "bad": 1})
    assert (told["episodes"], told["cameras"], told["robot_type"]) == (6, ["front", "wrist"], "so_follower")
    assert told["verdicts"][1] == {
        "episode": 1,
        "frames": told["verdicts"][1]["frames"],
        "level": "good",
        "findings": [],
    }
    (finding,) = told["verdicts"][0]["findings"]
    assert (finding["rule"], finding["level"], finding["frames"]) == ("not a number", "bad", [3, 4])
    assert str(copy) not in path.read_text()
    assert save(check(copy)).read_bytes() == path.read_bytes()


def cut_footer(root, path):
    (root / path).write_bytes((root / path).read_bytes()[:-8])


BROKEN = {
    "data without a footer": (lambda root: cut_footer(root, DATA), "file-000.parquet cannot be read"),
    "episodes without a footer": (lambda root: cut_footer(root, EPISODES), "file-000.parquet cannot be read"),
    "no data": (lambda root: (root / DATA).unlink(), "file-000.parquet is missing"),
    "no episodes": (lambda root: shutil.rmtree(root / "meta/episodes"), "meta/episodes is missing"),
    "no info": (lambda root: (root / "meta/info.json").unlink(), "it has no meta/info.json"),
    "half an info": (lambda root: (root / "meta/info.json").write_text('{"fps": 30,'), "meta/info.json is damaged"),
    "no fps": (
        lambda root: (root / "meta/info.json").write_text('{"codebase_version": "v3.0"}'),
        "fps: Field required",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_dataset_points_to_repair(copy, fault):
    spoil, words = BROKEN[fault]
    spoil(copy)
    with pytest.raises(ArmchairError) as error:
        check(copy)
    assert words in str(error.value)
    assert str(error.value).endswith(f"try `armchair repair {copy}`.")


def test_other_versions(copy, edit_json):
    edit_json(copy / "meta/info.json", codebase_version="v2.1")
    with pytest.raises(ArmchairError, match=r"version v2.1 and v3.0 .*python -m lerobot.scripts.convert_dataset_v21"):
        check(copy)
    edit_json(copy / "meta/info.json", codebase_version="v4.0")
    with pytest.raises(ArmchairError, match=r"version v4.0 and v3.0 is needed: it was made with a newer LeRobot"):
        check(copy)


@pytest.mark.parametrize("key", ["data_path", "video_path"])
@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("/etc/passwd", "outside its folder"),
        ("../{chunk_index}/{file_index}", "outside its folder"),
        ("data/../../{file_index:03d}.parquet", "outside its folder"),
        ("data/{chunk_index.__class__}.parquet", "unknown path template"),
        ("data/{chunk_index:999999999d}.parquet", "unknown path template"),
        ("data/{secret}.parquet", "unknown path template"),
        ("data/{chunk_index!r}.parquet", "unknown path template"),
        ("data/{chunk_index", "unknown path template"),
    ],
)
def test_a_dataset_that_points_outside_is_refused(copy, edit_json, key, template, words):
    edit_json(copy / "meta/info.json", **{key: template})
    with pytest.raises(ArmchairError, match=words):
        check(copy)


def test_a_camera_named_outside_is_refused(copy, edit_json):
    info = json.loads((copy / "meta/info.json").read_text())
    features = info["features"] | {"../../../../etc": info["features"]["observation.images.front"]}
    edit_json(copy / "meta/info.json", features=features)
    table = pq.read_table(copy / EPISODES)
    for name in ("chunk_index", "file_index", "from_timestamp", "to_timestamp"):
        column = table[f"videos/observation.images.front/{name}"]
        table = table.append_column(f"videos/../../../../etc/{name}", column)
    pq.write_table(table, copy / EPISODES)
    with pytest.raises(ArmchairError, match="outside its folder: do not trust it"):
        check(copy)


def test_what_is_no_dataset(tmp_path):
    with pytest.raises(ArmchairError, match="there is no folder"):
        check(tmp_path / "lfit")
    with pytest.raises(ArmchairError, match=r"is no LeRobot dataset, .*: give the folder"):
        check(tmp_path)
    (tmp_path / "lift/meta").mkdir(parents=True)
    (tmp_path / "lift/meta/info.json").touch()
    with pytest.raises(ArmchairError, match=r"did you mean .*lift\?"):
        check(tmp_path)
