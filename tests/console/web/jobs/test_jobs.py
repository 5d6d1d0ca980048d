"""Jobs: real `armchair` commands as processes that outlive the console that started them."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest

from armchair.web.jobs import jobs as module
from armchair.web.jobs import words
from armchair.web.jobs.home import FOUND, jobs_home
from armchair.web.jobs.jobs import Jobs

ENDLESS = ["hub", "--port", "0", "--folder", "hub"]  # serves until Ctrl-C
WITHIN_S = 60.0


def until(so: Callable[[], object], within_s: float = WITHIN_S) -> object:
    end_s = time.monotonic() + within_s
    while not (found := so()):
        assert time.monotonic() < end_s
        time.sleep(0.05)
    return found


def is_(jobs: Jobs, number: int, *states: str) -> dict:
    return until(lambda: (job := jobs.find(number))["state"] in states and job)


@pytest.fixture(autouse=True)
def commands_for_tests(monkeypatch):
    """Two that are soon over and one that never is, as if pages could ask for them."""
    more = {"--version": frozenset(), "info": frozenset(), "hub": frozenset({"--port", "--folder"})}
    monkeypatch.setattr(words, "COMMANDS", words.COMMANDS | more)


@pytest.fixture
def jobs(tmp_path, monkeypatch) -> Iterator[Jobs]:
    monkeypatch.setattr(module, "most_at_once", lambda: 1)
    jobs = Jobs(tmp_path)
    yield jobs
    for job in jobs.status():
        jobs.stop(job["number"])
        if process := jobs._folders[job["number"]].process:
            process.kill()
    jobs.close()


@pytest.fixture
def endless(jobs) -> dict:
    """A job that has said where it serves."""
    job = jobs.start("hub", "A hub", ENDLESS, "hub")
    until(lambda: "http" in jobs.log(job["number"]))
    return jobs.find(job["number"])


def test_one_that_is_done_and_one_that_fails_with_a_sentence(jobs):
    good = jobs.start("version", "Ask for the version", ["--version"], "a")
    bad = jobs.start("info", "Ask about nothing", ["info", "nothing"], "b")
    done = is_(jobs, good["number"], "done")
    assert done["line"].endswith("armchair --version") and done["words"] == "" and done["ended_s"]
    assert "armchair 0." in jobs.log(good["number"])
    failed = is_(jobs, bad["number"], "failed")
    assert failed["words"].startswith("there is no folder nothing") and "\n" not in failed["words"]
    assert [job["number"] for job in jobs.status()] == [2, 1]


def test_it_goes_on_without_its_console_and_is_found_by_the_next(jobs, endless, tmp_path):
    assert endless["state"] == "running"
    process = jobs._folders[1].process
    jobs.close()
    again = Jobs(tmp_path)
    try:
        assert again.find(1)["state"] == "running" and os.getsid(process.pid) == process.pid
        again.stop(1)
        is_(again, 1, "done")  # a hub ends so on Ctrl-C
        until(lambda: not psutil.pid_exists(process.pid) or process.status() == psutil.STATUS_ZOMBIE)
    finally:
        again.close()


def test_one_at_a_time_and_the_rest_wait(jobs, endless):
    second = jobs.start("version", "Ask for the version", ["--version"], "b")
    third = jobs.start("version", "Ask for the version", ["--version"], "c")
    push = jobs.start("push", "Not a core's work", ["--version"], "d")
    is_(jobs, push["number"], "done")
    assert jobs.find(second["number"])["state"] == "waiting"
    jobs.stop(second["number"])
    assert jobs.find(second["number"])["words"] == "it was stopped before it began."
    jobs.stop(endless["number"])
    is_(jobs, third["number"], "done")
    assert jobs.find(second["number"])["state"] == "stopped"


def test_two_cannot_write_to_one_folder(jobs, endless):
    with pytest.raises(module.ArmchairError, match="job 1 writes to hub already"):
        jobs.start("hub", "Another", ENDLESS, "hub")


def test_one_that_is_killed_has_failed_and_goes_on_when_asked(jobs, endless):
    os.kill(jobs._folders[1].process.pid, signal.SIGKILL)
    assert "without a word" in is_(jobs, 1, "failed")["words"]
    jobs.again(1)
    is_(jobs, 1, "running")
    with pytest.raises(module.ArmchairError, match="only what was stopped or has failed"):
        jobs.again(1)


def test_a_process_of_another_time_is_not_taken_for_it(jobs, endless):
    file = jobs._folders[1].path / "process.json"
    process = jobs._folders[1].process
    file.write_text(json.dumps({**json.loads(file.read_text()), "began_s": 1.0}))
    assert is_(jobs, 1, "failed") and process.is_running(), "whoever has this number now is left alone"
    process.kill()


def test_what_is_over_is_taken_off_the_list_and_what_runs_is_not(jobs, endless, tmp_path):
    with pytest.raises(module.ArmchairError, match="stop it first"):
        jobs.forget(1)
    jobs.stop(1)
    is_(jobs, 1, "done")
    jobs.forget(1)
    assert jobs.status() == [] and not list(jobs_home(tmp_path).glob("0*"))
    with pytest.raises(module.ArmchairError, match="there is no job 1"):
        jobs.find(1)


# --- room for everybody -------------------------------------------------------------------------------------------
@pytest.fixture
def idle(jobs, monkeypatch) -> Jobs:
    """Jobs none of which is begun."""
    monkeypatch.setattr(module, "most_at_once", lambda: 0)
    return jobs


def ask_for(jobs: Jobs, out: str, owner: str, kind: str = "check") -> dict:
    return jobs.start(kind, "Check", ["check", out], out, owner, is_limited=owner != "")


def test_two_of_a_visitors_wait_and_others_have_room(idle):
    for out in ("a", "b"):
        ask_for(idle, out, "ana")
    with pytest.raises(module.ArmchairError, match="2 jobs of yours wait already"):
        ask_for(idle, "c", "ana")
    ask_for(idle, "c", "ben")
    for number in range(10):
        ask_for(idle, f"teacher-{number}", "")
    idle.stop(1)
    ask_for(idle, "d", "ana")
    with pytest.raises(module.ArmchairError, match="wait already"):
        idle.again(1, is_limited=True)


def test_a_visitor_cannot_fill_the_list(idle, monkeypatch):
    monkeypatch.setattr(module, "_MOST_OF_ONE", 3)
    monkeypatch.setattr(module, "_MOST_OF_VISITORS", 5)
    for number in range(3):
        idle.stop(ask_for(idle, f"a{number}", "ana")["number"])
    with pytest.raises(module.ArmchairError, match="3 jobs of yours are on the list"):
        ask_for(idle, "more", "ana")
    for owner in ("ben", "eva"):
        ask_for(idle, owner, owner)
    with pytest.raises(module.ArmchairError, match="there are 5 jobs: a teacher"):
        ask_for(idle, "more", "tom")
    ask_for(idle, "more", "")


def test_three_light_ones_run_at_once(idle, monkeypatch):
    process, begun = psutil.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"]), []
    monkeypatch.setattr(idle, "_begin", lambda folder: begun.append(folder.number) or folder.began(process.pid) or True)
    for number in range(5):
        ask_for(idle, f"a{number}", "", "build")
    assert begun == [1, 2, 3]
    process.kill()
    process.wait()


def test_a_teacher_stops_and_clears_all(idle, lan_page):
    for number in range(4):
        ask_for(idle, f"a{number}", "")
    idle.clear()
    assert idle.status() == []
    student, teacher = client(lan_page, "student"), client(lan_page, "teacher")
    assert student.post("/api/jobs/clear", json={}).status_code == 403
    assert teacher.post("/api/jobs/clear", json={}).json() == []


LARGE = {
    "/api/expert": {"data": "x", "task": "reach", "episodes": 5000},
    "/api/train": {"datasets": ["data"], "steps": 10**6, "out": "x"},
    "/api/judge": {"policy": "expert", "episodes": 2000, "out": "x"},
}


@pytest.mark.parametrize("path", LARGE)
def test_a_students_jobs_are_of_a_lessons_size(idle, lan_page, path, monkeypatch):
    monkeypatch.setattr("armchair.web.access.project_folder.ProjectFolder.dataset", lambda self, name: self.root / name)
    refused = client(lan_page, "student").post(path, json=LARGE[path])
    assert refused.status_code == 403 and "a student's job has at most" in refused.json()["detail"]
    job = client(lan_page, "teacher").post(path, json=LARGE[path])
    assert job.status_code == 200, job.text
    lan_page.jobs.stop(job.json()["number"])
    lan_page.jobs.forget(job.json()["number"])


# --- of an older console ------------------------------------------------------------------------------------------
OLDER = """
import json, signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = Path(sys.argv[-1])
try:
    (folder / "log").write_text("it runs")
    time.sleep(600)
except KeyboardInterrupt:
    (folder / "end.json").write_text(json.dumps({"code": 130, "said": "stopped by Ctrl-C.", "ended_s": time.time()}))
"""


@pytest.fixture
def older(tmp_path) -> Iterator[psutil.Process]:
    """A job that a console of before the rooms were named has begun: its process names the module of then."""
    folder = tmp_path / FOUND / "0007"
    folder.mkdir(parents=True)
    words = [sys.executable, "-c", OLDER, "-m", "armchair.console.jobs.child", str(folder)]
    process = psutil.Popen(words, start_new_session=True)
    asked = {"kind": "train", "title": "Train", "words": ["train", "data"], "out": "policy", "owner": "", "made_s": 1.0}
    (folder / "job.json").write_text(json.dumps(asked))
    (folder / "process.json").write_text(json.dumps({"pid": process.pid, "began_s": process.create_time()}))
    until(lambda: (folder / "log").exists())
    yield process
    process.kill()
    process.wait()


def test_a_job_of_an_older_console_is_found_shown_and_stopped(older, jobs):
    found = is_(jobs, 7, "running")
    assert found["line"].endswith("armchair train data") and jobs.log(7) == "it runs"
    assert jobs._folders[7].process.pid == older.pid
    waits = jobs.start("version", "Ask for the version", ["--version"], "b")
    assert jobs.find(waits["number"])["state"] == "waiting", "it counts as one that runs"
    jobs.stop(7)
    assert is_(jobs, 7, "stopped")["words"] == "stopped by Ctrl-C."
    is_(jobs, waits["number"], "done")


def test_whoever_has_an_older_jobs_number_now_is_left_alone(older, jobs):
    file = jobs._folders[7].path / "process.json"
    file.write_text(json.dumps({"pid": older.pid, "began_s": 1.0}))
    assert "without a word" in is_(jobs, 7, "failed")["words"]
    jobs.stop(7)
    time.sleep(0.3)
    assert older.is_running() and older.status() != psutil.STATUS_ZOMBIE


# --- over the page ------------------------------------------------------------------------------------------------
def client(page, role: str) -> httpx.Client:
    client = httpx.Client(base_url=page.url, trust_env=False)
    client.post("/api/enter", json={"token": page.visitors.invite(role)})
    return client


def test_a_student_ends_their_own_and_a_teacher_all(lan_page):
    student, teacher, viewer = (client(lan_page, role) for role in ("student", "teacher", "view"))
    owner = lan_page.visitors.owner(student.cookies[lan_page.cookie])
    own = lan_page.jobs.start("version", "Own", ["--version"], "own", owner)["number"]
    other = lan_page.jobs.start("version", "Another's", ["--version"], "other", "somebody")["number"]
    for number in (own, other):
        is_(lan_page.jobs, number, "done")
    assert len(viewer.get("/api/jobs").json()) == 2 and "armchair" in viewer.get(f"/api/jobs/{own}/log").json()["log"]
    assert viewer.post(f"/api/jobs/{own}/stop", json={}).status_code == 403
    assert student.post(f"/api/jobs/{other}/forget", json={}).status_code == 403
    assert student.post(f"/api/jobs/{own}/stop", json={}).json()["state"] == "done"
    assert student.post(f"/api/jobs/{own}/forget", json={}).status_code == 200
    assert teacher.post(f"/api/jobs/{other}/again", json={}).status_code == 409
    assert teacher.post(f"/api/jobs/{other}/forget", json={}).status_code == 200
    assert teacher.post("/api/jobs/99/stop", json={}).status_code == 409
    assert httpx.get(f"{lan_page.url}/api/jobs", trust_env=False).status_code == 401


def test_pages_are_told_when_something_changes(page, visit):
    viewer = visit(page)
    assert viewer.me["owner"] == ""
    number = page.jobs.start("version", "Ask for the version", ["--version"], "told")["number"]
    viewer.until(lambda _: any(job["number"] == number and job["state"] == "done" for job in viewer.jobs), WITHIN_S)
    page.jobs.forget(number)
    viewer.until(lambda _: viewer.jobs == [])
