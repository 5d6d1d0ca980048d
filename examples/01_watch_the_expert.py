"""Watch the expert do a task: five pictures of one episode, side by side, as a PNG.

uv run python examples/01_watch_the_expert.py --task lift --seed 8 --out expert.png
"""

import argparse
from pathlib import Path

import numpy as np

from armchair_robot.loop.episode import run_episode
from armchair_robot.teleoperators import open_teleoperator
from armchair_sim.env import ArmchairEnv

PICTURES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", default="lift")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("expert.png"))
    wanted = parser.parse_args()

    env = ArmchairEnv(wanted.task)
    film: list[np.ndarray] = []
    outcome = run_episode(env, open_teleoperator("expert", env), wanted.seed, [lambda tick: film.append(env.render())])

    import matplotlib.image

    chosen = np.linspace(0, len(film) - 1, PICTURES).astype(int)
    matplotlib.image.imsave(wanted.out, np.hstack([film[index][0:440, 60:500] for index in chosen]))
    print(f"{outcome.ending} after {outcome.steps / 30:.1f} s, see {wanted.out}")


if __name__ == "__main__":
    main()
