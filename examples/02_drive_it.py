"""Drive the arm: with a teleoperator of your own, and with the expert that knows where everything is.

You learn what moves an arm here: an object with `reset` and `act`, asked for six joint targets 30 times a second.
Takes 10 seconds. Writes chapters/drive.png: five moments of each episode, yours above the expert's.

    uv run python examples/02_drive_it.py --task reach --seed 8
"""

import argparse
from pathlib import Path

import matplotlib.image
import numpy as np

from armchair_robot.loop.episode import EpisodeTeleoperator, Observation, run_episode
from armchair_robot.teleoperators import open_teleoperator
from armchair_sim.env import ArmchairEnv

MOMENTS = 5


class Wave(EpisodeTeleoperator):
    """Turns the shoulder to and fro, and sees nothing."""

    def reset(self) -> None:
        """A new episode begins."""
        self.tick = 0

    def act(self, observation: Observation) -> np.ndarray:
        """Where the joints shall go now: float32[6], degrees, gripper 0 to 100."""
        if self.tick == 0:
            self.start = observation["agent_pos"].copy()
        self.tick += 1
        goal = self.start.copy()
        goal[0] += 30 * np.sin(self.tick / 10)  # shoulder_pan
        return goal


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="reach", help="reach, lift, place or sort")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("chapters/drive.png"))
    asked = parser.parse_args()

    env, strips = ArmchairEnv(asked.task, height=240, width=240), []
    for name, teleoperator in {"your wave": Wave(), "the expert": open_teleoperator("expert", env)}.items():
        ticks = []
        outcome = run_episode(env, teleoperator, asked.seed, [ticks.append])
        print(f"{name}: {outcome.ending} after {outcome.steps / 30:.1f} s")
        chosen = np.linspace(0, len(ticks) - 1, MOMENTS).astype(int)
        strips.append(np.hstack([ticks[index].observation["pixels"]["front"] for index in chosen]))
    env.close()

    asked.out.parent.mkdir(parents=True, exist_ok=True)
    matplotlib.image.imsave(asked.out, np.vstack(strips))
    print(f"Look at {asked.out}. Next: examples/03_record.py")


if __name__ == "__main__":
    main()
