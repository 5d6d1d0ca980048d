"""Run a trained policy through the real door: stock LeRobot follower, serial bus, 480 x 640 cameras.

uv run python examples/03_policy_on_the_twin.py armchair-demo/policy --scenes 20

Starts a twin of its own, sets unseen scenes one after another, and says in how many the task was done.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from armchair_robot.arms import let_go, open_follower
from armchair_robot.hands.policy import PolicyHand
from armchair_sim.seeds import FIRST_EVALUATION_SEED
from armchair_sim.so101 import CAMERAS, FEATURE_NAMES
from armchair_sim.task import OPEN
from armchair_sim.twin.control import ask
from armchair_sim.world import FPS, START


def send(follower, action: np.ndarray) -> None:
    follower.send_action(dict(zip(FEATURE_NAMES, map(float, action), strict=True)))


def go_to_start(follower) -> None:
    """Drop what is held, then stand where episodes start."""
    for gripper in (OPEN, START[5]):
        send(follower, np.array([*START[:5], gripper]))
        time.sleep(0.8)


def play(follower, hand: PolicyHand, control: Path, seed: int, limit_s: float) -> bool:
    """Let the policy have a scene; whether the task was done."""
    go_to_start(follower)
    ask(control, do="scene", seed=seed)
    time.sleep(0.1)  # until the cameras have seen it
    hand.reset()
    began_s = due_s = time.monotonic()
    while time.monotonic() - began_s < limit_s and not ask(control, do="status")["success"]:
        seen = follower.get_observation()
        state = np.array([seen[name] for name in FEATURE_NAMES], np.float32)
        send(follower, hand.act({"pixels": {name: seen[name] for name in CAMERAS}, "agent_pos": state}))
        due_s = max(due_s + 1 / FPS, time.monotonic())
        time.sleep(max(0.0, due_s - time.monotonic()))
    return ask(control, do="status")["success"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policy", type=Path)
    parser.add_argument("--task", default="lift")
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--limit-s", type=float, default=8.0)
    wanted = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        command = [Path(sys.executable).parent / "armchair", "twin", "--json", "--hand", "still", "--task", wanted.task]
        twin = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            note = json.loads(twin.stdout.readline())
            hand, control = PolicyHand(wanted.policy, note["instruction"]), Path(note["folder"]) / "control"
            follower = open_follower("twin")
            seeds = range(FIRST_EVALUATION_SEED, FIRST_EVALUATION_SEED + wanted.scenes)
            done = [play(follower, hand, control, seed, wanted.limit_s) for seed in seeds]
            let_go(follower)
        finally:
            twin.terminate()
            twin.wait()
    print(f"{sum(done)} of {len(done)} scenes through the twin's bus and cameras")


if __name__ == "__main__":
    main()
