"""Evaluation in the real simulator: the expert, and an untrained nano policy, on `reach`."""

import json
from dataclasses import replace
from pathlib import Path

import av
import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.evaluation.candidate import Candidate, find_candidate
from armchair_policies.evaluation.evaluate import EvalProgress, evaluate
from armchair_policies.evaluation.plan import prepare_plan, refuse_training_seeds
from armchair_policies.evaluation.report.video_choice import video_name, worth_a_video
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.simulated.episode import EpisodeJob, EpisodeRollout
from armchair_robot.loop.episode import EpisodeTeleoperator, Outcome
from armchair_sim.scene.world import FPS
from armchair_sim.seeds import FIRST_EVALUATION_SEED as FIRST


def four(out: Path) -> EvalRequest:
    """Four scenes of the expert's."""
    return EvalRequest("expert", "reach", 4, FIRST, out)


def rows(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "episodes.jsonl").read_text().splitlines()]


def test_the_expert_is_judged_filmed_and_reported(tmp_path):
    told: list[EvalProgress] = []
    out = tmp_path / "report"
    result = evaluate(EvalRequest("expert", "reach", 4, FIRST + 7, out), workers=1, on_progress=told.append)
    saved = json.loads((out / "eval.json").read_text())
    assert [row["seed"] for row in rows(out)] == [FIRST + 7, FIRST + 8, FIRST + 9, FIRST + 10]
    assert result.successes == saved["successes"] == sum(row["success"] for row in rows(out))
    assert saved["episodes"] == 4
    assert saved["task"] == "reach"
    assert saved["policy"] == "expert"
    assert (saved["first_seed"], saved["last_seed"]) == (FIRST + 7, FIRST + 10)
    assert saved["interval_95"][0] < saved["success_rate"] <= saved["interval_95"][1] <= 1
    assert saved["endings"] == {"success": 4}
    assert saved["command"].startswith("armchair eval expert --task reach --episodes 4 --seed 100007 --out ")
    assert "4 times" in (out / "report.html").read_text()
    assert [(at.stage, at.done, at.total) for at in told] == [
        *(("scenes", done, 4) for done in range(1, 5)),
        *(("videos", done, 2) for done in range(1, 3)),
    ]
    assert frames_in(out / "videos" / f"seed-{FIRST + 7}-success.mp4") == (rows(out)[0]["steps"] + 1) // 2 + 1


def frames_in(path: Path) -> int:
    with av.open(str(path)) as film:
        return sum(1 for _ in film.decode(video=0))


@pytest.mark.slow
def test_the_number_of_workers_changes_no_row(tmp_path, untrained):
    for workers in (1, 2):
        result = evaluate(EvalRequest(str(untrained), None, 3, FIRST, tmp_path / str(workers)), workers=workers)
    one, two = ((tmp_path / name / "episodes.jsonl").read_bytes() for name in "12")
    assert one == two
    assert result.task == "reach"  # the policy's own
    assert result.image_size == (64, 64)  # likewise
    assert result.training["training_seeds"] == "0 to 4, 100050"


def test_scenes_that_the_policy_was_taught_are_refused(tmp_path, untrained):
    with pytest.raises(ArmchairError, match=r"trained on 1 of these scenes \(seeds 100050\).*--seed 100051"):
        evaluate(EvalRequest(str(untrained), "reach", 100, FIRST, tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    prepare_plan(EvalRequest(str(untrained), "reach", 50, FIRST, tmp_path / "out"))


def test_the_next_free_seed_is_never_below_the_first(tmp_path):
    with pytest.raises(ArmchairError, match=f"--seed {FIRST}"):
        refuse_training_seeds(range(10), [3, 4])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"episodes": 0}, "at least 1 is needed"),
        ({"seed": 0}, "use --seed 100000"),
        ({"task": "lfit"}, "did you mean 'lift'"),
        ({"policy": "exprt"}, "did you mean 'expert'"),
        ({"episode_s": 0.0}, "may last up to 600 seconds, not 0: use --episode-time 30"),
        ({"episode_s": float("nan")}, "may last up to 600 seconds, not nan"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(tmp_path, change, message):
    with pytest.raises(ArmchairError, match=message):
        evaluate(replace(four(tmp_path / "out"), **change))
    assert not (tmp_path / "out").exists()


def test_an_existing_folder_is_not_touched(tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    (out / "mine.txt").write_text("dear to me")
    with pytest.raises(ArmchairError, match=r"report exists and is not empty: use --out .*report-2\."):
        evaluate(EvalRequest("expert", "reach", 1, FIRST, out))
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


class Interrupt:
    """Presses Ctrl-C when a stage is so far."""

    def __init__(self, stage: str, done: int) -> None:
        self._at = stage, done

    def __call__(self, at: EvalProgress) -> None:
        if (at.stage, at.done) == self._at:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """Four scenes of the expert's, judged without a pause."""
    out = tmp_path_factory.mktemp("whole") / "report"
    evaluate(four(out), workers=1)
    return out


def contents(out: Path) -> dict[str, object]:
    """All that an evaluation has written, without how long it took and where it was written to."""
    score = json.loads((out / "eval.json").read_text())
    score.pop("seconds"), score.pop("command")
    films = sorted(path.name for path in out.glob("videos/*"))
    return {"score": score, "rows": rows(out), "films": films, "begun": (out / "exam.json").read_text()}


@pytest.mark.parametrize(
    ("stage", "done", "kept"),
    [("scenes", 2, "what was judged so far, 2 scenes, is kept"), ("videos", 1, "all scenes are judged")],
)
def test_what_was_interrupted_goes_on_and_ends_as_if_it_never_had_been(tmp_path, whole, stage, done, kept):
    out = tmp_path / "report"
    with pytest.raises(ArmchairError, match=rf"by Ctrl-C: {kept}.*; go on with `armchair eval .* --resume`\.$"):
        evaluate(four(out), workers=1, on_progress=Interrupt(stage, done))
    with pytest.raises(ArmchairError, match=r"an unfinished evaluation of \d scenes waits .* add --resume"):
        evaluate(four(out))
    told: list[EvalProgress] = []
    result = evaluate(four(out), workers=1, on_progress=told.append, resume=True)
    assert contents(out) == contents(whole)
    assert [at.done for at in told if at.stage == "scenes"] == ([3, 4] if stage == "scenes" else [])
    assert (result.seconds is None) == (stage == "scenes")  # a killed one could not say
    page = (out / "report.html").read_bytes()
    assert evaluate(four(out), resume=True) == result
    assert (out / "report.html").read_bytes() == page


def test_half_a_line_is_judged_again(tmp_path, whole):
    out = tmp_path / "report"
    prepare_plan(four(out)).begin()
    (out / "episodes.jsonl").write_text((whole / "episodes.jsonl").read_text()[:-9])
    assert [outcome.seed for outcome in prepare_plan(four(out), resume=True).judged] == [
        FIRST, FIRST + 1, FIRST + 2,
    ]  # fmt: skip
    assert rows(out) == rows(whole)[:3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"episodes": 5}, "was begun with episodes 4, not 5: resume it with what it was begun with, or use --out"),
        ({"seed": FIRST + 1}, "was begun with seed 100000, not 100001"),
        ({"task": "lift"}, "was begun with task reach, not lift"),
        ({"episode_s": 30.0}, "was begun with the task's own time for a scene, not 30 s"),
        ({"out": Path("nothing")}, "nothing waits in nothing to be resumed: leave --resume away"),
        ({"out": Path("mine")}, "mine holds no evaluation to be resumed: use --out mine-2 without --resume"),
    ],
)
def test_only_the_same_evaluation_is_resumed(tmp_path, whole, monkeypatch, change, message):
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    Path("mine/dear.txt").write_text("to me")
    with pytest.raises(ArmchairError, match=message):
        prepare_plan(replace(four(whole), **change), resume=True)


def test_other_weights_or_versions_are_not_resumed(tmp_path, untrained):
    out = tmp_path / "report"
    prepare_plan(EvalRequest(str(untrained), "reach", 4, FIRST, out)).begin()
    prepare_plan(EvalRequest(str(untrained), "reach", 4, FIRST, out), resume=True)
    begun = json.loads((out / "exam.json").read_text())
    older = begun | {"versions": begun["versions"] | {"mujoco": "3.0.0"}}
    (out / "exam.json").write_text(json.dumps(older))
    with pytest.raises(ArmchairError, match=r"was begun with mujoco 3\.0\.0, not \d"):
        prepare_plan(EvalRequest(str(untrained), "reach", 4, FIRST, out), resume=True)
    (out / "exam.json").write_text(json.dumps(begun | {"policy": "0123456789abcdef"}))
    with pytest.raises(ArmchairError, match=r"another policy \(0123456789ab, not [0-9a-f]{12}\)"):
        prepare_plan(EvalRequest(str(untrained), "reach", 4, FIRST, out), resume=True)


def test_a_scene_lasts_as_long_as_was_asked_for(tmp_path, whole):
    quick = min(row["steps"] for row in rows(whole))
    result = evaluate(EvalRequest("expert", "reach", 4, FIRST, tmp_path / "report", episode_s=quick / FPS))
    in_time = [row["success"] and row["steps"] <= quick for row in rows(whole)]
    assert 1 <= sum(in_time) < 4
    assert [row["success"] for row in rows(tmp_path / "report")] == in_time
    assert result.episode_s == quick / FPS and f"--episode-time {quick / FPS}" in result.command
    assert f"with {quick / FPS:g} s for each, did the task" in (tmp_path / "report" / "report.html").read_text()


def test_what_was_begun_before_there_was_a_choice_of_time_goes_on(tmp_path):
    prepare_plan(four(tmp_path / "report")).begin()
    begun = json.loads((tmp_path / "report" / "exam.json").read_text())
    (tmp_path / "report" / "exam.json").write_text(json.dumps({k: v for k, v in begun.items() if k != "episode_s"}))
    prepare_plan(four(tmp_path / "report"), resume=True)


def test_rows_of_other_scenes_are_refused(tmp_path, whole):
    out = tmp_path / "report"
    prepare_plan(four(out)).begin()
    (out / "episodes.jsonl").write_text("".join((whole / "episodes.jsonl").read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(ArmchairError, match="are not those of the scenes 100000 to 100003 in order: judge anew"):
        prepare_plan(four(out), resume=True)


def test_a_policy_that_does_not_say_its_task_is_not_judged_at_a_guess(tmp_path, untrained):
    import shutil

    stranger = shutil.copytree(untrained, tmp_path / "stranger")
    (stranger / "armchair.json").unlink()
    with pytest.raises(ArmchairError, match="does not name one task of its own: add --task, one of lift, place"):
        prepare_plan(EvalRequest(str(stranger), None, 1, FIRST, tmp_path / "out"))


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("armchair_policies.evaluation.evaluate.append_outcome", full)
    with pytest.raises(ArmchairError, match="is full: no scene was judged"):
        evaluate(EvalRequest("expert", "reach", 1, FIRST, tmp_path / "report"), workers=1)


def test_the_first_of_every_kind_are_filmed_successes_first():
    endings = ["slipped", "success", "slipped", "success", "timed out", "slipped", "success", "success", "slipped"]
    outcomes = [Outcome(seed, ending == "success", 9, ending) for seed, ending in enumerate(endings)]
    assert [outcome.seed for outcome in worth_a_video(outcomes)] == [1, 3, 0, 2, 4]


def test_an_arm_that_stands_still_never_moved():
    """Whoever asks for where the arm was all along does not try, and the report says so."""

    class Idle(EpisodeTeleoperator):
        looks_next = False

        def reset(self) -> None:
            self._first = None

        def act(self, observation):
            self._first = observation["agent_pos"] if self._first is None else self._first
            return self._first

    candidate = Candidate("expert", "reach", None, 32, 32)
    rollout = EpisodeRollout(candidate)
    assert rollout.play(EpisodeJob(candidate, FIRST)).ending == "success"
    rollout._teleoperator = Idle()
    assert rollout.play(EpisodeJob(candidate, FIRST)).ending == "never moved"
    rollout.close()


def test_pictures_are_drawn_only_when_the_policy_looks(untrained):
    """An evaluation draws for one action in eight, for whoever watches it all are drawn, and both end alike."""
    candidate, _ = find_candidate(EvalRequest(str(untrained), "reach", 1, FIRST, Path()))
    rollout, drawn = EpisodeRollout(candidate), []
    cameras = rollout._env._opened_cameras()
    look = cameras.look
    cameras.look = lambda *asked: drawn.append(asked) or look(*asked)
    alone = rollout.play(EpisodeJob(candidate, FIRST))
    looked = len(drawn) / 2
    states: list[bytes] = []
    watched = rollout.play(
        EpisodeJob(candidate, FIRST), [lambda tick: states.append(tick.observation["agent_pos"].tobytes())]
    )
    rollout.close()
    assert looked == -(-alone.steps // 8)
    assert len(drawn) / 2 - looked == watched.steps + 1
    assert watched == alone and len(set(states)) > 10


def test_videos_are_named_after_seed_and_ending():
    assert video_name(Outcome(100003, False, 9, "dropped the cube")) == "seed-100003-dropped-the-cube.mp4"
