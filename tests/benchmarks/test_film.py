"""The film of the README: the script that makes it cuts what the commands wrote."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from armchair_policies.evaluation.simulated.video import Video

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FILM = BENCHMARKS.parent / "examples" / "lift.webp"


@pytest.fixture
def film(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("film")
    sys.modules.pop("film", None)


def test_the_film_in_the_repository_moves_and_is_small():
    assert FILM.stat().st_size < 2_000_000
    with Image.open(FILM) as picture:  # WebP makes one of pictures that are alike
        assert picture.is_animated and picture.n_frames > 50 and picture.width >= 560


def test_it_is_cut_from_what_the_commands_wrote(film, tmp_path):
    for number, name in enumerate(("shown/a", "shown/b", "played/seed-1")):
        with Video(tmp_path / f"{name}.mp4", 30) as video:
            for tick in range(60):
                video.add(np.full((48, 64, 3), 40 + 60 * number + tick, np.uint8))
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy/loss.csv").write_text(
        "step,elapsed_s,loss,learning_rate,val_loss\n10,1,0.9,0.001,\n20,2,0.4,0.001,\n30,3,0.2,0.001,\n"
    )
    taught, learning, lifting = (list(part(tmp_path)) for part in (film.taught, film.learning, film.lifting))
    assert (len(taught), len(learning), len(lifting)) == (2 * 15, 25, 25)  # of 2 s each, and standing for half a second
    assert np.asarray(taught[0])[10, 10].mean() < np.asarray(taught[15])[10, 10].mean()  # one after the other
    red = [int((np.abs(np.asarray(picture, int) - (229, 72, 77)).sum(axis=2) < 30).sum()) for picture in learning]
    assert red[0] < red[-1]
