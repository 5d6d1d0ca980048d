"""The table of all benchmarks is made from what they wrote, and what one keeps next is in it."""

import importlib
import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def table(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("table")
    for name in ("table", "result"):
        sys.modules.pop(name, None)


def test_the_page_in_the_repository_is_what_the_results_give(table):
    assert table.PAGE.read_text(encoding="utf-8") == table.page(), "uv run python benchmarks/table.py makes it anew"


def test_what_is_kept_is_in_the_table_with_its_line_its_day_and_its_machine(table, tmp_path, monkeypatch, capsys):
    result = importlib.import_module("result")
    monkeypatch.setattr(result, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(table, "HERE", tmp_path)
    monkeypatch.setattr(table, "ORDER", ())
    monkeypatch.setattr(sys, "argv", ["benchmarks/boil.py", "--cups", "2", "--keep"])
    (tmp_path / "results").mkdir()
    result.keep(result.Row("a cup of tea", "4.0 minutes", {"minutes": 4.0}))
    found = json.loads((tmp_path / "results" / "boil.json").read_text())
    assert found["rows"][0]["numbers"] == {"minutes": 4.0}
    ((what, how_well, by, when),) = table.results()
    assert (what, how_well, by) == ("a cup of tea", "4.0 minutes", "`uv run python benchmarks/boil.py --cups 2`")
    assert when.startswith(f"{found['date']}; {found['machine']['cpu']}, ") and "load" in when
    assert "table.py" in capsys.readouterr().out


def test_every_benchmark_that_measures_can_keep_what_it_finds():
    keeping = {file.stem for file in BENCHMARKS.glob("*.py") if "add_keep(parser)" in file.read_text()}
    assert keeping == {"console_jitter", "console_rest", "guard_drives", "kill_matrix", "loop_jitter", "nano_vs_act",
                       "stop_under_attack", "twin_wire", "world_speed"}  # fmt: skip
    results = [json.loads(file.read_text()) for file in (BENCHMARKS / "results").glob("*.json")]
    scripts = {word for found in results for word in found["command"].split() if word.startswith("benchmarks/")}
    assert scripts and all((BENCHMARKS.parent / script).is_file() for script in scripts)
