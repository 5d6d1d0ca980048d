"""The notes on the servos' firmware: what they say is printed, is printed, and no link in them is dead.

How a page is run: a `console` block holds an `armchair` command and what it answers; a `python` block is run on a
connected bus, opened by the first block of bus.md; the `text` block after it is what it prints. `...` in a `text`
block is anything at all; after `text about`, numbers may differ by a tenth, or by 2 (fractions by 0.2).
"""

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import traceback
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair_core.so101.kinematics import JOINTS
from armchair_core.sts3215.registers import REGISTERS
from armchair_sim.twin.control import ask
from armchair_sim.twin.faults import FAULTS
from armchair_sim.twin.runtime import FOLDER_VARIABLE

NOTES = Path(__file__).parents[2] / "firmware_notes"
PAGES = sorted(NOTES.glob("*.md"))
ARMCHAIR = Path(sys.executable).parent / "armchair"
A_REAL_PORT = "/dev/ttyACM0"  # what the pages say instead of the twin's
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_NO_REGISTERS = {"FT_SCServo_Debug_Qt", "SCServo_Linux"}


class Block(NamedTuple):
    """A fenced block. `kind` is the fence's words: `python`, `text about`."""

    kind: str
    line: int
    text: str


def blocks_of(page: str) -> list[Block]:
    assert page.count("```") % 2 == 0, "a block never ends"
    return [
        Block(found[1], page.count("\n", 0, found.start()) + 1, found[2])
        for found in re.finditer(r"^```(.*?)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    ]


def runs_of(page: str) -> list[tuple[Block, Block | None]]:
    """Each block that is run, with the one that says what it prints."""
    blocks = blocks_of(page)
    following = [block if block.kind.startswith("text") else None for block in blocks[1:]] + [None]
    return [(block, text) for block, text in zip(blocks, following, strict=True) if not block.kind.startswith("text")]


OPENING = next(block for block in blocks_of((NOTES / "bus.md").read_text()) if block.kind == "python")


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """A running twin with factory-new settings, and the environment in which it is found."""
    folder = tmp_path_factory.mktemp("notes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder / "run"))
        patch.setenv("HF_LEROBOT_HOME", str(folder / "lerobot"))
        process = subprocess.Popen(
            [ARMCHAIR, "twin", "--json", "--hand", "still", "--no-cameras"],
            env=dict(os.environ), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        note = json.loads(process.stdout.readline())
        yield note
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def names(twin):
    """What a page's Python finds: all that bus.md's first block makes, on a healthy arm whose motors are off."""
    found: dict = {}
    exec(OPENING.text.replace(A_REAL_PORT, twin["ports"]["follower"]), found)
    yield found
    with contextlib.suppress(Exception):
        found["bus"].port_handler.closePort()
    control = Path(twin["folder"], "control")
    ask(control, do="mend")
    for joint in JOINTS:  # a power cycle switches the motor off and forgets what was not meant to stay
        ask(control, do="fault", name="dead-servo", at=joint)
    ask(control, do="mend")


def output_of(block: Block, names: dict) -> str:
    """What a block prints; of an error, what Python's traceback begins and ends with."""
    if block.kind == "console":
        lines = [f"$ {line}\n{command(line)}" for line in commands_in(block)]
        return "".join(lines)
    assert block.kind == "python", f"line {block.line}: nobody runs {block.kind!r}"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(block.text, f"line {block.line}", "exec"), names)
        except Exception as error:
            print("Traceback (most recent call last):", "  ...", sep="\n")
            print(*traceback.format_exception_only(error), sep="", end="")
    return printed.getvalue()


def commands_in(block: Block) -> list[str]:
    return [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]


def command(line: str) -> str:
    program, *words = shlex.split(line)
    assert program == "armchair", f"{line}: only armchair's own commands are run"
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, words, prog_name="armchair")
    return done.output


def near(wanted: str, got: str) -> bool:
    return float(got) == pytest.approx(float(wanted), rel=0.1, abs=0.2 if "." in wanted else 2)


def check(wanted: str, got: str, about: bool) -> bool:
    if about:
        numbers = [_NUMBER.findall(text) for text in (wanted, got)]
        if len(numbers[0]) != len(numbers[1]) or not all(map(near, *numbers)):
            return False
        wanted, got = _NUMBER.sub("N", wanted), _NUMBER.sub("N", got)
    return OutputChecker().check_output(wanted, got, ELLIPSIS | NORMALIZE_WHITESPACE)


@pytest.mark.skipif(sys.platform != "linux", reason="the twin is on a pseudo-terminal only on Linux")
@pytest.mark.flaky(reruns=3, reruns_delay=1)  # a stock driver waits 50 ms; what a page says wrongly fails every time
@pytest.mark.usefixtures("steady_driver")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page.read_text())], ids=lambda page: page.stem)
def test_what_a_page_says_is_printed_is_printed(page, names, twin):
    for block, says in runs_of(page.read_text()):
        if block.text == OPENING.text:
            continue  # `names` has run it
        got = output_of(block, names).replace(twin["ports"]["follower"], A_REAL_PORT)
        about = says is not None and says.kind == "text about"
        wanted = block.text if block.kind == "console" else says.text if says else ""
        assert check(wanted, got, about), f"{page.name}, line {block.line}, says:\n{wanted}but it prints:\n{got}"


# --- links ------------------------------------------------------------------------------------------------------
def anchors_of(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_link_is_dead(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors_of(file), f"{page.name}: {target}"


def test_every_page_is_found_from_the_index():
    index = (NOTES / "README.md").read_text()
    assert [page.name for page in PAGES if page.name != "README.md" and f"({page.name}" not in index] == []


def test_every_fault_of_the_twin_is_a_section_of_the_symptoms():
    """The sections' names are anchors that programs may point to: symptoms.md#overload."""
    assert set(FAULTS) <= anchors_of(NOTES / "symptoms.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_fault_and_register_that_is_named_exists(page):
    text = page.read_text()
    assert set(re.findall(r"armchair twin fault (\S+?)[`\s]", text)) <= {*FAULTS, "NAME"}
    named = set(re.findall(r"\b[A-Z][A-Za-z]+(?:_[A-Za-z]+)+\b", text))
    unknown = {name for name in named if name.upper() != name} - REGISTERS.keys() - _NO_REGISTERS
    assert not unknown, f"{page.name}: no such registers: {unknown}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "registers.md"], ids=lambda page: page.stem)
def test_a_page_is_short(page):
    assert len(page.read_text().splitlines()) <= 120
