"""Lists of repos, names and settings, by the stock client; and what a classroom's hub has not, in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub.errors import BadRequestError, HfHubHTTPError

from armchair_datasets.hub.routes import search

CARD = b"---\nlicense: apache-2.0\ntags: [LeRobot]\ntask_categories:\n- robotics\n---\n# Lifts\n"


@pytest.fixture
def filled(api):
    for name in ("ana/lift", "ana/place", "bob/Lift-more"):
        api.create_repo(name, repo_type="dataset")
    api.upload_file(path_or_fileobj=CARD, path_in_repo="README.md", repo_id="ana/lift", repo_type="dataset")
    api.create_repo("ana/act")
    return api


def ids(found):
    return [one.id for one in found]


def test_datasets_and_models_are_listed_apart_the_newest_first(filled):
    assert ids(filled.list_datasets()) == ["ana/lift", "bob/Lift-more", "ana/place"]
    assert ids(filled.list_datasets(sort="created_at")) == ["bob/Lift-more", "ana/place", "ana/lift"]
    assert ids(filled.list_models()) == ["ana/act"]
    assert ids(filled.list_spaces()) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "lift"}, ["ana/lift", "bob/Lift-more"]),
        ({"search": "more lift"}, ["bob/Lift-more"]),
        ({"author": "ana"}, ["ana/lift", "ana/place"]),
        ({"author": "ana", "search": "lift"}, ["ana/lift"]),
        ({"filter": "LeRobot"}, ["ana/lift"]),
        ({"filter": ["LeRobot", "license:apache-2.0", "task_categories:robotics"]}, ["ana/lift"]),
        ({"filter": "LeRobot", "author": "bob"}, []),
        ({"limit": 1}, ["ana/lift"]),
        ({"search": "nothing"}, []),
    ],
)
def test_repos_are_found_by_what_is_asked(filled, asked, found):
    assert ids(filled.list_datasets(**asked)) == found


def test_long_lists_come_in_pages(filled, monkeypatch):
    monkeypatch.setattr(search, "_A_PAGE", 1)
    assert ids(filled.list_datasets(search="lift")) == ["ana/lift", "bob/Lift-more"]
    assert len(list(filled.list_datasets())) == 3


def test_files_are_told_when_they_are_asked_for(filled):
    (told,) = filled.list_datasets(search="ana/lift", full=True)
    assert ([file.rfilename for file in told.siblings], told.tags[0]) == (["README.md"], "LeRobot")
    (bare,) = filled.list_datasets(search="ana/lift")
    assert bare.siblings is None


def test_what_nobody_knows_here_is_a_sentence(filled, http):
    with pytest.raises(BadRequestError, match="cannot search by apps: use search, author"):
        list(filled.list_models(apps="ollama"))
    with pytest.raises(HfHubHTTPError, match="this hub has no gated repos"):
        filled.update_repo_settings("ana/act", gated="auto")
    for path, kind in (("users/ana/overview", "users"), ("buckets/ana", "buckets"), ("jobs/ana", "jobs")):
        refusal = http.get(f"/api/{path}")
        words = f"the classroom hub has no {kind}: it keeps models, datasets and spaces, no more."
        assert (refusal.status_code, refusal.headers["X-Error-Message"]) == (501, words)
    assert "the classroom hub has no GET /api/collections" in http.get("/api/collections").text


def test_repos_are_moved_and_taken_out_and_nothing_is_lost(filled, classroom_hub):
    filled.move_repo("ana/lift", "ana/lifts", repo_type="dataset")
    assert filled.list_repo_files("ana/lifts", repo_type="dataset") == ["README.md"]
    assert not filled.repo_exists("ana/lift", repo_type="dataset")
    with pytest.raises(HfHubHTTPError, match="there is a ana/place on this hub already"):
        filled.move_repo("ana/lifts", "ana/place", repo_type="dataset")
    filled.delete_repo("ana/lifts", repo_type="dataset")
    assert not filled.repo_exists("ana/lifts", repo_type="dataset")
    (kept,) = (classroom_hub.folder / "deleted/datasets").iterdir()
    assert (kept / "repo.json").exists()


def test_settings_are_kept(filled):
    for private in (True, False):
        filled.update_repo_settings("ana/act", private=private)
        assert filled.model_info("ana/act").private is private
    assert filled.auth_check("ana/act") is None
    assert {repo.id: repo.type for repo in filled.list_user_repos()}["ana/act"] == "model"


def test_the_hf_command_lists(filled, classroom_hub, hub_env, tmp_path):
    hf = Path(sys.executable).parent / "hf"
    done = subprocess.run(
        [hf, "datasets", "ls", "--format", "json"], env=hub_env(classroom_hub.url), capture_output=True, text=True,
        timeout=60, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "bob/Lift-more" in done.stdout, done.stderr + os.linesep + done.stdout
