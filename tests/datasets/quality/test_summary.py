import json
from dataclasses import asdict, replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.quality.summary import summarise_dataset
from armchair_datasets.recording.assemble import assemble
from armchair_datasets.recording.build import build_dataset, check_addable
from armchair_datasets.recording.episode_folder import CameraTrack, Episode, write_episode
from armchair_datasets.recording.format import Format
from armchair_robot.loop.episode import Outcome

FORM = Format("Lift the cube.", FEATURE_NAMES, ("front", "wrist"), 48, 64, 30, clocked=True)


@pytest.fixture
def clocked(tmp_path, make_ticks):
    """Two episodes of 30 frames, one of them with a pause of 100 ms before its frame 11."""
    episodes = []
    for number in range(2):
        told = make_ticks(number, 30)
        tracks = {camera: CameraTrack(48, 64, 30) for camera in FORM.cameras}
        for tick in told:
            for camera, track in tracks.items():
                track.add(tick.observation["pixels"][camera])
        rows = {
            "state": np.stack([tick.observation["agent_pos"] for tick in told]),
            "action": np.stack([tick.action for tick in told]),
            "sent": np.stack([tick.action for tick in told]) + 1,
            "observed_s": np.arange(30) / 30 + np.where(np.arange(30) > 10, 0.1 - 1 / 30, 0) * number,
            "front_age_s": np.full(30, 0.01, np.float32),
            "wrist_age_s": np.linspace(0.02, 0.04, 30, dtype=np.float32),
        }
        folder = tmp_path / "episodes" / f"{number:06d}"
        write_episode(folder, Outcome(number, True, 30, "success"), rows, tracks)
        episodes.append(Episode(folder))
    assemble(episodes, tmp_path / "data", FORM, "armchair/lift")
    return tmp_path / "data"


def test_the_rate_that_was_really_achieved(clocked):
    info = summarise_dataset(clocked)
    assert (info.episodes, info.frames, info.fps, info.tasks) == (2, 60, 30, ("Lift the cube.",))
    assert info.cameras == {"front": (48, 64), "wrist": (48, 64)}
    assert info.clock.late == 1
    assert info.clock.longest_s == pytest.approx(0.1)
    assert info.clock.achieved_fps == pytest.approx(58 / (58 / 30 + 0.1 - 1 / 30))
    assert info.clock.ages_s["wrist"] == (pytest.approx(0.03), pytest.approx(0.04))


def test_stock_lerobot_reads_the_clock_and_no_policy_takes_it_as_an_input(clocked):
    from lerobot.datasets import LeRobotDataset
    from lerobot.utils.feature_utils import dataset_to_policy_features

    data = LeRobotDataset("me/lift", root=clocked, video_backend="pyav")
    row = data[41]
    assert float(row["clock.observed_s"]) == pytest.approx(11 / 30 + 0.1 - 1 / 30)
    np.testing.assert_allclose(row["sent.action"], row["action"] + 1)
    assert set(dataset_to_policy_features(data.meta.features)) == {
        "observation.state", "action", "observation.images.front", "observation.images.wrist",
    }  # fmt: skip
    stats = json.loads((clocked / "meta/stats.json").read_text())
    assert stats["clock.front_taken_s"]["min"] == [pytest.approx(-0.01)], "on the clock of the observations"


def test_recordings_of_before_are_read_and_go_on_in_their_own_words(tmp_path, clocked):
    episodes = [Episode(tmp_path / "episodes" / f"{number:06d}") for number in range(2)]
    older, more = tmp_path / "older", tmp_path / "more"
    assemble(episodes, older, replace(FORM, ages=True), "armchair/older")
    told, was = summarise_dataset(clocked).clock.ages_s, summarise_dataset(older).clock.ages_s
    for camera in FORM.cameras:
        assert was[camera] == pytest.approx(told[camera], abs=1e-6)
    check_addable(FORM, older)
    build_dataset({"form": asdict(FORM), "about": {}}, episodes, more, "armchair/more", base=older)
    names = set(json.loads((more / "meta/info.json").read_text())["features"])
    assert "clock.wrist_age_s" in names and "clock.wrist_taken_s" not in names
    assert summarise_dataset(more).frames == 120


def test_no_time_of_a_picture_jumps_like_a_broken_sensor(tmp_path, clocked):
    """Kalanos 0.8 asks whether a number lies six spreads off the samples around: an age does when a picture is late."""
    rows = pq.read_table(next(clocked.glob("data/*/*.parquet")))
    for name in ("clock.observed_s", "clock.front_taken_s", "clock.wrist_taken_s"):
        values = np.ravel(rows[name].to_numpy())[30:]
        values[15] -= 0.07  # a picture 70 ms older than the others
        around = np.delete(values[5:26], 10)
        assert abs(values[15] - around.mean()) < 6 * around.std()


def test_a_dataset_without_a_clock_says_so(tmp_path, make_episode):
    form = Format("Lift the cube.", FEATURE_NAMES, ("front", "wrist"), 48, 64, 30)
    assemble([make_episode(0, 5)], tmp_path / "data", form, "armchair/lift")
    assert summarise_dataset(tmp_path / "data").clock is None


def test_what_cannot_be_read(tmp_path, clocked):
    with pytest.raises(ArmchairError, match="there is no folder"):
        summarise_dataset(tmp_path / "nowhere")
    file = clocked / "data/chunk-000/file-000.parquet"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ArmchairError, match="armchair repair"):
        summarise_dataset(clocked)
