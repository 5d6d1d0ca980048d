"""The files for contributors' tools and for hosted CI, which cannot run here: whole, and agreeing with one another."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path: Path) -> dict:
    """YAML as GitHub reads it: `on` is a word there and true to PyYAML."""
    found = yaml.safe_load(path.read_text())
    return {("on" if name is True else name): value for name, value in found.items()}


def steps_of(path: Path) -> list[dict]:
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def test_there_are_two_workflows():
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_no_more_than_read_unless_it_says_so(path):
    found = load(path)
    assert found["permissions"] == {"contents": "read"}
    assert all("runs-on" in job for job in found["jobs"].values())
    assert all(("uses" in step) != ("run" in step) for step in steps_of(path))
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in steps_of(path) if "uses" in step)
    (python,) = (step["with"] for step in steps_of(path) if step.get("uses", "").startswith("actions/setup-python"))
    assert (ROOT / python["python-version-file"]).read_text().strip() in ("3.12", "3.13")


def test_ci_runs_what_runs_everywhere():
    assert any("bash .ci/run" in step.get("run", "") for step in steps_of(ROOT / ".github/workflows/ci.yml"))
    assert (ROOT / ".ci" / "run").exists()


def test_a_release_is_a_tag_that_is_built_and_published_without_a_password():
    release = load(ROOT / ".github/workflows/release.yml")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    assert release["jobs"]["release"]["permissions"]["id-token"] == "write"
    runs = [step["run"] for step in steps_of(ROOT / ".github/workflows/release.yml") if "run" in step]
    assert "uv build" in runs and "uv publish --trusted-publishing always" in runs
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()


def test_hooks_are_the_projects_own_tools():
    found = load(ROOT / ".pre-commit-config.yaml")
    assert [each["repo"] for each in found["repos"]] == ["local"]
    entries = [hook["entry"] for each in found["repos"] for hook in each["hooks"]]
    assert all(entry.startswith("uv run ") for entry in entries)
    needed = {entry.split()[2] for entry in entries}
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    assert needed <= {re.split(r"[\[<>=]", each)[0] for each in offered}


def test_the_makefile_has_the_verbs_that_contributing_names():
    makefile = (ROOT / "Makefile").read_text()
    verbs = re.findall(r"^(\w+):", makefile, re.MULTILINE)
    assert verbs == re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split()
    assert {*re.findall(r"(?:^|`|  )make (\w+)", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)} == set(verbs)
    assert all(line.startswith("\t") for line in makefile.splitlines() if line.startswith((" ", "\t")))


def test_the_changelog_is_kept_as_a_changelog():
    """Keep a Changelog 1.1: versions as `## [x] - date`, kinds of change as `###`."""
    text = (ROOT / "CHANGELOG.md").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == f"[{version}] - unreleased"
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= kinds
