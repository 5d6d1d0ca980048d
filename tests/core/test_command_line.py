"""Command lines that people are shown: quoted for a shell, made in one place, and read by the programs themselves."""

import ast
import re
import shlex
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

import pytest

from armchair.cli import COMMANDS
from armchair_core import command_line
from armchair_core.command_line import how_to_install, pip_install, quoted, runnable, typed

ROOT = Path(__file__).parents[2]
SOURCES = [file for room in ("core", "sim", "robot", "datasets", "policies", "console", "plugin")
           for file in sorted((ROOT / room).rglob("*.py"))]  # fmt: skip
HELPERS = {"typed", "runnable", "named", "quoted"}
FOLDERS = ["Müllers Daten/erste Übung", "it's", 'a "b" $HOME `x`;rm', "-data", "~", "new\nline", "*", "plain"]


# --- quoting ------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(sys.platform == "win32", reason="the shell of Unix")
def test_a_shell_reads_the_very_words():
    lines = "; ".join(f"printf '%s\\0' {quoted('--out', Path(folder))}" for folder in FOLDERS)
    read = subprocess.run(["sh", "-c", lines], capture_output=True, check=True).stdout.decode().split("\0")[1::2]
    assert [Path(word) for word in read] == [Path(folder) for folder in FOLDERS]
    assert not any(word.startswith("-") for word in read), "a path is no option"


def test_who_came_through_uv_is_shown_uv(monkeypatch):
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    assert typed("check", Path("My data")) == "uv run armchair check 'My data'"
    assert how_to_install("ray") == "put --extra ray behind uv run"


def test_a_program_that_no_shell_would_find_is_shown_with_its_place(monkeypatch, tmp_path):
    assert typed("info", "x") == "armchair info x"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shlex.split(typed("info", "x"))[0] == str(Path(sys.executable).with_name("armchair"))
    assert runnable("nowhere-to-be-found") == "nowhere-to-be-found"
    assert shlex.split(runnable("python", "-m", "x"))[0] == str(Path(sys.executable).with_name("python"))


@pytest.mark.parametrize("has_pip", [True, False])
def test_an_extra_is_installed_into_this_environment(monkeypatch, has_pip):
    monkeypatch.setattr(command_line, "find_spec", lambda name: has_pip or None)
    words = shlex.split(pip_install("lerobot[smolvla]"))
    assert words[-1] == "lerobot[smolvla]" and (words[0] == "python") == has_pip
    assert has_pip or (words[:3] == ["uv", "pip", "install"] and words[4] == sys.executable)


def test_every_extra_that_is_named_exists():
    known = set(metadata("lerobot_robot_armchair").get_all("Provides-Extra"))
    named = {word for _, call in calls({"how_to_install"}) for word in constants(call)}
    assert named and named <= known


# --- one place ----------------------------------------------------------------------------------------------------
_WORDS = "|".join(COMMANDS)
_A_COMMAND = re.compile(
    rf"(?<![\w./-])(armchair ({_WORDS}|--\w)(?![\w-])|lerobot-[a-z-]+ --|python3? -|pip3? install|apt(-get)? \w|"
    r"uv (run|pip|tool|sync)\b|(export|unset|HF_ENDPOINT=) ?[A-Z{]|sudo |ray start|hf (auth|upload|download|jobs)|"
    r"torchrun )|`(armchair|lerobot-|hf\b|[a-z-]+ [a-z-])"
)
_AN_OPTION_OF = re.compile(r"(?<=\S )--[a-z][a-z-]*[ =]$")


def sentences(tree: ast.AST):
    """All strings of a module that are no documentation, f-strings as lists of their parts."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in HELPERS:
            skipped |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            if id(node) not in skipped:
                yield node.lineno, node.values
            skipped |= {id(value) for value in node.values}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, [node]


def offences(tree: ast.AST):
    """What a module says of commands by itself: commands, and options with a value that nobody quoted."""
    for line, parts in sentences(tree):
        for part, after in zip(parts, [*parts[1:], None], strict=True):
            if not isinstance(part, ast.Constant) or not isinstance(part.value, str):
                continue
            if found := _A_COMMAND.search(part.value):
                yield line, found[0]
            if isinstance(after, ast.FormattedValue) and (found := _AN_OPTION_OF.search(part.value)):
                yield line, found[0]


# What is told of a folder's own programs, and no line to type.
ELSEWHERE = {"core/armchair_core/command_line.py", "core/armchair_core/sts3215/registers.py",
             "datasets/armchair_datasets/editing/remove.py"}  # fmt: skip


def test_nobody_else_writes_a_command_into_a_sentence():
    found = [f"{file.relative_to(ROOT)}:{line}: {what}" for file in SOURCES
             if str(file.relative_to(ROOT)) not in ELSEWHERE
             for line, what in offences(ast.parse(file.read_text()))]  # fmt: skip
    assert not found, "make it with armchair_core.command_line:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        'say(f"try `armchair repair {root}`.")',
        'raise E("type armchair check data")',
        'say(f"use it, or use --out {free}.")',
        'say("first `lerobot-calibrate`")',
        'say("apt-get install x")',
        'say(f"export HF_TOKEN={token}")',
    ],
)
def test_a_command_that_somebody_writes_by_hand_is_found(code):
    assert list(offences(ast.parse(code)))


# --- read by the programs -----------------------------------------------------------------------------------------
def calls(names: set[str]):
    """All calls of these functions, with where they stand."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def constants(call: ast.Call) -> list[str]:
    return [word.value for word in call.args if isinstance(word, ast.Constant)]


def words_of(call: ast.Call) -> tuple[list[str], bool]:
    """The words of a call, `1` for what is only known later; whether there may be others."""
    whole = not any(isinstance(word, ast.Starred) for word in call.args)
    words = [word.value if isinstance(word, ast.Constant) else "1" for word in call.args
             if not isinstance(word, ast.Starred)]  # fmt: skip
    return list(map(str, words)), whole


SPOKEN = [(where, call) for where, call in calls({"typed", "named"}) if "core/armchair_core/command_line" not in where]


@pytest.mark.parametrize(("where", "call"), SPOKEN, ids=[where for where, _ in SPOKEN])
def test_every_line_of_ours_is_one_that_we_take(where, call, complaint_about):
    words, whole = words_of(call)
    if (
        call.func.id == "named" or not words or words[0] == "1" or words[0].startswith("--")
    ):  # of which nothing more is known here
        assert not words or words[0] in {*COMMANDS, "1"} or words[0].startswith("--")
        return
    complaint = complaint_about(words, whole)
    assert not complaint or ("1" in words and "takes no" in complaint), "an option may be what is only known later"


def test_every_option_that_is_named_is_one_that_somebody_takes(all_options):
    stock = {"--extra", "--head", "--python", "--standalone", "--project", "--logdir", "--sync-all", "--env", "--robot",
             "--repo-type", "--local-dir", "--private", "--force-conversion"}  # fmt: skip
    known = all_options | stock
    unknown = [f"{file.relative_to(ROOT)}:{line}: {option}" for file in SOURCES
               if "armchair/commands" not in str(file)
               for line, parts in sentences(ast.parse(file.read_text()))
               for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
               for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+(?![\w.=-])", part.value)
               if option not in known]  # fmt: skip
    assert not unknown, "\n".join(unknown)


PAGE = sorted((ROOT / "console/page/src").rglob("*.tsx"))


def test_every_line_on_the_page_is_one_that_we_take(complaint_about):
    lines = {line for file in PAGE for line in re.findall(r"<code>armchair ([^<{]+)</code>", file.read_text())}
    assert lines and not [complaint for line in lines if (complaint := complaint_about(shlex.split(line), False))]
