"""What a stranger installs: the wheel made from the sdist, in a clean environment, in a folder with umlauts."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[1]
WITHIN_S = 600
_OURS = ("PYTHONPATH", "VIRTUAL_ENV", "ARMCHAIR_STATE", "UV_PROJECT_ENVIRONMENT")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("uv"), reason="needs uv")]


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """The folder with the sdist and with the wheel that is made of it."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(["uv", "build", "--quiet", "--out-dir", out, ROOT], check=True, timeout=WITHIN_S)
    return out


@pytest.fixture(scope="module")
def place(packages, tmp_path_factory) -> Path:
    """A folder with an environment of its own in `.venv`, in which nothing but the wheel was asked for."""
    folder = tmp_path_factory.mktemp("wheel") / "Übung mit Ärmeln"
    folder.mkdir()
    (wheel,) = packages.glob("*.whl")
    # The versions that this release was tested with; whatever is newer by tomorrow is not what is tested here.
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["constraint-dependencies"]
    (folder / "known.txt").write_text("\n".join(known))
    for words in (["venv", "--python", sys.executable], ["pip", "install", "--constraint", "known.txt", str(wheel)]):
        done = subprocess.run(["uv", *words], cwd=folder, env=clean(folder), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return folder


def clean(folder: Path) -> dict[str, str]:
    """The environment of somebody who has no checkout, and no files of ours anywhere else."""
    mine = {"HF_HUB_OFFLINE": "1", "ARMCHAIR_RUNTIME": str(folder / "run"), "HF_LEROBOT_HOME": str(folder / "lerobot")}
    return {name: value for name, value in os.environ.items() if name not in _OURS} | mine


def armchair(folder: Path, *words: object) -> str:
    command = [folder / ".venv/bin/armchair", *map(str, words)]
    done = subprocess.run(command, cwd=folder, env=clean(folder), capture_output=True, text=True, timeout=WITHIN_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def running(folder: Path, *words: object) -> Iterator[subprocess.Popen]:
    """A command that goes on until it is ended, which it must be in peace."""
    command = [folder / ".venv/bin/armchair", *map(str, words)]
    process = subprocess.Popen(command, cwd=folder, env=clean(folder), stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_the_packages_hold_what_runs_and_no_more(packages):
    (wheel,), (source,) = packages.glob("*.whl"), packages.glob("*.tar.gz")
    in_wheel = zipfile.ZipFile(wheel).namelist()
    needed = {"armchair/web/server/static/index.html", "armchair_core/sts3215/registers.csv",
              "armchair_policies/skills/lift/model.safetensors", "lerobot_robot_armchair/__init__.py"}  # fmt: skip
    assert needed <= set(in_wheel)
    assert not [name for name in in_wheel if re.match(r"tests|docs|benchmarks|site|.*node_modules", name)]
    with tarfile.open(source) as packed:
        assert not [name for name in packed.getnames() if re.search(r"/(?:node_modules|site|\.venv)/", name)]
    assert wheel.stat().st_size < 20e6


def test_it_runs_from_where_it_is_installed(place):
    assert re.fullmatch(r"armchair \d+\.\d+\.\d+\n", armchair(place, "--version"))
    assert "Begin here" in armchair(place, "--help")
    where = "import armchair, armchair_sim; print(armchair.__file__, armchair_sim.__file__)"
    said = subprocess.run(
        [place / ".venv/bin/python", "-c", where], cwd=place, env=clean(place), capture_output=True, text=True
    )
    assert said.stdout.count(str(place / ".venv")) == 2, said.stdout + said.stderr


def test_a_tiny_demo_goes_through(place):
    said = armchair(
        place, "demo", "--task", "reach", "--quick", "--episodes", 3, "--minutes", 0.05, "--out", "mein Versuch"
    )
    assert "report.html" in said
    assert json.loads((place / "mein Versuch/report/eval.json").read_text())["episodes"] == 10


def test_the_twin_is_found_and_healthy(place):
    with running(place, "twin", "--task", "lift", "--json") as twin:
        assert json.loads(twin.stdout.readline())["ports"]
        assert "Verdict" in armchair(place, "doctor", "twin")
        armchair(place, "twin", "stop")


def test_the_page_and_all_that_it_asks_for_are_served(place):
    with running(place, "console", "--no-browser", "--port", 0) as console:
        url = next(line.split()[-1] for line in console.stdout if "The page is at" in line).partition("#")[0]
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as page:
            index = page.get("/")
            assert index.status_code == 200 and "text/html" in index.headers["content-type"]
            parts = re.findall(r"(?:src|href)=\"\.?/?([^\"#:]+)\"", index.text)
            assert len(parts) >= 2
            assert {part: code for part in parts if (code := page.get(f"/{part}").status_code) != 200} == {}
