"""Stock `lerobot-record`, which pushes what it recorded from the twin to the classroom hub, from where it is loaded."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
CAMERAS = "{front: {type: armchair, name: front}, wrist: {type: armchair, name: wrist}}"
LOAD = """
from lerobot.datasets import LeRobotDataset
data = LeRobotDataset("me/stock", video_backend="pyav")
print(data.num_episodes, tuple(data[len(data) - 1]["observation.images.wrist"].shape), data.meta.robot_type)
"""


@pytest.fixture
def twin(tmp_path, monkeypatch):
    """The ports of a running one, which has put its calibration where stock commands look."""
    monkeypatch.setenv("HF_LEROBOT_HOME", str(tmp_path / "lerobot"))
    monkeypatch.setenv("ARMCHAIR_RUNTIME", str(tmp_path / "run"))
    twin = subprocess.Popen([BIN / "armchair", "twin", "--json", "--episode-time", "4"], stdout=subprocess.PIPE)
    yield json.loads(twin.stdout.readline())["ports"]
    subprocess.run([BIN / "armchair", "twin", "stop"], check=True)
    twin.communicate()


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.skipif(sys.platform != "linux", reason="stock commands need a pty that carries 1 Mbaud")
def test_recorded_pushed_and_loaded_by_name(twin, classroom_hub, hub_env, tmp_path):
    ours = {name: os.environ[name] for name in ("ARMCHAIR_RUNTIME", "HF_LEROBOT_HOME")}
    env = hub_env(classroom_hub.url) | ours
    command = [
        BIN / "lerobot-record", "--robot.type=so101_follower", f"--robot.port={twin['follower']}",
        "--robot.id=armchair_twin", f"--robot.cameras={CAMERAS}", "--teleop.type=so101_leader",
        f"--teleop.port={twin['leader']}", "--teleop.id=armchair_twin",
        "--dataset.repo_id=me/stock", "--dataset.no_stamp=true",
        "--dataset.num_episodes=2", "--dataset.episode_time_s=4", "--dataset.reset_time_s=2",
        "--dataset.single_task=Pick up the red cube.", "--dataset.push_to_hub=true", "--dataset.private=true",
        "--play_sounds=false", "--dataset.rgb_encoder.vcodec=h264",
    ]  # fmt: skip
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    elsewhere = hub_env(classroom_hub.url, home="elsewhere") | {"HF_LEROBOT_HOME": str(tmp_path / "elsewhere")}
    loaded = subprocess.run([sys.executable, "-c", LOAD], env=elsewhere, capture_output=True, text=True, timeout=120)
    assert loaded.stdout.strip() == "2 (3, 480, 640) so_follower", loaded.stderr[-3000:]
