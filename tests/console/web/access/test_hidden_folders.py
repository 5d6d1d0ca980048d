from pathlib import Path

import pytest

from armchair.web.access.hidden_folders import without_folders

ROOT = Path("/home/anna/Robot Lab")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("there is no folder /home/anna/Robot Lab/data.", "there is no folder data."),
        ("there is no folder '/home/anna/other place/data'.", "there is no folder '…/data'."),
        ("/usr/lib/python3/x.py cannot be read: see `armchair check /tmp/a/b`", "…/x.py cannot be read: see "
         "`armchair check …/b`"),
        ("the arm at /dev/ttyACM0 is silent", "the arm at /dev/ttyACM0 is silent"),
        ("open http://127.0.0.1:8765/anna/data, 3/4 done, anna/lift", "open http://127.0.0.1:8765/anna/data, 3/4 done, "
         "anna/lift"),
    ],
)  # fmt: skip
def test_no_folder_of_this_machine_is_told(words, told):
    assert without_folders(words, ROOT) == told


def test_nor_whose_home_it_is():
    assert Path.home().name not in without_folders(f"{Path.home()}/My data/lift is broken", ROOT).split("/")
