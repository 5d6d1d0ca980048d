"""Through the wire: the twin behind a serial port, opened by LeRobot's own classes as if it were a real arm.

You learn that above the serial port nobody can tell the two apart: registers, units, pictures, calibration.
Takes 20 seconds, and with a policy some 10 seconds more for each scene, in real time. Linux only, for its serial port.

    uv run python examples/08_through_the_wire.py
    uv run python examples/08_through_the_wire.py chapters/policy --task reach --scenes 5
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lerobot.robots.so_follower import SO101Follower, SO101FollowerConfig

from armchair_policies.evaluation.real_time.run import RealTimeRequest, evaluate_real_time, prepare_real_time
from armchair_robot.arm_options import ArmOptions
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig
from armchair_sim.seeds import FIRST_EVALUATION_SEED


def move(port: str, calibration: Path) -> None:
    """Turn the shoulder by 20 degrees, with stock LeRobot."""
    cameras = {name: ArmchairCameraConfig(name=name) for name in ("front", "wrist")}
    config = SO101FollowerConfig(port=port, id="armchair_twin", cameras=cameras, calibration_dir=calibration)
    arm = SO101Follower(config)
    arm.connect(calibrate=False)
    start = {name: value for name, value in arm.get_observation().items() if name.endswith(".pos")}
    for tick in range(31):
        arm.send_action(start | {"shoulder_pan.pos": start["shoulder_pan.pos"] + 20 * tick / 30})
        time.sleep(1 / 30)
    seen = arm.get_observation()
    print(f"shoulder_pan went from {start['shoulder_pan.pos']:.1f} to {seen['shoulder_pan.pos']:.1f} degrees")
    print(f"the front camera sees {seen['front'].shape}; the elbow has", end=" ")
    print(f"{arm.bus.read('Present_Temperature', 'elbow_flex')} °C, at {arm.bus.port}")
    arm.disconnect()


def judge(policy: str, task: str, scenes: int, out: Path) -> None:
    """Let a policy do the task through the same bus and cameras, as `armchair run POLICY --arm twin` does."""
    request = RealTimeRequest(policy, ArmOptions("twin", task=task), scenes, FIRST_EVALUATION_SEED)
    result, end = evaluate_real_time(prepare_real_time(request), out)
    if result is None:
        raise SystemExit(end.halted)
    print(f"{result.successes} of {result.episodes} scenes through the twin's bus and cameras: see {out}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policy", nargs="?", help="a folder, or a skill such as lift")
    parser.add_argument("--task", default="lift")
    parser.add_argument("--scenes", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("chapters/report-twin"))
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:  # of a twin of one's own
        os.environ |= {"ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        command = [Path(sys.executable).parent / "armchair", "twin", "--json", "--hand", "still", "--task", asked.task]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as twin:
            port = json.loads(twin.stdout.readline())["ports"]["follower"]  # it runs
            try:
                move(port, Path(folder, "home/calibration/robots/so_follower"))
                if asked.policy:
                    judge(asked.policy, asked.task, asked.scenes, asked.out)
            finally:
                twin.terminate()
    print("Next: examples/09_break_and_diagnose.py")


if __name__ == "__main__":
    main()
