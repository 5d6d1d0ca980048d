"""What can be known of arms without LeRobot is known without importing it, and PyTorch with it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["armchair_robot.devices.arms", "armchair_robot.safety.torque_off"])
def test_knowing_arms_imports_no_lerobot(module):
    ask = f"import sys, {module}; print([name for name in ('lerobot', 'torch') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
