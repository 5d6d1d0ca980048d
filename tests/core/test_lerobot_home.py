import os
import subprocess
import sys

import pytest

CODE = """
import sys
from armchair_core.lerobot_home import calibration_folder
ours, light = calibration_folder(), "lerobot" not in sys.modules and "torch" not in sys.modules
from lerobot.utils.constants import HF_LEROBOT_CALIBRATION
print(light, ours == HF_LEROBOT_CALIBRATION, ours)
"""


@pytest.mark.parametrize(
    ("set_to", "folder"),
    [
        ({}, "/hf/lerobot/calibration"),
        ({"HF_LEROBOT_HOME": "/home"}, "/home/calibration"),
        ({"HF_LEROBOT_HOME": "/home", "HF_LEROBOT_CALIBRATION": "~/ours"}, "~/ours"),
    ],
)
def test_where_lerobot_looks(set_to, folder):
    names = ("HF_LEROBOT_HOME", "HF_LEROBOT_CALIBRATION")
    env = {key: value for key, value in os.environ.items() if key not in names} | {"HF_HOME": "/hf"} | set_to
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", os.path.expanduser(folder)]  # noqa: PTH111 - as LeRobot does
