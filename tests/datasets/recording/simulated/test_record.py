"""The recorder's decisions, with a made-up arm: which episodes are kept, and what stops it."""

import errno
import json

import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.recording import assemble, build
from armchair_datasets.recording.simulated import preflight, worker
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record
from armchair_robot.loop.episode import EpisodeTeleoperator


class FakeArm:
    """Succeeds after 4 + seed steps, or times out in the scenes of `failing`."""

    def __init__(self, failing=()) -> None:
        self.failing, self.applied = failing, []

    def reset(self, seed):
        self.seed, self.steps = seed, 0
        return self._look(), {}

    def step(self, action):
        self.steps += 1
        self.applied.append(action)
        ended, failed = self.steps >= 4 + self.seed, self.seed in self.failing
        info = {"is_success": ended and not failed, "ending": "timed out" if failed else "success"}
        return self._look(), 0.0, ended and not failed, ended and failed, info

    def _look(self):
        image = np.full((48, 64, 3), 40 + 10 * self.seed + self.steps, np.uint8)
        return {"pixels": {"front": image, "wrist": image}, "agent_pos": np.full(6, self.steps, np.float32)}


class FakeHand(EpisodeTeleoperator):
    def reset(self):
        pass

    def act(self, observation):
        return observation["agent_pos"] / 2 + 10


@pytest.fixture
def arm(monkeypatch):
    arm = FakeArm()
    monkeypatch.setattr(worker, "_open_rollout", lambda plan: (arm, FakeHand()))
    return arm


@pytest.fixture
def record_fake(arm, tmp_path):
    def run(episodes=3, on_episode=None, **options):
        options = {"seed": 0, "out": tmp_path / "lift", "workers": 1} | options
        return record(SimulatedRecordingRequest("lift", "expert", episodes, height=48, width=64, **options), on_episode)

    return run


def test_failures_are_left_out_and_made_up_for(arm, record_fake, tmp_path):
    arm.failing = (1, 3)
    reports = []
    summary = record_fake(on_episode=reports.append)
    assert (summary.episodes, summary.frames, summary.skipped) == (3, 4 + 6 + 8, {"timed out": 2})
    assert [report.outcome.seed for report in reports] == [0, 1, 2, 3, 4]
    assert [report.kept for report in reports] == [1, 1, 2, 2, 3]
    about = json.loads((summary.root / "meta" / "armchair.json").read_text())
    assert (about["task"], about["hand"], about["seeds"]) == ("lift", "expert", [0, 2, 4])
    assert about["skipped"] == {"1": "timed out", "3": "timed out"}
    assert [path.name for path in tmp_path.iterdir()] == ["lift"]


def test_the_recorded_action_is_the_hands_own_and_not_the_push(arm, record_fake):
    import pyarrow.parquet as pq

    rows = pq.read_table(record_fake(1).root / "data").to_pydict()
    np.testing.assert_array_equal(rows["action"], np.array(rows["observation.state"]) / 2 + 10)
    assert np.abs(np.array(arm.applied) - rows["action"]).max() > 0.1


def test_an_expert_that_always_fails_is_stopped(arm, record_fake, tmp_path):
    arm.failing = range(1000)
    with pytest.raises(ArmchairError, match=r"failed lift 20 times in a row .*timed out, in the scene of seed 19"):
        record_fake()
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_keeps_what_is_finished(arm, record_fake, tmp_path):
    def stop(report):
        if report.kept == 2:
            raise KeyboardInterrupt

    with pytest.raises(ArmchairError, match=r"lift.recording keeps 2 finished episodes, .* --resume"):
        record_fake(on_episode=stop)
    assert not (tmp_path / "lift").exists()
    (tmp_path / "lift.recording" / "dataset").mkdir()  # as if it had been killed while building
    (tmp_path / "lift.recording" / "dataset" / "half").touch()
    assert record_fake(resume=True).frames == 4 + 5 + 6
    assert [path.name for path in tmp_path.iterdir()] == ["lift"]


def test_a_full_disk_keeps_what_is_finished(arm, record_fake, monkeypatch):
    save, saved = worker.EpisodeWriter.save, []

    def full(writer, folder, outcome):
        if len(saved) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        saved.append(folder)
        save(writer, folder, outcome)

    monkeypatch.setattr(worker.EpisodeWriter, "save", full)
    with pytest.raises(ArmchairError, match=r"is full: make room; .* keeps 2 finished episodes, .* --resume"):
        record_fake()
    monkeypatch.setattr(worker.EpisodeWriter, "save", save)
    assert record_fake(resume=True).episodes == 3


def test_a_disk_that_fills_while_building_keeps_the_episodes(arm, record_fake, monkeypatch):
    whole = assemble.assemble

    def full(*args):
        whole(*args)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(assemble, "assemble", full)
    with pytest.raises(ArmchairError, match="keeps 3 finished episodes"):
        record_fake()
    monkeypatch.setattr(assemble, "assemble", whole)
    assert record_fake(resume=True).episodes == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"task": "lfit"}, "did you mean 'lift'"),
        ({"hand": "exprt"}, "did you mean 'expert'"),
        ({"episodes": 0}, "at least 1 is needed"),
        ({"seed": 100_000}, "kept for evaluation"),
        ({"height": 97}, "height is 97 pixels.* use 98"),
        ({"width": 8}, "width is 8 pixels.* use 32"),
    ],
)
def test_mistakes_are_named_before_anything_is_touched(tmp_path, arguments, words):
    arguments = {
        "task": "lift",
        "hand": "expert",
        "episodes": 1,
        "seed": 0,
        "out": tmp_path / "x",
    } | arguments
    with pytest.raises(ArmchairError, match=words):
        record(SimulatedRecordingRequest(**arguments))
    assert list(tmp_path.iterdir()) == []


def test_too_little_room_is_refused_at_once(record_fake, monkeypatch, tmp_path):
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ArmchairError, match=r"may need \d+ MB, and .* has 10 MB free: .* --episodes \d+"):
        record_fake(500)
    assert list(tmp_path.iterdir()) == []


def test_adding_to_a_dataset(arm, record_fake, tmp_path):
    from lerobot.datasets import LeRobotDataset

    arm.failing = (1, 4)
    record_fake(2)
    root = tmp_path / "lift"
    before = {path: path.read_bytes() for path in root.rglob("*") if path.suffix in (".mp4", ".parquet")}
    with pytest.raises(ArmchairError, match=r"seed 1 is in .* already: use --seed 3"):
        record_fake(1, seed=1, append=True)
    summary = record_fake(2, seed=None, append=True)
    assert (summary.episodes, summary.frames, summary.skipped) == (2, 7 + 9, {"timed out": 1})
    assert [path for path, content in before.items() if path.read_bytes() != content] == []
    about = json.loads((root / "meta" / "armchair.json").read_text())
    assert (about["seeds"], set(about["skipped"])) == ([0, 2, 3, 5], {"1", "4"})
    data = LeRobotDataset("me/lift", root=root, video_backend="pyav", return_uint8=True)
    assert (data.num_episodes, len(data)) == (4, 4 + 6 + 7 + 9)
    assert [int(data[index]["episode_index"]) for index in (0, 3, 4, 9, 10, 16, 17, 25)] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [int(data[index]["index"]) for index in range(len(data))] == list(range(len(data)))
    # Grey 40 + 10 * seed + step, to within what compression costs.
    assert abs(int(data[25]["observation.images.front"].float().mean()) - (40 + 50 + 8)) <= 3
    assert [path.name for path in tmp_path.iterdir()] == ["lift"]


def test_other_pictures_cannot_be_added(record_fake, tmp_path):
    record_fake(1)
    with pytest.raises(ArmchairError, match=r"another observation.images.front and observation.images.wrist, .*own"):
        record(
            SimulatedRecordingRequest("lift", "expert", 1, None, tmp_path / "lift", height=64, width=64, append=True)
        )


def test_an_interrupted_recording_is_finished_with_what_there_is(arm, record_fake, tmp_path):
    def stop(report):
        if report.kept == 2:
            raise KeyboardInterrupt

    with pytest.raises(ArmchairError, match="2 finished episodes"):
        record_fake(5, on_episode=stop)
    assert build.finish(tmp_path / "lift") == 2
    assert json.loads((tmp_path / "lift/meta/info.json").read_text())["total_episodes"] == 2
    with pytest.raises(ArmchairError, match="nothing to finish"):
        build.finish(tmp_path / "lift")
