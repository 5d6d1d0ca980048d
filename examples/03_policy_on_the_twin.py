"""Run a trained policy through the real door: stock LeRobot follower, serial bus, 480 x 640 cameras.

uv run python examples/03_policy_on_the_twin.py armchair-demo/policy --scenes 20

Starts a twin of its own, sets unseen scenes one after another, and says in how many the task was done: what
`armchair run` does with a twin that runs already.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from armchair_policies.evaluation.real_time.run import RealTimeRequest, evaluate_real_time, prepare_real_time
from armchair_sim.seeds import FIRST_EVALUATION_SEED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policy")
    parser.add_argument("--task", default="lift")
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("twin-report"))
    wanted = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ARMCHAIR_RUNTIME": f"{folder}/run", "HF_LEROBOT_HOME": f"{folder}/home"}
        command = [Path(sys.executable).parent / "armchair", "twin", "--json", "--hand", "still", "--task", wanted.task]
        twin = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            twin.stdout.readline()  # it runs
            exam = prepare_real_time(
                RealTimeRequest(wanted.policy, "twin", wanted.task, wanted.scenes, FIRST_EVALUATION_SEED)
            )
            result, end = evaluate_real_time(exam, wanted.out)
        finally:
            twin.terminate()
            twin.wait()
    if result is None:
        raise SystemExit(end.halted)
    print(f"{result.successes} of {result.episodes} scenes through the twin's bus and cameras: see {wanted.out}")


if __name__ == "__main__":
    main()
