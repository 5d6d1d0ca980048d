"""What the twin's processes import."""

import subprocess
import sys


def test_a_twin_imports_neither_lerobot_nor_pytorch():
    ask = (
        "import sys, armchair_sim.twin.server, armchair_sim.scene.cameras, armchair.commands.twin;"
        "print([name for name in ('lerobot', 'torch', 'gymnasium', 'pyarrow') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
