"""Every way in which stock LeRobot 0.6.1 is known to lose a recording, done for real and repaired."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.repair.repair import repair

KILLED = {
    "default": {},
    "table written through": {"buffer": 1},
    "AV1": {"rgb_encoder": None},
    "streaming": {"streaming_encoding": True},
    "pictures instead of video": {"kind": "image"},
    "videos not yet encoded": {"batch_encoding_size": 9},
    "twelve episodes": {"episodes": 12},
}


def stock_opens(root: Path) -> bool:
    from lerobot.datasets import LeRobotDataset

    try:
        LeRobotDataset("me/broken", root=root)
        return True
    except Exception:  # it looks for the dataset on the Hub, or fails in pyarrow, or in `datasets`
        return False


@pytest.mark.parametrize("options", KILLED.values(), ids=KILLED)
def test_killed_while_recording(broken, assert_holds, options):
    root = broken("killed", **options)
    saved = options.get("episodes", 3)
    assert not stock_opens(root)
    report = repair(root)
    assert (report.saved, report.recovered) == (saved, list(range(saved)))
    assert_holds(root, list(range(saved)))
    if "streaming_encoding" not in options:  # stages nothing
        assert list(report.lost) == [saved]
    left = {path.name for path in root.iterdir()}
    assert left == {"data", "meta", "README.md"} | ({"videos"} if options.get("kind") != "image" else set())


def test_killed_after_resuming(broken, assert_holds):
    """The finished episodes of the session before had become unloadable as well."""
    root = broken("killed_resumed")
    assert not stock_opens(root)
    report = repair(root)
    assert (report.saved, report.recovered, list(report.lost)) == (5, [0, 1, 2, 3, 4], [5])
    assert_holds(root, [0, 1, 2, 3, 4])


def test_killed_between_rows_and_video(broken, assert_holds):
    """What info.json does not even count yet."""
    root = broken("killed_while_encoding")
    report = repair(root)
    assert (report.saved, report.recovered, report.lost) == (2, [0, 1, 2], {})
    assert_holds(root, [0, 1, 2])


def test_encoding_in_batches(broken, assert_holds):
    root = broken("crashed_in_batches")
    report = repair(root)
    assert (report.saved, report.recovered, report.lost) == (2, [0, 1], {})
    assert_holds(root, [0, 1])


def test_an_encoded_video_that_was_not_appended_yet(broken, assert_holds):
    root = broken("killed_while_encoding")
    from lerobot.datasets.video_utils import encode_video_frames

    for number, folder in enumerate(sorted((root / "images").glob("*/episode-000002"))):
        (root / f"tmp{number}").mkdir()
        encode_video_frames(folder, root / f"tmp{number}" / f"{folder.parent.name}_002.mp4", 30)
        shutil.rmtree(folder)
    assert repair(root).recovered == [0, 1, 2]
    assert_holds(root, [0, 1, 2])


def test_two_writers(broken, assert_holds):
    root = broken("two_writers")
    assert not stock_opens(root)
    report = repair(root)
    assert report.recovered == [0, 1]
    rows = rows_of(root)
    assert_holds_rows(rows[9:], writer=1, episode=1)


def rows_of(root: Path) -> list[dict]:
    import pyarrow.parquet as pq

    return [row for path in sorted((root / "data").rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def assert_holds_rows(rows: list[dict], writer: int, episode: int) -> None:
    assert len(rows) == 5
    for frame, row in enumerate(rows):
        rng = np.random.default_rng([writer, episode, frame])
        assert row["observation.state"] == rng.normal(size=6).astype(np.float32).tolist()


def test_wrong_counts(broken, assert_holds):
    root = broken("finished")
    info = json.loads((root / "meta/info.json").read_text())
    (root / "meta/info.json").write_text(json.dumps(info | {"total_episodes": 4, "total_frames": 99}))
    report = repair(root)
    assert report.recovered == [0, 1, 2]
    assert report.lost == {3: "its rows never reached the disk"}
    assert_holds(root, [0, 1, 2])


def test_not_a_number(broken, assert_holds):
    root = broken("not_a_number")
    assert "NaN" in (root / "meta/stats.json").read_text()
    report = repair(root)
    assert report.recovered == [0, 2]
    assert report.lost == {1: "observation.state is not a number in frame 2"}
    assert_holds(root, [0, 2])
    assert "NaN" not in (root / "meta/stats.json").read_text()


@pytest.mark.parametrize("name", ["info.json", "stats.json", "tasks.parquet", "episodes"])
def test_a_missing_table(broken, assert_holds, name):
    root = broken("finished")
    path = root / "meta" / name
    names = json.loads((root / "meta/info.json").read_text())["features"]["action"]["names"]
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert repair(root).recovered == [0, 1, 2]
    assert_holds(root, [0, 1, 2])
    if name != "info.json":  # nothing else knows the joints' names
        assert json.loads((root / "meta/info.json").read_text())["features"]["action"]["names"] == names


def test_lost_words_of_tasks_are_made_up_and_said(broken):
    root = broken("killed")
    (root / "meta/tasks.parquet").unlink()
    report = repair(root)
    assert "the words of task 0 are lost: write them into meta/tasks.parquet" in report.faults
    from lerobot.datasets import LeRobotDataset

    assert LeRobotDataset("me/repaired", root=root)[0]["task"] == "task 0, whose words were lost"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("session", ["finished", "killed"])
def test_a_torn_description(broken, assert_holds, session, share):
    """With a footer in the data it is never needed; without, only as long as all features are in it."""
    root = broken(session)
    text = (root / "meta/info.json").read_text()
    torn = text[: int(len(text) * share)]
    (root / "meta/info.json").write_text(torn)
    if session == "killed" and '"task_index"' not in torn:
        with pytest.raises(ArmchairError, match=r"copy .* another recording"):
            repair(root)
        (root / "meta/info.json").write_text(text)
    report = repair(root)
    assert report.recovered == [0, 1, 2]
    assert_holds(root, [0, 1, 2])


def test_torn_statistics(broken, assert_holds):
    root = broken("finished")
    before = json.loads((root / "meta/stats.json").read_text())
    (root / "meta/stats.json").write_text((root / "meta/stats.json").read_text()[:1000])
    repair(root)
    assert_holds(root, [0, 1, 2])
    after = json.loads((root / "meta/stats.json").read_text())
    assert set(after) == set(before)
    for key, values in before.items():
        for name, value in values.items():
            atol = 0.06 if "images" in key else 1e-5
            np.testing.assert_allclose(after[key][name], value, atol=atol, err_msg=f"{key} {name}")


def test_statistics_are_those_that_lerobot_had_computed(broken):
    root = broken("killed")
    before = json.loads((root / "meta/stats.json").read_text())
    repair(root)
    after = json.loads((root / "meta/stats.json").read_text())
    for key, values in before.items():
        # Pictures: LeRobot saw them before the video codec did, and bins them.
        atol = 0.06 if "images" in key else 1e-5
        for name, value in values.items():
            np.testing.assert_allclose(after[key][name], value, atol=atol, err_msg=f"{key} {name}")


@pytest.mark.parametrize("share", [0.8, 0.4, 0.02])
def test_a_truncated_video(broken, assert_holds, share):
    """One camera's file was cut: LeRobot moves it across file systems by copying (shutil.move)."""
    root = broken("killed", episodes=12)
    video = root / "videos/observation.images.wrist/chunk-000/file-000.mp4"
    video.write_bytes(video.read_bytes()[: int(video.stat().st_size * share)])
    if share == 0.02:
        with pytest.raises(ArmchairError, match=r"wrist/chunk-000/file-000\.mp4 cannot be read"):
            repair(root)
        return
    report = repair(root)
    kept = report.recovered
    assert 0 < len(kept) < 12
    assert kept == list(range(len(kept)))
    assert "ends after" in report.lost[len(kept)]
    assert_holds(root, kept)


def test_a_video_with_rubbish_in_it(broken, assert_holds):
    """All frames can be counted, and some not decoded."""
    root = broken("killed", episodes=12)
    video = root / "videos/observation.images.front/chunk-000/file-000.mp4"
    content = bytearray(video.read_bytes())
    middle = len(content) * 3 // 5
    content[middle : middle + 300] = b"\xff" * 300
    video.write_bytes(content)
    report = repair(root)
    assert 6 <= len(report.recovered) < 12
    assert any("cannot be decoded" in why for why in report.lost.values())
    assert_holds(root, report.recovered)


def test_truncated_rows(broken, assert_holds):
    root = broken("killed", episodes=12)
    rows = root / "data/chunk-000/file-000.parquet"
    rows.write_bytes(rows.read_bytes()[: rows.stat().st_size * 2 // 3])
    report = repair(root)
    assert 5 < len(report.recovered) < 10
    assert {report.lost[number] for number in range(len(report.recovered), 12)} == {"its rows never reached the disk"}
    assert_holds(root, report.recovered)


def test_left_over_pictures(broken, assert_holds):
    """The next recording of that episode would have taken them up into its video."""
    root = broken("finished")
    stale = root / "images/observation.images.front/episode-000003"
    stale.mkdir(parents=True)
    (stale / "frame-000000.png").write_bytes(b"?")
    report = repair(root)
    assert report.recovered == [0, 1, 2]
    assert not (root / "images").exists()
    assert (Path(report.backup) / "images/observation.images.front/episode-000003/frame-000000.png").exists()
    assert_holds(root, [0, 1, 2])


def test_a_full_disk_while_recording(small_disk, sessions, assert_holds, tmp_path):
    root = small_disk(150) / "lift"
    assert sessions("full_disk", root) == 1
    assert not stock_opens(root)
    report = repair(root, tmp_path / "repaired")
    assert report.saved >= 3
    assert report.recovered[: report.saved] == list(range(report.saved))
    assert_holds(tmp_path / "repaired", report.recovered)


@pytest.fixture
def small_disk(tmp_path):
    """(kB) -> an empty folder on a file system of that size."""
    mounted = []

    def mount(kilobytes: int) -> Path:
        place = tmp_path / "disk"
        place.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place], capture_output=True)
        if made.returncode:
            pytest.skip("only root may make a small file system")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", place], check=True)


def test_stock_lerobot_records_on(broken, sessions, assert_holds):
    root = broken("killed")
    repair(root)
    assert sessions("add_one", root, episode=3) == 0
    assert_holds(root, [0, 1, 2, 3])
    assert repair(root).healthy


def test_what_else_lies_there_is_kept(broken):
    root = broken("killed")
    (root / "README.md").write_text("mine")
    (root / "meta/armchair.json").write_text("{}")
    (root / "notes").mkdir()
    (root / "notes/day.txt").write_text("hot")
    repair(root)
    assert [(root / name).read_text() for name in ("README.md", "meta/armchair.json", "notes/day.txt")] == [
        "mine", "{}", "hot",
    ]  # fmt: skip
