"""Compare: which of two is better, or can nobody tell yet?

You learn why both must be judged in the same scenes, and how many scenes a difference takes. By default your policy is
compared with the expert that taught it. Takes half a minute.

    uv run python examples/07_compare.py chapters/report --other expert --out chapters/report-expert
"""

import argparse
from pathlib import Path

from armchair_policies.evaluation.compare import compare, write_comparison
from armchair_policies.evaluation.evaluate import evaluate
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.evaluation.results import load_result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, nargs="?", default=Path("chapters/report"), help="what chapter 6 wrote")
    parser.add_argument("--other", default="expert", help="a policy's folder, a skill, or expert")
    parser.add_argument("--out", type=Path, default=Path("chapters/report-expert"))
    asked = parser.parse_args()

    first = load_result(asked.report)
    if not asked.out.exists():  # the same task, the same scenes
        evaluate(EvalRequest(asked.other, first.task, first.episodes, first.first_seed, asked.out))

    found = compare(asked.report, asked.out)
    pairs = found.pairs
    print(f"Scenes of both: {found.scenes}. A, {found.a.policy}, succeeded {found.a.successes} times,")
    print(f"and B, {found.b.policy}, {found.b.successes} times:")
    print(f"  both {pairs.both}, only A {pairs.only_a}, only B {pairs.only_b}, neither {pairs.neither}")
    print(found.verdict)
    if found.verdict.smallest_detectable is not None:
        print(f"So many scenes can show a difference of {found.verdict.smallest_detectable:.0%} or more.")
    page = asked.out / "compare.html"
    write_comparison(found, page, f"armchair compare {asked.report} {asked.out}")
    print(f"Open {page}. Next: examples/08_through_the_wire.py")


if __name__ == "__main__":
    main()
