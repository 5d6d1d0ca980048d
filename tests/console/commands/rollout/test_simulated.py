"""`armchair run` without an arm: a policy plays by itself, in the simulation, and its scenes are filmed."""

import re

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair.terminal.picture import PictureScreen, lines_of
from armchair_policies.skills import locate_policy, skill_names

RUN = CliRunner()


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """An empty folder to work in, and no twin that runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))


def test_a_skill_plays_right_after_installation(tmp_path):
    said = RUN.invoke(app, ["run", "lift", "--episodes", "2"])
    assert said.exit_code == 0, said.output
    films = sorted((tmp_path / "armchair-run-lift").glob("*.mp4"))
    assert [film.name[:11] for film in films] == ["seed-100000", "seed-100001"]
    with av.open(str(films[0])) as film:
        assert film.streams.video[0].frames > 15
    assert re.search(r"[12] of 2 succeeded: too few to say how good it is", said.output), (
        "a skill that ships has a skill"
    )
    assert re.search(r"How good it is: \d+ of 200 \(\d+\.\d% to \d+\.\d%\), by `armchair eval lift ", said.output)


def test_what_was_filmed_stays(tmp_path):
    (tmp_path / "armchair-run-reach").mkdir()
    (tmp_path / "armchair-run-reach" / "mine").touch()
    said = RUN.invoke(app, ["run", "expert", "--task", "reach", "--episodes", "1"])
    assert "to armchair-run-reach-2" in said.output
    assert len(list((tmp_path / "armchair-run-reach-2").glob("seed-100000-success.mp4"))) == 1
    again = RUN.invoke(app, ["run", "expert", "--episodes", "1", "--out", "armchair-run-reach"])
    assert again.exit_code == 1 and "exists and is not empty" in again.output


def test_a_scene_lasts_as_long_as_was_asked_for():
    said = RUN.invoke(app, ["run", "expert", "--task", "lift", "--episodes", "1", "--episode-time", "1"])
    assert said.exit_code == 0 and "0 of 1 succeeded" in said.output, said.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "lift", "--episode-time", "1000"], "a scene may last up to 600 seconds, not 1000"),
        (["run", "lif"], "no policy folder, skill or hand called 'lif': did you mean 'lift'?"),
        (["run", "lift", "--seed", "7"], "evaluation seeds start at 100000 and 7 is below"),
        (["run", "lift", "--arm", "twin", "--out", "x"], "no twin runs: start one in another terminal"),
    ],
)
def test_mistakes_get_one_sentence(words, said):
    result = RUN.invoke(app, words)
    assert result.exit_code == (2 if "did you mean" in said else 1)
    assert said in " ".join(result.output.split())


def test_skills_are_found_unless_a_folder_has_their_name(tmp_path):
    assert "lift" in skill_names()
    assert locate_policy("lift").is_dir() and locate_policy("lift").is_absolute()
    (tmp_path / "lift").mkdir()
    assert str(locate_policy("lift")) == "lift"


def test_a_picture_keeps_its_colours_in_the_terminal():
    picture = np.zeros((96, 96, 3), np.uint8)
    picture[:48] = [250, 0, 0]
    picture[48:, 48:] = [0, 0, 250]
    lines = lines_of(picture, 16)
    assert [line.count("▀") for line in lines] == [16] * 6
    colours = re.findall(r"38;2;(\d+);0;(\d+)m\x1b\[48;2;(\d+);0;(\d+)m", "".join(lines))
    assert colours[0] == ("250", "0", "250", "0") and colours[-1] == ("0", "250", "0", "250")


def test_pictures_are_drawn_over_one_another(capsys):
    screen = PictureScreen()
    for _ in range(2):
        screen.show(np.zeros((96, 96, 3), np.uint8))
    drawn = capsys.readouterr().out
    (back,) = re.findall(r"\x1b\[(\d+)A", drawn)
    assert 2 * int(back) == drawn.count("\n")
