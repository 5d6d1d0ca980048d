"""The operator's flow, moment by moment."""

import math
import time

import numpy as np
import pytest

from armchair_datasets.recording.episode_folder import Episode
from armchair_datasets.recording.real_time import disk_space as disk_module
from armchair_datasets.recording.real_time import episode_buffer as tape_module

SUMMARIZE = tape_module.summarize


def outcomes(folder) -> list[tuple[bool, int, str]]:
    found = [Episode(path).outcome for path in sorted(folder.glob("[0-9]*"))]
    return [(outcome.success, outcome.steps, outcome.ending) for outcome in found]


def test_takes_follow_each_other_by_the_clock(operator, tmp_path):
    operator = operator(episodes=2, episode_s=1.0, reset_s=0.5)
    assert not operator.run()
    assert outcomes(tmp_path) == [(True, 30, "success")] * 2
    assert [saved.outcome.seed for saved in operator.saved] == [40, 41]
    assert operator.number == pytest.approx(2 * (15 + 30), abs=4)
    assert operator.table.rests >= 2


def test_a_take_ends_when_the_table_says_that_the_task_is_done(operator, tmp_path):
    operator = operator(episodes=1, episode_s=5.0)
    operator.table.done_at_s = 100.0 + 0.5 + 1.0
    operator.run()
    ((success, steps, ending),) = outcomes(tmp_path)
    assert (success, ending) == (True, "success")
    assert steps == pytest.approx(30, abs=3)


def test_what_was_not_done_is_counted_and_made_up_for(operator, tmp_path):
    operator = operator(episodes=1)
    operator.table.verdicts.extend([False, True])
    operator.run()
    assert outcomes(tmp_path) == [(False, 30, "not done"), (True, 30, "success")]
    assert not (tmp_path / "000000" / "frames.npz").exists()


def test_next_starts_and_ends_a_take(operator, tmp_path):
    operator = operator(episodes=2, episode_s=100.0, reset_s=100.0)
    operator.run(3)
    operator.type("next")
    operator.run(20)
    operator.type("next")
    operator.run(3)
    assert operator.session.now.phase == "waiting"
    assert [saved.outcome.steps for saved in operator.saved] == [pytest.approx(21, abs=1)]


def test_with_time_for_ever_a_take_begins_when_somebody_is_ready_or_changes_their_mind(operator, tmp_path):
    operator = operator(episodes=2, episode_s=100.0, reset_s=math.inf)
    operator.run(200)
    assert operator.session.now.phase == "waiting" and operator.session.now.left_s == math.inf
    operator.type("ready")
    operator.run(30)
    assert operator.table.shown == [0] and operator.table.began == []
    assert 1.8 < operator.session.now.left_s < 2.1
    operator.type("wait")
    operator.run(200)
    assert operator.session.now.phase == "waiting"
    operator.type("ready")
    operator.run(95)
    assert operator.session.now.phase == "recording" and operator.table.began == [0]
    operator.type("redo")
    operator.run(100)
    assert operator.session.now.phase == "waiting", "it waits to be asked again"
    operator.type("next")
    operator.run(20)
    assert not operator.type("drop") and outcomes(tmp_path) == []


def test_a_key_pressed_twice_does_not_end_a_take(operator):
    operator = operator(episode_s=100.0)
    operator.run(3)
    for _ in range(3):
        operator.type("next")
    assert operator.session.now.phase == "recording"
    assert not operator.saved


def test_redo_in_a_take_throws_it_away(operator, tmp_path):
    operator = operator(episodes=1, episode_s=1.0, reset_s=0.2)
    operator.run(15)
    assert operator.session.now.phase == "recording"
    operator.type("redo")
    assert operator.session.now.phase == "waiting"
    operator.run()
    assert outcomes(tmp_path) == [(True, 30, "success")]


@pytest.mark.parametrize(("wish", "ending"), [("redo", "discarded"), ("fail", "marked a failure")])
def test_the_last_take_can_be_taken_back(operator, tmp_path, wish, ending):
    operator = operator(episodes=2, reset_s=0.5)
    operator.run(15 + 30 + 5)
    assert operator.takes.kept == 1
    operator.type(wish)
    assert operator.takes.kept == 0
    operator.run()
    assert outcomes(tmp_path) == [(False, 30, ending), (True, 30, "success"), (True, 30, "success")]


def test_quit_keeps_the_take_in_progress(operator, tmp_path):
    operator = operator(episodes=5, episode_s=100.0, reset_s=0.1)
    operator.run(40)
    assert not operator.type("quit")
    ((success, steps, _),) = outcomes(tmp_path)
    assert success
    assert 30 < steps < 40


def test_a_signal_does_not(operator, tmp_path):
    operator = operator(episodes=5, reset_s=0.1)
    operator.run(60)
    assert operator.session.now.phase == "recording"
    operator.session.stop("stopped by SIGTERM.")
    assert not operator.run(1)
    assert outcomes(tmp_path) == [(True, 30, "success")]


def test_a_full_disk_ends_it_before_it_is_full(operator, tmp_path, monkeypatch):
    operator = operator(episodes=5, episode_s=100.0, reset_s=0.1)
    operator.run(40)
    usage = type("Usage", (), {"free": disk_module.RESERVE_BYTES - 1})
    monkeypatch.setattr(disk_module.shutil, "disk_usage", lambda path: usage)
    assert not operator.run(100)
    ((success, steps, _),) = outcomes(tmp_path)
    assert success
    assert steps >= 36
    assert "500 MB are kept free" in operator.session.halted


def test_no_take_begins_without_room_for_it(operator, tmp_path, monkeypatch):
    operator = operator()
    usage = type("Usage", (), {"free": disk_module.RESERVE_BYTES + 1})
    monkeypatch.setattr(disk_module.shutil, "disk_usage", lambda path: usage)
    assert not operator.run()
    assert outcomes(tmp_path) == []
    assert "make room" in operator.session.halted


def test_a_machine_that_falls_behind_ends_the_take_and_keeps_it(operator, tmp_path, monkeypatch):
    monkeypatch.setattr(tape_module, "QUEUE_FRAMES", 3)
    monkeypatch.setattr(tape_module, "summarize", lambda image: (time.sleep(0.05), SUMMARIZE(image))[1])
    operator = operator(episodes=5, episode_s=100.0)
    assert not operator.run(200)
    assert "faster than they could be compressed" in operator.session.halted
    ((success, steps, _),) = outcomes(tmp_path)
    assert success
    assert 3 <= steps < 200


def test_strict_refuses_a_bad_take(operator, tmp_path):
    operator = operator(episodes=1, strict=True)

    def blind(moment):
        if operator.number < 50:
            moment.observation["front"][:] = 0
        return moment

    operator.run(change=blind)
    assert [ending for _, _, ending in outcomes(tmp_path)] == ["refused by the verdict", "success"]
    assert "black" in operator.saved[0].verdict.words


def test_a_recording_goes_on_where_another_process_has_left_it(operator, tmp_path):
    first = operator(episodes=3)
    first.run(2 * 45 + 10)
    first.session.stop()
    first.run(1)
    second = operator(episodes=3)
    assert (second.takes.kept, second.takes.number) == (2, 2)
    second.run()
    assert outcomes(tmp_path) == [(True, 30, "success")] * 3


def test_what_is_on_the_disk_is_what_was_seen(operator, make_moment, tmp_path):
    operator = operator(episodes=1)
    operator.run()
    arrays = Episode(tmp_path / "000000").arrays
    first = operator.number - 1 - 30 - 1  # the loop runs one or two moments longer, until the take is safe
    numbers = [n for n in range(first - 3, first + 4) if np.array_equal(make_moment(n).state, arrays["state"][0])]
    assert len(numbers) == 1
    told = [make_moment(numbers[0] + step) for step in range(30)]
    np.testing.assert_array_equal(arrays["state"], [one.state for one in told])
    np.testing.assert_array_equal(arrays["action"], [one.asked for one in told])
    np.testing.assert_array_equal(arrays["sent"], [one.sent for one in told])
    np.testing.assert_allclose(arrays["observed_s"], np.arange(30) / 30, atol=1e-9)
    np.testing.assert_allclose(arrays["wrist_age_s"], 0.02)
