"""An episode by the clock."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.devices import last_observation
from armchair_robot.teleoperators.config_people import ArmchairReplayConfig
from armchair_robot.teleoperators.replay import ArmchairReplay

FPS = 10


@pytest.fixture
def dataset(tmp_path):
    """As much of a LeRobotDataset v3.0 as is read: two episodes of 11 frames, along straight lines."""
    root = tmp_path / "data set"
    (root / "meta").mkdir(parents=True)
    (root / "data" / "chunk-000").mkdir(parents=True)
    write_info(root, list(FEATURE_NAMES))
    steps = np.linspace(0, 1, 11, dtype=np.float32)[:, None]
    actions = np.concatenate([steps * 10 + np.zeros(6, np.float32), steps * 20 + np.ones(6, np.float32)])
    table = pa.table({"action": pa.array(list(actions)), "episode_index": [0] * 11 + [1] * 11})
    pyarrow.parquet.write_table(table, root / "data" / "chunk-000" / "file-000.parquet")
    last_observation.forget()
    yield root
    last_observation.forget()


def write_info(root, names) -> None:
    action = {"dtype": "float32", "shape": [len(names)], "names": names}
    about = {"codebase_version": "v3.0", "fps": FPS, "features": {"action": action}}
    totals = {"total_episodes": 2, "total_frames": 22, "total_tasks": 1}
    paths = {"data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"}
    (root / "meta" / "info.json").write_text(json.dumps(about | totals | paths))


@pytest.fixture
def replay(dataset, tmp_path):
    hand = ArmchairReplay(ArmchairReplayConfig(root=dataset, episode=1, calibration_dir=tmp_path))
    hand.connect()
    yield hand
    hand.disconnect()


def test_the_clock_leads_and_not_the_calls(replay):
    assert replay._targets(100.0)[0] == pytest.approx(1)
    for _ in range(20):
        assert replay._targets(100.25)[0] == pytest.approx(6), "between two frames"
    assert replay._targets(100.9)[0] == pytest.approx(19)
    assert replay._targets(101.0)[0] == replay._targets(500.0)[0] == pytest.approx(21), "the last one is held"


def test_it_says_when_it_is_over(replay, monkeypatch):
    now_s = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: now_s[0])
    assert not replay.is_done
    replay.get_action()
    now_s[0] = 100.9
    assert not replay.is_done
    assert replay.status == "episode 1 at 0.9 of 1.0 s"
    now_s[0] = 101.01
    assert replay.is_done


def test_a_recorder_has_it_wait_at_the_beginning_and_begin_again(replay, monkeypatch):
    now_s = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: now_s[0])
    replay.get_action()
    now_s[0] = 100.9
    replay.rest()
    assert replay._targets(101.5)[0] == pytest.approx(1)
    now_s[0] = 102.0
    replay.begin()
    assert not replay.is_done
    assert replay._targets(102.1)[0] == pytest.approx(1), "the recorder asks a period later, and misses no frame"
    assert replay._targets(103.0)[0] == pytest.approx(19)


def test_it_waits_until_the_arm_has_come(replay, monkeypatch):
    now_s = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: now_s[0])

    def at(now, place) -> float:
        now_s[0] = now
        last_observation.post(dict.fromkeys(FEATURE_NAMES, place))
        return replay.get_action()["gripper.pos"]

    assert at(100.0, 40.0) == at(103.0, 20.0) == 1
    assert replay.status == "going to where the episode begins"
    assert at(104.0, 3.0) == 1
    assert at(104.5, 3.0) == pytest.approx(11)


def test_it_does_not_wait_for_ever(replay, monkeypatch):
    monkeypatch.setattr("armchair_robot.teleoperators.replay.seen_units", lambda now_s: np.full(6, 40.0))
    for at_s in (100.0, 109.0):
        assert replay._targets(at_s)[0] == 1
    replay._targets(110.5)
    assert replay._targets(111.0)[0] == pytest.approx(11)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"root": "nowhere"}, "name a dataset's folder"),
        ({"episode": 7}, "has no episode 7"),
        ({"names": ["x", "y"]}, "moves x, y, but this arm has shoulder_pan.pos"),
    ],
)
def test_what_cannot_be_replayed(dataset, tmp_path, change, says):
    if "names" in change:
        write_info(dataset, change.pop("names"))
    config = ArmchairReplayConfig(**{"root": dataset, "episode": 0, **change}, calibration_dir=tmp_path)
    with pytest.raises(ArmchairError, match=says):
        ArmchairReplay(config).connect()
