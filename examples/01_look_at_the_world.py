"""Look at the world: a Gymnasium environment with an arm, a table, two cameras and a task.

You learn what an observation holds, and that a seed is a scene: the same seed puts the same things in the same places.
Takes 10 seconds. Writes chapters/world.png: a row for each seed, as the two cameras and people see it.

    uv run python examples/01_look_at_the_world.py --task lift --seeds 0 1 2
"""

import argparse
from pathlib import Path

import gymnasium as gym
import matplotlib.image
import numpy as np

import armchair_sim.env  # noqa: F401 - registers armchair/Reach-v0, armchair/Lift-v0, …


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="lift", help="reach, lift, place or sort")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("chapters/world.png"))
    asked = parser.parse_args()

    env = gym.make(f"armchair/{asked.task.title()}-v0", height=240, width=240)
    rows = []
    for seed in asked.seeds:
        observation, info = env.reset(seed=seed)
        pixels = observation["pixels"]  # one uint8[height, width, 3] a camera
        rows.append(np.hstack([pixels["front"], pixels["wrist"], env.render()[::2, 40:600:2][:240]]))
        print(f"seed {seed}: joints {observation['agent_pos'].round(1)} (degrees, gripper 0 to 100), {info}")
    print("an observation holds:", env.observation_space)
    print("an action is where the joints shall go:", env.action_space)
    env.close()

    asked.out.parent.mkdir(parents=True, exist_ok=True)
    matplotlib.image.imsave(asked.out, np.vstack(rows))
    print(f"Look at {asked.out}. Next: examples/02_drive_it.py")


if __name__ == "__main__":
    main()
