"""The report of a made-up evaluation: its words, its numbers, and that it needs nothing from outside."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from armchair_policies.evaluation.report.report import write_report
from armchair_policies.evaluation.results import EvalResult, append_outcome, load_outcomes, save_result, seed_ranges
from armchair_policies.evaluation.simulated.video import Video
from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_robot.loop.episode import Outcome
from armchair_sim.task import REGION_X_M, REGION_Y_M

NASTY = "<script>alert('x')</script>"


def outcomes(successes: int, failures: int) -> list[Outcome]:
    endings = ["success"] * successes + ["timed out", "dropped the cube"] * failures
    endings = endings[: successes + failures]
    return [
        Outcome(100_000 + number, ending == "success", 60 if ending == "success" else 300, ending)
        for number, ending in enumerate(endings)
    ]


def placed(episodes: list[Outcome]) -> list[Outcome]:
    """The same, each with its object somewhere in the region."""
    rng = np.random.default_rng(0)
    return [replace(one, object_at=(rng.uniform(*REGION_X_M), rng.uniform(*REGION_Y_M))) for one in episodes]


def make_folder(folder: Path, episodes: list[Outcome], **changes) -> Path:
    for outcome in episodes:
        append_outcome(outcome, folder)
    won = sum(outcome.success for outcome in episodes)
    facts = {
        "task": "lift", "instruction": "Pick up the cube.", "policy": "demo/policy", "kind": "policy",
        "episodes": len(episodes), "successes": won, "success_rate": won / len(episodes),
        "interval_95": wilson_interval(won, len(episodes)),
        "first_seed": episodes[0].seed, "last_seed": episodes[-1].seed,
        "endings": dict(Counter(outcome.ending for outcome in episodes).most_common()),
        "fps": 30, "image_size": (96, 96), "seconds": 123.4, "versions": {"armchair": "0.1.0"},
        "command": "armchair eval demo/policy --task lift --episodes 200 --seed 100000 --out demo/report",
        "training": {"policy": "nano", "training_seeds": "0 to 199", "steps": 14000, "minutes": 8.0},
    }  # fmt: skip
    save_result(EvalResult(**(facts | changes)), folder)
    return folder


def make_video(folder: Path, name: str) -> None:
    with Video(folder / "videos" / name, 30) as video:
        for shade in range(0, 250, 10):
            video.add(np.full((48, 64, 3), shade, np.uint8))


def words(html: str) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text.replace("\xa0", " ").replace("&nbsp;", " "))


@pytest.fixture
def report(tmp_path: Path) -> str:
    folder = make_folder(tmp_path / "report", placed(outcomes(172, 28)))
    make_video(folder, "seed-100172-timed-out.mp4")
    make_video(folder, "seed-100000-success.mp4")
    return write_report(folder).read_text(encoding="utf-8")


def test_the_score_is_said_in_a_sentence(report):
    assert (
        "In 200 scenes that it had never seen, the policy did the task 172 times: "
        "86 % (95 % interval 80.5\u201390.1 %)." in words(report)
    )


def test_the_seeds_of_both_sides_are_named(report):
    assert "seeds 100000 to 100199" in words(report)
    assert "used the seeds 0 to 199" in words(report)


def test_every_scene_has_its_mark_and_every_ending_its_row(report):
    assert len(re.findall(r'title="seed \d+: ', report)) == 200
    assert "seed 100172: timed out after 10.0 s" in report
    assert "timed out 14 7 %" in words(report)
    assert "dropped the cube 14 7 %" in words(report)


def test_how_to_repeat_it_is_told(report):
    assert "armchair eval demo/policy --task lift --episodes 200 --seed 100000 --out demo/report" in report
    assert "14,000" in report


def test_nothing_comes_from_outside(report):
    assert not re.search("https?:", report)
    assert "<script" not in report
    assert all(uri.startswith("data:") for uri in re.findall(r'(?:src|href)="([^"]*)"', report))


def test_videos_are_inside_successes_first(report):
    assert report.count("data:video/mp4;base64,") == 2
    assert report.index("<figcaption>seed&nbsp;100000") < report.index("<figcaption>seed&nbsp;100172")
    assert "timed out, 1 of 14 seed 100172 · 10.0 s" in words(report)


def test_every_scene_has_its_place_on_the_table(report):
    assert len(re.findall(r"<title>seed \d+: ", report)) == 200
    counted = [tuple(map(int, pair)) for pair in re.findall(r">(\d+) of (\d+)</text>", report)]
    assert len(counted) == 8 and [sum(column) for column in zip(*counted, strict=True)] == [172, 200]
    assert "nobody wrote down" not in report


def test_old_rows_do_not_say_where_the_object_lay(tmp_path):
    folder = make_folder(tmp_path / "old", outcomes(3, 1))
    assert "Where on the table" not in write_report(folder).read_text()
    begun_then_resumed = [*outcomes(3, 1)[:2], *placed(outcomes(3, 1))[2:]]
    text = words(write_report(make_folder(tmp_path / "resumed", begun_then_resumed)).read_text())
    assert "Where on the table" in text and "Of 2 scenes nobody wrote down where the object lay" in text


def test_a_real_arm_has_no_picture_of_its_table(tmp_path):
    html = write_report(make_folder(tmp_path, outcomes(3, 1), body="arm", task="Pick up the pen.")).read_text()
    assert "Where on the table" not in html


def test_names_from_a_policy_are_not_html(tmp_path):
    nasty = {"training": {"policy": NASTY}, "policy": NASTY, "command": NASTY, "instruction": NASTY}
    html = write_report(make_folder(tmp_path, outcomes(1, 1), **nasty)).read_text()
    assert NASTY not in html
    assert html.count("&lt;script&gt;") == 3


def test_a_hand_is_not_said_to_have_learnt(tmp_path):
    html = write_report(make_folder(tmp_path, outcomes(10, 0), kind="hand", policy="expert", training={}))
    text = words(html.read_text())
    assert "In 10 scenes, the expert, which is told where everything is, did the task 10 times: 100 %" in text
    assert "never seen" not in text
    assert "How it was taught" not in text


@pytest.mark.parametrize(("successes", "failures"), [(0, 5), (1, 0)])
def test_extreme_scores_have_a_report(tmp_path, successes, failures):
    text = words(write_report(make_folder(tmp_path, outcomes(successes, failures))).read_text())
    assert f"{100 if successes else 0} % (95 % interval" in text


def test_the_loss_curve_is_shown_when_there_is_one(tmp_path):
    picture = tmp_path / "loss.png"
    picture.write_bytes(b"\x89PNG made up")
    folder = make_folder(tmp_path / "report", outcomes(1, 1))
    assert "data:image/png;base64," in write_report(folder, picture).read_text()
    assert "data:image/png;base64," not in write_report(folder).read_text()


def test_rows_come_back_as_they_were_written(tmp_path):
    episodes = outcomes(2, 2)
    make_folder(tmp_path, episodes)
    assert load_outcomes(tmp_path) == episodes
    first = json.loads((tmp_path / "episodes.jsonl").read_text().splitlines()[0])
    assert first == {"seed": 100000, "outcome": "success", "success": True, "steps": 60}


def test_where_the_object_lay_comes_back_to_the_bit(tmp_path):
    episodes = placed(outcomes(2, 2))
    make_folder(tmp_path, episodes)
    assert [one.object_at for one in load_outcomes(tmp_path)] == [one.object_at for one in episodes]
    first = json.loads((tmp_path / "episodes.jsonl").read_text().splitlines()[0])
    assert first["object_at_m"] == list(episodes[0].object_at)


@pytest.mark.parametrize(
    ("seeds", "said"), [([3, 1, 2], "1 to 3"), ([5], "5"), ([0, 1, 7, 9, 10], "0 to 1, 7, 9 to 10"), ([], "")]
)
def test_seeds_are_said_in_ranges(seeds, said):
    assert seed_ranges(seeds) == said
