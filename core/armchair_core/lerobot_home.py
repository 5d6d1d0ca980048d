"""The calibration folder of LeRobot, found without importing LeRobot, which brings PyTorch along. No I/O."""

import os
from pathlib import Path

from huggingface_hub.constants import HF_HOME


def calibration_folder() -> Path:
    """Return where LeRobot looks for calibration files, by its own rules (lerobot 0.6.1, utils/constants.py)."""
    home = Path(os.environ.get("HF_LEROBOT_HOME", Path(HF_HOME, "lerobot"))).expanduser()
    return Path(os.environ.get("HF_LEROBOT_CALIBRATION", home / "calibration")).expanduser()
