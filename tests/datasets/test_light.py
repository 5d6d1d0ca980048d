"""What is wrong with a request is said at once: LeRobot, whose import takes seconds, is loaded when there is work."""

import subprocess
import sys


def test_asking_loads_neither_pytorch_nor_lerobot():
    modules = ("recording.simulated.record", "recording.build", "repair.repair", "editing.remove", "quality.check")
    code = "; ".join(f"import armchair_datasets.{name}" for name in modules)
    code += "; import sys; print({'torch', 'lerobot', 'datasets'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
