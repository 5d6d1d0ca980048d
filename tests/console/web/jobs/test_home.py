"""Folders from somebody else: nothing that lies in them is begun, and nothing in them harms the console."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from armchair.web.jobs.home import FOUND, jobs_home
from armchair.web.jobs.jobs import Jobs
from armchair_core.errors import ArmchairError


@pytest.fixture(autouse=True)
def nothing_begins(monkeypatch):
    """Unless a test lets it."""
    monkeypatch.setattr("armchair.web.jobs.jobs.most_at_once", lambda: 0)


PLANTED = {"kind": "remove", "title": "Remove", "words": ["record", "--task", "reach", "--episodes", "1"], "out": "x",
           "owner": "", "made_s": 1.0}  # fmt: skip


def plant(root: Path, name: str = "0001", **files: object) -> Path:
    """A job's folder; text is written as it is."""
    folder = root / FOUND / name
    folder.mkdir(parents=True)
    for file, said in files.items():
        (folder / f"{file}.json").write_text(said if isinstance(said, str) else json.dumps(said))
    return folder


def opened(root: Path) -> list[dict]:
    """How the jobs stand a while after a console was started there."""
    jobs = Jobs(root)
    try:
        time.sleep(0.7)
        return jobs.status()
    finally:
        jobs.close()


def test_a_planted_job_is_shown_and_not_begun(tmp_path):
    words = ["record", "--task", "reach", "--episodes", "1", "--out", str(tmp_path / "elsewhere")]
    folder = plant(tmp_path / "project", job={**PLANTED, "words": words})
    (job,) = opened(tmp_path / "project")
    assert job["state"] == "stopped" and "found in this folder" in job["words"] and job["owner"] == ""
    assert [file.name for file in folder.iterdir()] == ["job.json"], "nothing was begun or written"
    jobs = Jobs(tmp_path / "project")
    with pytest.raises(ArmchairError, match="type armchair record --task reach"):
        jobs.again(1)
    jobs.forget(1)
    assert jobs.status() == [] and not folder.exists()
    jobs.close()


def test_what_was_over_before_an_upgrade_stays_visible_and_new_jobs_come_after_it(tmp_path):
    end = {"code": 0, "said": "", "ended_s": 9.0}
    plant(tmp_path, "0007", job={**PLANTED, "title": "Train"}, end=end, process={"pid": 1, "began_s": 5.0})
    (job,) = opened(tmp_path)
    assert (job["number"], job["state"], job["title"], job["ended_s"]) == (7, "done", "Train", 9.0)
    jobs = Jobs(tmp_path)
    jobs.start("check", "Check", ["check", "nothing"], "nothing")
    assert [job["number"] for job in jobs.status()] == [8, 7]
    assert not (tmp_path / FOUND / "0008").exists() and (jobs_home(tmp_path) / "0008/job.json").exists()
    assert jobs_home(tmp_path).stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    jobs.stop(8)
    jobs.close()


MALFORMED = {
    "no JSON": "{", "empty": "", "a list": [], "null": "null", "no fields": {}, "numbers": {**PLANTED, "words": [1]},
    "no words": {**PLANTED, "words": None}, "a word": {**PLANTED, "words": "record"}, "NUL": {**PLANTED, "out": "\0"},
    "deep": "[" * 60_000, "large": json.dumps({**PLANTED, "title": "x" * 100_000}),
    "NaN": json.dumps({**PLANTED, "made_s": float("nan")}), "half a letter": '{"kind": "\\ud800"}',
    "an object": {**PLANTED, "title": {"a": 1}}, "not UTF-8": None,
}  # fmt: skip


@pytest.mark.parametrize("which", MALFORMED)
@pytest.mark.parametrize("file", ["job", "process", "progress", "end"])
def test_a_malformed_file_harms_nothing(tmp_path, which, file):
    files = {"job": PLANTED, "end": {"code": 1, "said": "no", "ended_s": 1.0}}
    folder = plant(tmp_path, **{**files, file: MALFORMED[which] or ""})
    if which == "not UTF-8":
        (folder / f"{file}.json").write_bytes(b"\xff\xfe{}")
    plant(tmp_path, "0002", **files)
    jobs = Jobs(tmp_path)
    jobs.close()
    status = json.loads(json.dumps(jobs.status(), ensure_ascii=False, allow_nan=False).encode())
    assert status[0]["number"] == 2 and status[0]["state"] == "failed"


def test_odd_names_links_and_devices_are_left_alone(tmp_path):
    for name in ("0001x", "1e3", "0" * 40 + "1", "99999999999"):
        plant(tmp_path, name, job=PLANTED)
    secret = tmp_path / "secret"
    secret.write_text("mine")
    folder = plant(tmp_path, "0003", job=PLANTED, end={"code": 1, "said": "", "ended_s": 1.0})
    (folder / "log").symlink_to(secret)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "errors")  # whoever opens it waits for ever
    (tmp_path / FOUND / "0004").symlink_to(folder)
    jobs = Jobs(tmp_path)
    jobs.close()
    assert [job["number"] for job in jobs.status()] == [3] and jobs.log(3) == ""


def test_a_link_in_place_of_the_folder_of_jobs_is_not_followed(tmp_path):
    plant(tmp_path / "elsewhere", job=PLANTED)
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".armchair").symlink_to(tmp_path / "elsewhere" / ".armchair")
    assert opened(tmp_path / "project") == []


def test_damage_to_an_own_job_harms_neither_the_console_nor_the_others(tmp_path):
    jobs = Jobs(tmp_path)
    for name in ("a", "b"):
        jobs.stop(jobs.start("train", name, ["train", "data", "--out", name], name)["number"])
    jobs.close()
    (jobs_home(tmp_path) / "0001" / "job.json").write_text("{")
    assert [job["title"] for job in opened(tmp_path)] == ["b"]


def test_what_waits_is_looked_at_again_before_it_begins(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    jobs = Jobs(tmp_path / "project")
    number = jobs.start("record", "Later", ["record", "--task", "reach", "--episodes", "1", "--out", "x"], "x")[
        "number"
    ]
    (tmp_path / "project" / "x").symlink_to(tmp_path)
    monkeypatch.setattr("armchair.web.jobs.jobs.most_at_once", lambda: 1)
    jobs.close()
    jobs._look()
    assert jobs.find(number)["state"] == "failed" and "leads out of" in jobs.find(number)["words"]


def test_what_we_start_does_not_import_what_lies_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("armchair.web.jobs.jobs.most_at_once", lambda: 1)
    for name in ("numpy", "armchair", "multiprocessing", "typer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('PLANTED')")
    jobs = Jobs(tmp_path)
    number = jobs.start("check", "Check", ["check", "nothing"], "nothing")["number"]
    until_s = time.monotonic() + 60
    while jobs.find(number)["state"] not in ("failed", "done"):
        assert time.monotonic() < until_s
        time.sleep(0.1)
    assert jobs.find(number)["words"].startswith("there is no folder nothing"), jobs.log(number)
    jobs.close()


def test_neither_do_the_processes_of_a_command(tmp_path):
    (tmp_path / "multiprocessing.py").write_text("raise SystemExit('PLANTED')")
    code = "import armchair.cli, subprocess, sys; armchair.cli.calm_libraries = lambda: None\n" \
           "armchair.cli.app = lambda: subprocess.run([sys.executable, '-c', 'import multiprocessing'], check=True)\n" \
           "armchair.cli.main()"  # fmt: skip
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
