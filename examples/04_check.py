"""Check: a verdict in words on every episode, before anybody trains on it.

You learn what spoils a demonstration. The dataset is checked as it is, and then one of its episodes once more, in which
the shoulder's angle sensor has slipped on the way. Takes 5 seconds; changes no file.

    uv run python examples/04_check.py chapters/data
"""

import argparse
from dataclasses import replace
from pathlib import Path

from armchair_datasets.quality.check import check
from armchair_datasets.quality.signals import EpisodeSignals
from armchair_datasets.quality.verdict import judge


def slipped(signals: EpisodeSignals) -> EpisodeSignals:
    """The same episode, in which shoulder_lift reads 60 degrees too much from the middle on."""
    state = signals.state.copy()
    state[signals.frames // 2 :, 1] += 60
    return replace(signals, state=state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?", default=Path("chapters/data"))
    asked = parser.parse_args()

    seen: list[EpisodeSignals] = []

    def watch(index, total, signals):
        seen.append(signals)
        return lambda camera, frame, picture: None  # who wants to may look at every picture here

    found = check(asked.dataset, watch=watch)
    print(f"{len(found.episodes)} episodes, {found.frames} frames at {found.fps:g} a second: {dict(found.counts)}")
    for episode in found.episodes:
        print(f"  episode {episode.index}: {episode.verdict.words}")

    spoilt = judge(slipped(seen[0]))
    print(f"Episode 0 with a sensor that slipped is {spoilt.level}:")
    for finding in spoilt.findings:
        print(f"  {finding.rule}: {finding.sentence}")
    print("Next: examples/05_train.py")


if __name__ == "__main__":
    main()
