import numpy as np

from armchair_datasets.recording.episode_folder import EpisodeWriter
from armchair_robot.loop.episode import Outcome


def test_reads_back_what_the_arm_said(make_episode, make_ticks):
    episode, told = make_episode(3, 9), make_ticks(3, 9)
    assert episode.outcome == Outcome(3, True, 9, "success")
    np.testing.assert_array_equal(episode.arrays["state"], [tick.observation["agent_pos"] for tick in told])
    np.testing.assert_array_equal(episode.arrays["action"], [tick.action for tick in told])
    assert episode.arrays["wrist_counts"].sum() == 9 * 48 * 64 * 3


def test_keeps_a_copy_of_arrays_that_the_arm_reuses(make_ticks, tmp_path):
    writer, tick = EpisodeWriter(30), make_ticks(0, 1)[0]
    writer(tick)
    first = tick.action.copy()
    tick.action[:] = 99
    writer(tick)
    writer.save(tmp_path / "a", Outcome(0, True, 2, "success"))
    with np.load(tmp_path / "a" / "frames.npz") as arrays:
        np.testing.assert_array_equal(arrays["action"][0], first)


def test_a_failed_episode_keeps_its_ending_only(make_episode):
    episode = make_episode(4, 5, success=False)
    assert [path.name for path in episode.folder.iterdir()] == ["episode.json"]
    assert episode.outcome == Outcome(4, False, 5, "timed out")


def test_same_episode_same_bytes(make_episode, make_ticks, tmp_path):
    first, writer = make_episode(5, 6), EpisodeWriter(30)
    for tick in make_ticks(5, 6):
        writer(tick)
    writer.save(tmp_path / "again", Outcome(5, True, 6, "success"))
    for path in first.folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
