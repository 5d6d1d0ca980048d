"""Train: nano, a small policy that learns from camera pictures on two CPU cores.

You learn what a training writes: checkpoints that stock LeRobot opens, and the curve of its losses. Takes 2 minutes
and a few seconds for decoding, enough for some success at `reach`; eight minutes and 100 episodes do better.

    uv run python examples/05_train.py chapters/data --minutes 2 --out chapters/policy
"""

import argparse
from pathlib import Path

from lerobot.configs import PreTrainedConfig

import lerobot_robot_armchair  # noqa: F401 - tells LeRobot of the policy type nano, as its commands are told
from armchair_policies.training.nano.train import train
from armchair_policies.training.request import TrainRequest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?", default=Path("chapters/data"))
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--out", type=Path, default=Path("chapters/policy"))
    asked = parser.parse_args()

    told = -1

    def tell(progress) -> None:
        nonlocal told
        tenth = int(progress.fraction * 10)
        if progress.loss is not None and tenth > told:
            told = tenth
            print(f"step {progress.step:,}: loss {progress.loss:.4f}, {progress.left_s:.0f} s left")

    folder = train(TrainRequest((asked.dataset,), asked.out, minutes=asked.minutes), tell)
    config = PreTrainedConfig.from_pretrained(folder)  # LeRobot's own class
    print(f"{config.type} sees {sorted(config.input_features)} and plans {config.chunk_size} actions at a time")
    print(f"The policy is in {folder}, its losses in {asked.out / 'loss.png'}. Next: examples/06_judge.py")


if __name__ == "__main__":
    main()
