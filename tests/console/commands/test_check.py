"""`armchair check`: what it prints, what it writes, how it ends."""

import json
import shutil
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from armchair.commands.check import check
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    out = tmp_path_factory.mktemp("recording") / "reach"
    return record(SimulatedRecordingRequest("reach", "expert", 2, 40, out, height=32, width=32, workers=1)).root


@pytest.fixture
def spoilt(recording, tmp_path):
    """The same, with a video that is missing."""
    root = shutil.copytree(recording, tmp_path / "reach")
    (root / "videos/observation.images.wrist/chunk-000/file-000.mp4").unlink()
    return root


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in an empty folder; answers (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)
    app = typer.Typer(add_completion=False)
    app.command()(check)
    runner = CliRunner(env={"COLUMNS": "160", "TERM": "dumb"})

    def run(*words) -> tuple[int, str, str]:
        result = runner.invoke(app, [str(word) for word in words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


def test_a_good_dataset(run, recording):
    code, said, error = run(recording)
    assert (code, error) == (0, "")
    assert "2 good" in said.splitlines()[-1]
    rows = [line.split() for line in said.splitlines() if line.rstrip().endswith(" good")]
    assert [(row[0], row[-1]) for row in rows] == [("0", "good"), ("1", "good")]
    assert "--html" not in said


def test_a_bad_dataset_fails_only_when_strict(run, spoilt):
    code, said, _ = run(spoilt)
    assert code == 0
    assert "The wrist camera has 0 pictures for" in said
    assert "bad: The video videos/observation.images.wrist/chunk-000/file-000.mp4 cannot be decoded" in said
    assert said.splitlines()[-2].endswith("2 bad.")
    assert said.splitlines()[-1] == f"See it: armchair check {spoilt} --html reach-check.html"
    assert run(spoilt, "--strict")[0] == 1
    assert run(spoilt, "--strict", "--json")[0] == 1


def test_strict_lets_what_is_only_odd_pass(run, recording, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    root = shutil.copytree(recording, tmp_path / "odd")
    tasks = pq.read_table(root / "meta/tasks.parquet")
    column = tasks.schema.get_field_index("task")
    pq.write_table(tasks.set_column(column, "task", pa.array(["todo"])), root / "meta/tasks.parquet")
    code, said, _ = run(root, "--strict")
    assert (code, "odd: The task 'todo' says nothing" in said) == (0, True)


def test_json_is_one_object_and_nothing_else(run, spoilt):
    code, said, error = run(spoilt, "--json")
    told = json.loads(said)
    assert (code, error) == (0, "")
    assert list(told) == [
        "format", "level", "episodes", "frames", "seconds", "counts", "robot_type", "fps", "cameras", "tasks",
        "findings", "verdicts",
    ]  # fmt: skip
    assert (told["level"], told["counts"]) == ("bad", {"good": 0, "odd": 0, "bad": 2})
    assert list(told["verdicts"][0]) == ["episode", "frames", "level", "findings"]
    assert list(told["verdicts"][0]["findings"][0]) == ["rule", "level", "words", "frames"]


def test_the_page_is_written_and_never_over_another(run, recording, tmp_path):
    code, said, _ = run(recording, "--html", "page.html")
    assert (code, said.splitlines()[-1]) == (0, "Page: page.html")
    page = (tmp_path / "page.html").read_bytes()
    code, _, error = run(recording, "--html", "page.html")
    assert (code, error) == (1, "error: page.html exists: use --html page-2.html.\n")
    assert (tmp_path / "page.html").read_bytes() == page


def test_save_writes_one_file(run, recording, tmp_path):
    root = shutil.copytree(recording, tmp_path / "reach")
    before = {path for path in root.rglob("*")}
    code, said, _ = run(root, "--save")
    assert (code, said.splitlines()[-1]) == (0, f"Saved: {root / 'meta/quality.json'}")
    assert set(root.rglob("*")) - before == {root / "meta/quality.json"}
    assert json.loads((root / "meta/quality.json").read_text()) == json.loads(run(root, "--json")[1])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere"], "there is no folder nowhere: give the folder of a dataset"),
        (["lerobot/pusht"], "such as `hf download lerobot/pusht --repo-type dataset --local-dir pusht` makes"),
        (["."], "is no LeRobot dataset, having no meta/info.json"),
        (["DATASET", "--html", "DATASET/page.html"], "lies in the dataset, which is not changed"),
        (["DATASET", "--html", "."], ". is a folder: use --html check.html."),
        (["DATASET", "--html", "no/page.html"], "there is no folder no for the page: use --html page.html."),
    ],
)
def test_mistakes_are_one_line(run, recording, words, sentence):
    code, said, error = run(*(word.replace("DATASET", str(recording)) for word in words))
    assert (code, said, error.count("\n")) == (1, "", 1)
    assert error.startswith("error: ") and sentence in error


def test_a_broken_dataset_is_sent_to_repair(run, spoilt):
    data = spoilt / "data/chunk-000/file-000.parquet"
    data.write_bytes(data.read_bytes()[:-8])
    code, _, error = run(spoilt)
    assert code == 1
    assert error.endswith(f"try `armchair repair {spoilt}`.\n")


def test_json_and_html_exclude_each_other(run, recording):
    code, _, error = run(recording, "--json", "--html", "page.html")
    assert code == 2
    assert "exclude each other" in error


def test_nothing_heavy_is_imported_for_the_help():
    code = (
        "import sys, armchair.commands.check\n"
        "print([name for name in ('torch', 'numpy', 'av', 'pyarrow', 'pydantic', 'lerobot', 'rich.table') "
        "if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
