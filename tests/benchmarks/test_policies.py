"""The plan of the benchmark is made of commands that exist, and its page says the worst as well as the median."""

import importlib
import importlib.util
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image

FILE = Path(__file__).parents[2] / "benchmarks" / "policies.py"


@pytest.fixture(scope="module")
def policies():
    spec = importlib.util.spec_from_file_location("benchmark_policies", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_of_the_plan_is_one_of_ours(policies):
    from armchair.cli import load_command

    cells = policies.plan()
    assert len(set(cells)) == len(cells)
    for cell in cells:
        for word, *options in cell.commands(Path("work")):
            if word == "eval":
                options[0] = "expert"  # there is no policy yet
            assert load_command(word).make_context(word, options)
    assert len({tuple(map(tuple, cell.commands(Path("work")))) for cell in cells}) == len(cells)


def test_the_page_gives_the_median_and_the_worst_of_the_seeds(policies):
    def row(seed: int, successes: int) -> dict:
        cell = policies.Cell("lift", seed=seed)
        endings = {"success": successes, "missed the cube": 195 - successes, "never moved": 5}
        return {**asdict(cell), "successes": successes, "scenes": 200, "endings": endings}

    page = policies.page([row(0, 190), row(1, 170), row(2, 180)])
    line = next(line for line in page.splitlines() if line.startswith("| lift"))
    assert "| 3 | 90.0% | 170 of 200 (79.4 to 89.3 %) | 95 % | missed the cube: 45 of 60 |" in line
    assert "train work/lift-100 --policy nano --steps 5000 --seed 0" in page


def test_the_page_in_the_repository_is_what_its_scores_give(policies):
    assert policies.PAGE.read_text(encoding="utf-8") == policies.page(policies.read_scores())


def test_one_policy_of_all_tasks_is_trained_once_and_judged_at_each(policies):
    cells = [cell for cell in policies.plan() if cell.together]
    *records, train, _ = zip(*(cell.commands(Path("work")) for cell in cells), strict=True)
    assert [len(set(map(tuple, alike))) for alike in (*records, train)] == [1] * (len(records) + 1)
    assert [command[command.index("--task") + 1] for command, *_ in records] == [cell.task for cell in cells]
    row = {**asdict(cells[0]), "successes": 150, "scenes": 200, "endings": {"success": 150, "timed out": 50}}
    assert f"| {cells[0].task} | nano | 100 of every task | 20,000 steps | 1 | 75.0% |" in policies.page([row])


def test_the_picture_shows_every_kind_of_policy(policies, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(FILE.parent)
    picture = importlib.import_module("policies_picture")
    rows = policies.read_scores()
    shown = {(row["policy"], row["together"]) for row in rows if row["policy"] != "expert"}
    assert len(shown) == len(picture.LOOKS)
    picture.draw(rows, tmp_path / "policies.png")
    with Image.open(tmp_path / "policies.png") as png:
        assert png.size == (1600, 900)
