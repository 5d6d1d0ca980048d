import io
import json
import time

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from armchair.terminal import progress
from armchair.terminal.progress import PROGRESS_VARIABLE, BarMeter, PlainMeter, duration, meter


class Clock:
    now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_without_a_terminal_lines_are_sparse_and_the_end_is_said(clock, capsys):
    with meter("recording") as shown:
        assert isinstance(shown, PlainMeter)
        for done in range(1, 101):
            shown.show("recording", done / 100, f"{done} of 100")
            clock.now_s += 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "recording 1%, 1 of 100"
    assert lines[1] == "recording 16%, 16 of 100, 1 min 24 s left"
    assert lines[-1] == "recording 100%, 100 of 100"
    assert len(lines) == 8


def until_said(capsys, words: str) -> str:
    said, end_s = "", time.monotonic() + 20
    while words not in said and time.monotonic() < end_s:
        time.sleep(0.01)
        said += capsys.readouterr().out
    return said


def test_long_work_without_news_still_says_that_it_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PLAIN_LINE_EVERY_S", 0.02)
    with meter("decoding") as shown:
        assert until_said(capsys, "no news").startswith("decoding …, no news for 0 s\n")
        shown.show("training", 0.25, "step 50")
        assert "training 25%, step 50, no news" in until_said(capsys, "step 50, no news")


def test_the_time_left_may_be_given(clock, capsys):
    PlainMeter().show("training", 0.5, "step 7", left_s=30)
    assert capsys.readouterr().out == "training 50%, step 7, 30 s left\n"


def test_a_bar_for_each_stage():
    bars = Progress(TextColumn("{task.description}"), console=Console(file=io.StringIO()))
    shown = BarMeter(bars, "decoding")
    shown.show("decoding", 1.0, "")
    shown.show("training", 0.25, "step 7", left_s=90)
    decoding, training = bars.tasks
    assert (decoding.description, decoding.percentage) == ("decoding", 100)
    assert (training.description, training.percentage) == ("training", 25)
    assert training.fields["note"] == "step 7 · 1 min 30 s left"


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (59.4, "59 s"), (65, "1 min 05 s"), (3600, "1 h 00 min")])
def test_durations_for_people(seconds, said):
    assert duration(seconds) == said


def test_who_watches_from_another_process_reads_a_whole_file(tmp_path, monkeypatch, capsys):
    file = tmp_path / "progress.json"
    monkeypatch.setenv(PROGRESS_VARIABLE, str(file))
    with meter("decoding") as shown:
        assert json.loads(file.read_text()) == {
            "stage": "decoding", "fraction": 0.0, "note": "starting …", "left_s": None,
        }  # fmt: skip
        shown.show("training", 0.25, "step 20", 90.0)
        assert json.loads(file.read_text()) == {
            "stage": "training", "fraction": 0.25, "note": "step 20", "left_s": 90.0,
        }  # fmt: skip
        shown.show("training", 1.0, "step 80", 0.0)
    assert json.loads(file.read_text())["left_s"] is None
    assert capsys.readouterr().out == ""


def test_what_is_done_before_anything_can_be_counted_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv(PROGRESS_VARIABLE, str(tmp_path / "progress.json"))
    with meter("judging", "the policy is loaded …"):
        assert json.loads((tmp_path / "progress.json").read_text())["note"] == "the policy is loaded …"
