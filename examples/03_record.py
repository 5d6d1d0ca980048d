"""Record: the expert does the task again and again, and what it saw and did becomes a LeRobotDataset v3.0.

You learn what a dataset holds, and that stock LeRobot opens it as it is. Takes half a minute for 20 episodes.

    uv run python examples/03_record.py --task reach --episodes 20 --out chapters/data
"""

import argparse
from pathlib import Path

from lerobot.datasets import LeRobotDataset

from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="reach", help="reach, lift, place or sort")
    parser.add_argument("--episodes", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("chapters/data"))
    asked = parser.parse_args()

    def tell(report) -> None:
        print(f"seed {report.outcome.seed}: {report.outcome.ending}, {report.kept} of {report.wanted} kept")

    request = SimulatedRecordingRequest(asked.task, "expert", asked.episodes, seed=0, out=asked.out)
    summary = record(request, on_episode=tell)
    print(f"{summary.episodes} episodes, {summary.frames} frames in {summary.wall_s:.0f} s")

    dataset = LeRobotDataset("me/chapters", root=asked.out, video_backend="pyav")  # LeRobot's own class
    for name, value in dataset[0].items():
        print(f"  {name:<26} {tuple(value.shape) if hasattr(value, 'shape') else value}")
    print("Next: examples/04_check.py")


if __name__ == "__main__":
    main()
