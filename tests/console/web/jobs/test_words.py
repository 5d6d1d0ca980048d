"""Which words a job may have."""

import pytest

from armchair.web.jobs.words import check_words
from armchair_core.errors import ArmchairError

GOOD = [
    ["record", "--task", "reach", "--episodes", "5", "--out", "data", "--image-size", "96", "--resume"],
    ["train", "a", "b/c", "--policy", "act", "--preset", "laptop", "--steps", "2", "--out", "p", "--estimate"],
    ["eval", "expert", "--task", "reach", "--episodes", "2", "--out", "report"], ["check", "data", "--save"],
    ["remove", "data", "0", "1", "--yes"], ["repair", "data"],
]  # fmt: skip
BAD = [
    [], ["hub", "--lan"], ["hub", "sync", "--to", "http://x"], ["push", "data"], ["twin"], ["--version"], ["calibrate"],
    ["record", "--ray", "x"], ["record", "--out", "/elsewhere"], ["record", "--out=/elsewhere"], ["repair", "../x"],
    ["remove", "/home/x", "0", "--yes"], ["train", "a", "--track", "wandb"], ["train", "a", "--base", "user/model"],
    ["eval", "a\0b"], ["check", "data", "-o"], ["train", "link/x", "--out", "p"],
]  # fmt: skip


@pytest.mark.parametrize("words", GOOD)
def test_what_pages_ask_for_may_begin(tmp_path, words):
    check_words(words, "out", tmp_path)


@pytest.mark.parametrize("words", BAD)
def test_anything_else_may_not(tmp_path, words):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "link").symlink_to(tmp_path)
    with pytest.raises(ArmchairError):
        check_words(words, "out", tmp_path / "project")
    with pytest.raises(ArmchairError, match="leads out"):
        check_words(["repair", "data"], "../out", tmp_path / "project")
