"""What our sentences advise, typed as it stands by somebody whose folders have blanks, umlauts and quotes."""

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("Müllers Daten") / "it's here"
    folder.mkdir()
    return folder


def shell(folder: Path, line: str) -> tuple[int, str]:
    """Type a line; answers (exit code, all that was said)."""
    done = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def advised(said: str) -> list[str]:
    """The lines in what was said: in backticks, or behind `Next:`."""
    return re.findall(r"`(armchair [^`]+)`|(?:^Next: )(armchair .+)$", said, re.MULTILINE)


def lines_in(said: str) -> list[str]:
    return [first or second for first, second in advised(said)]


RECORD = "armchair record --task reach --episodes 1 --image-size 32"


def test_a_dataset_is_recorded_broken_mended_and_checked_by_what_is_printed(folder):
    code, said = shell(folder, f"{RECORD} --out 'erste Übung'")
    assert code == 0 and "1 episode of" in said, said
    assert lines_in(said)[-1].startswith("armchair train 'erste Übung' --minutes 8 --out 'erste Übung-policy'")

    code, said = shell(folder, f"{RECORD} --out 'erste Übung'")
    assert code == 1, said
    other = re.search(r"use (--out .+)\.$", said, re.MULTILINE)[1]
    assert shell(folder, f"{RECORD} {other}")[0] == 0 and (folder / "erste Übung-2").is_dir()

    (folder / "erste Übung" / "meta" / "info.json").unlink()
    code, said = shell(folder, "armchair check 'erste Übung'")
    (repair,) = lines_in(said)
    assert code == 1 and repair == "armchair repair 'erste Übung'"
    code, said = shell(folder, repair)
    assert code == 0, said
    (check,) = lines_in(said)
    assert shell(folder, check)[0] == 0


def test_a_folder_that_looks_like_an_option_is_trained_on(folder):
    assert shell(folder, f"{RECORD} --out=-data")[0] == 0
    code, said = shell(folder, "armchair info -- -data")
    assert code == 0 and "1 episode," in said
    (folder / "-data" / "meta" / "info.json").write_text("{")
    code, said = shell(folder, "armchair info -- -data")
    assert lines_in(said) == ["armchair repair ./-data"] and shell(folder, lines_in(said)[0])[0] == 0


def test_a_file_is_not_taken_for_a_folder(folder):
    (folder / "a file").write_text("")
    code, said = shell(folder, "armchair info 'a file'")
    assert code == 1 and "a file is a file, and a dataset is a folder" in said
    code, said = shell(folder, f"{RECORD} --out 'a file'")
    assert code == 1 and "a file is a file: use --out " in said and "a file-2'." in said
    code, said = shell(folder, f"{RECORD} --out 'a file/data'")
    assert code == 1 and "Traceback" not in said and "Writes" not in said
