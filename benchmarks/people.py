"""The success of nano policies that learnt from people: from demonstrations of mixed quality, and from corrections.

    uv run python benchmarks/people.py --out work        # an hour: lift, from 10, 20 and 40 demonstrations, and 20 + 20

Nobody sat at the keys: `typist.py` types, as three people of different skill would who take turns. A demonstration that
fails within 30 s is done again, as a person would. The corrections are those of the same three, who watch the policy of
the first 20 demonstrations and take over when nothing has got better for 2 s. Each policy is judged in 200 scenes that
nobody has seen, and given the 30 s that the people had. What is done already in `--out` is not done again.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import numpy as np
from typist import SKILLS, Corrected, Typist

from armchair_core.so101.kinematics import CAMERAS, FEATURE_NAMES
from armchair_core.versions import versions
from armchair_datasets.recording.build import begin, build
from armchair_datasets.recording.episode_folder import Episode, EpisodeWriter
from armchair_datasets.recording.format import Format
from armchair_datasets.recording.workspace import Workspace
from armchair_policies.evaluation.results import load_outcomes
from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_robot.loop.episode import EpisodeTeleoperator, run_episode
from armchair_robot.rollout.policy import PolicyTeleoperator
from armchair_sim.env import ArmchairEnv
from armchair_sim.scene.world import FPS
from armchair_sim.tasks import get_task

TASK, LIMIT_S, SIZE, SCENES, STEPS = "lift", 30.0, 96, 200, 5_000
ROWS = ("10", "20", "40", "20+20")  # demonstrations, or demonstrations and corrections
FIRST_CORRECTED = 1_000  # the scenes of the corrections begin here, those of the demonstrations at 0


def record(out: Path, episodes: int, first_seed: int, policy: EpisodeTeleoperator | None = None) -> Path:
    """Record so many successful episodes of the typist, or of `policy` with the typist to correct it."""
    if out.exists():
        return out
    work, env = Workspace(out.resolve()), ArmchairEnv(TASK, episode_s=LIMIT_S)
    form = Format(env.task_description, FEATURE_NAMES, CAMERAS, SIZE, SIZE, FPS, takeover=True)
    about = {"task": TASK, "hand": "typist", "disturbed": False, "versions": versions()}
    if not work.root.exists():  # else it was cut off, and goes on
        begin(work, {"arm": "sim", "versions": versions()}, form, about, append=False)
    with work.locked():
        kept: list[Episode] = []
        for number, seed in enumerate(count(first_seed)):
            episode = Episode(work.episodes / f"{number:06d}")
            if not episode.folder.exists():
                typist = Typist(env.world, SKILLS[seed % len(SKILLS)], seed)  # whose turn it is
                writer = EpisodeWriter(FPS)
                outcome = run_episode(env, Corrected(policy, typist) if policy else typist, seed, [writer])
                writer.save(episode.folder, outcome)
            kept += [episode] if episode.outcome.success else []
            print(f"{out.name}: {len(kept)} of {episodes}, {episode.outcome.ending}", flush=True)
            if len(kept) == episodes:
                break
        taken = np.mean(np.concatenate([episode.arrays["intervention"] for episode in kept]))
        print(f"{out.name}: {build(work)} frames, {taken:.0%} of them a person's who took over")
    env.close()
    return out


def train(out: Path, datasets: Iterable[Path]) -> Path:
    """The policy's folder."""
    if not (out / f"checkpoints/{STEPS:06d}").exists():
        armchair("train", *datasets, "--steps", STEPS, "--out", out)
    return out / f"checkpoints/{STEPS:06d}/pretrained_model"


def judge(policy: Path, out: Path) -> dict:
    """How often it succeeds in unseen scenes, in 30 s and in the 8 s that the task has."""
    if not (out / "report.html").exists():
        armchair("eval", policy, "--task", TASK, "--episode-time", LIMIT_S, "--episodes", SCENES, "--out", out)
    usual, outcomes = get_task(TASK).time_limit_s * FPS, load_outcomes(out)
    return {
        "successes": sum(outcome.success for outcome in outcomes),
        "within_usual_limit": sum(outcome.success and outcome.steps <= usual for outcome in outcomes),
        "endings": Counter(outcome.ending for outcome in outcomes),
    }


def armchair(*words: object) -> None:
    """Run its command, whose last word is the folder to write; what is there already goes on."""
    resume = ["--resume"] if Path(str(words[-1])).exists() else []
    subprocess.run([Path(sys.executable).parent / "armchair", *map(str, words), *resume], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="for datasets, policies and scores")
    parser.add_argument("--only", choices=ROWS, help="this row")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for row in [asked.only] if asked.only else ROWS:
        first, _, corrections = row.partition("+")
        datasets = [record(asked.out / f"people-{first}", int(first), 0)]
        if corrections:
            policy = PolicyTeleoperator(train(asked.out / f"policy-{first}", datasets), get_task(TASK).instruction)
            datasets += [record(asked.out / f"fixes-{corrections}", int(corrections), FIRST_CORRECTED, policy)]
        score = judge(train(asked.out / f"policy-{row}", datasets), asked.out / f"report-{row}")
        low, high = wilson_interval(score["successes"], SCENES)
        print(f"{row}: {score['successes']} of {SCENES} ({low:.1%} to {high:.1%}) {json.dumps(score)}", flush=True)


if __name__ == "__main__":
    main()
