"""Judge: how often does a policy succeed in scenes that it has never seen, and how sure is that?

You learn to read a success rate with its interval, and where on the table it fails. Takes a minute for 20 scenes.

    uv run python examples/06_judge.py chapters/policy --scenes 20 --out chapters/report
"""

import argparse
from pathlib import Path

from armchair_policies.evaluation.evaluate import evaluate
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_sim.seeds import FIRST_EVALUATION_SEED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "policy", nargs="?", default="chapters/policy", help="a folder, a skill such as lift, or expert"
    )
    parser.add_argument("--task", help="by default the one that the policy was trained on")
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("chapters/report"))
    asked = parser.parse_args()

    request = EvalRequest(asked.policy, asked.task, asked.scenes, FIRST_EVALUATION_SEED, asked.out)
    result = evaluate(request)
    low, high = result.interval_95
    print(f"{result.policy} at {result.task}: {result.successes} of {result.episodes}, {result.success_rate:.0%}")
    print(f"With 95 % confidence its true rate lies between {low:.0%} and {high:.0%}.")
    for ending, count in result.endings.items():
        print(f"  {count:3d}  {ending}")
    for scenes in (20, 200, 2000):
        low, high = wilson_interval(round(result.success_rate * scenes), scenes)
        print(f"The same rate from {scenes} scenes would mean {low:.1%} to {high:.1%}.")
    print(f"Open {asked.out / 'report.html'}. Next: examples/07_compare.py")


if __name__ == "__main__":
    main()
