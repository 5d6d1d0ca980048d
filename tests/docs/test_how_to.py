"""The how-to pages: every `console` block is run as it stands, at a tiny size, line by line in one folder a page.

A line that goes on until Ctrl-C (twin, hub) runs beside the others, as in a terminal of its own. `sh` blocks need a
person, an arm or the internet: `test_site.py` asks the command line whether it takes them.
"""

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from armchair_sim.twin.runtime import FOLDER_VARIABLE

HOW_TO = Path(__file__).parents[2] / "docs" / "how_to"
BIN = Path(sys.executable).parent
TINY = {"--episodes": "2", "--minutes": "0.05", "--steps": "4", "--eval.n_episodes": "1"}
BY_THE_CLOCK = ("record", "run")  # they move the twin in real time
HUB_PORT = "8765"  # what the pages say


def tiny(words: list[str]) -> list[str]:
    """The same line with small numbers."""
    small = list(words)
    for at, word in enumerate(words):
        name, is_one_word, _ = word.partition("=")
        if name in TINY and is_one_word:
            small[at] = f"{name}={TINY[name]}"
        elif name in TINY:
            small[at + 1] = TINY[name]
    if words[:2] == ["armchair", "remove"]:
        small[3:5] = ["0"]
    if words[0] == "lerobot-eval":
        small += ["--eval.batch_size=1"]
    if words[0] == "lerobot-train":
        small += ["--batch_size=2", "--num_workers=0", "--wandb.enable=false"]
    return small


def _free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


class Terminals:
    """Programs side by side in one folder, with a twin and a hub of their own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._port = folder, stack, _free_port()
        self._is_broken = False
        self._env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_TOKEN": "any", "HF_HOME": str(folder / "home"),
                     "HF_LEROBOT_HOME": str(folder / "lerobot"), FOLDER_VARIABLE: str(folder / "run")}  # fmt: skip

    def type(self, words: list[str], environment: dict[str, str]) -> None:
        env = {**self._env, **{name: value.replace(HUB_PORT, self._port) for name, value in environment.items()}}
        if "HF_ENDPOINT" in environment:
            env["HF_HUB_OFFLINE"] = "0"
        command = [str(BIN / words[0]), *words[1:]]
        if words[0] == "armchair" and words[1] in ("twin", "hub") and words[2:3] in ([], ["--task"]):
            self._begin([*command, "--json", *(["--port", self._port] if words[1] == "hub" else [])], env)
            return
        done = subprocess.run(command, cwd=self._folder, env=env, capture_output=True, text=True, timeout=600)
        if (words[1:3] == ["twin", "fault"] and words[3] != "list") or words[1:3] == ["twin", "mend"]:
            self._is_broken = words[2] == "fault"
        finds = words[1] == "doctor" and self._is_broken
        assert done.returncode == finds, f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"

    def _begin(self, command: list[str], env: dict[str, str]) -> None:
        process = subprocess.Popen(command, cwd=self._folder, env=env, stdout=subprocess.PIPE, text=True)
        self._stack.callback(lambda: (process.terminate(), process.wait(timeout=60)))
        assert json.loads(process.stdout.readline())


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.real_time] if page.stem in BY_THE_CLOCK else [], id=page.stem)
        for page in sorted(HOW_TO.glob("*.md"))
    ],
)
def test_every_line_of_a_page_does_what_it_says(page, paper, tmp_path):
    lines = [line for line in paper(page.read_text()).lines() if line.kind == "console"]
    if not lines:
        pytest.skip("all of it needs a person or an arm")
    with ExitStack() as stack:
        terminals = Terminals(tmp_path, stack)
        for line in lines:
            terminals.type(tiny(line.words), line.environment)
