"""The paired test: whether two candidates, judged in the same scenes, differ, and how sure that is. No I/O.

Scenes in which both did the same say nothing about who is better, so the test looks at the others alone: that is what
makes pairs worth more than two scores side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, comb, sqrt

from armchair_policies.evaluation.statistics.wilson import Z_95, wilson_interval

SIGNIFICANCE = 0.05
_Z_80 = 0.8416212335729143  # the 80 % point of the normal distribution: power


@dataclass(frozen=True)
class Paired:
    """The pairs: in how many scenes both A and B succeeded, only one of them, or neither."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def scenes(self) -> int:
        """How many there are."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def difference(self) -> float:
        """A's success rate less B's."""
        return (self.only_a - self.only_b) / self.scenes

    @property
    def discordant(self) -> float:
        """The share of scenes that one of them did and the other did not."""
        return (self.only_a + self.only_b) / self.scenes


def mcnemar(paired: Paired) -> float:
    """Return the two-sided p-value of McNemar's exact test.

    McNemar, Psychometrika 12 (1947); exact: binomial with p = 1/2.
    """
    fewer, unlike = min(paired.only_a, paired.only_b), paired.only_a + paired.only_b
    return min(1.0, 2 * sum(comb(unlike, number) for number in range(fewer + 1)) / 2**unlike)


def difference_interval(paired: Paired) -> tuple[float, float]:
    """Return the 95 % interval of A's rate less B's.

    Method 10 of Newcombe, Statistics in Medicine 17 (1998), 2635-2650. Two Wilson intervals, put together with the
    correlation of the two: it stays inside [-1, 1] and means something where nothing was discordant.
    """
    n, difference = paired.scenes, paired.difference
    a, b = (paired.both + only for only in (paired.only_a, paired.only_b))
    (a_low, a_high), (b_low, b_high) = wilson_interval(a, n), wilson_interval(b, n)
    a_down, a_up, b_down, b_up = a / n - a_low, a_high - a / n, b / n - b_low, b_high - b / n
    phi = _correlation(paired, a, b)
    below = sqrt(max(0.0, a_down**2 - 2 * phi * a_down * b_up + b_up**2))
    above = sqrt(max(0.0, a_up**2 - 2 * phi * a_up * b_down + b_down**2))
    return difference - below, difference + above


def _correlation(paired: Paired, a: int, b: int) -> float:
    """Return Newcombe's phi of the successes `a` and `b`, corrected towards zero when it is positive."""
    n = paired.scenes
    margins = a * (n - a) * b * (n - b)
    if margins == 0:
        return 0.0
    excess = paired.both * paired.neither - paired.only_a * paired.only_b
    return (max(excess - n / 2, 0.0) if excess > 0 else excess) / sqrt(margins)


def scenes_needed(difference: float, discordant: float) -> int:
    """Return how many scenes show a true `difference` (not 0) in four of five attempts, if `discordant` of them differ.

    Connor, Biometrics 43 (1987), with the continuity correction that the exact test amounts to: the least n with
    n·difference - 1 >= z_97.5·sqrt(n·discordant) + z_80·sqrt(n·(discordant - difference²)).
    """
    gap = abs(difference)
    spread = Z_95 * sqrt(discordant) + _Z_80 * sqrt(max(0.0, discordant - gap**2))
    return ceil(((spread + sqrt(spread**2 + 4 * gap)) / (2 * gap)) ** 2)


def smallest_detectable(scenes: int, discordant: float) -> float | None:
    """Return the smallest difference that so many scenes show in four of five attempts; None if they show none.

    Assumes that the share `discordant` of the scenes differs, or just the difference itself where that is larger.
    """
    if scenes_needed(1.0, 1.0) > scenes:
        return None
    low, high = 0.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if scenes_needed(middle, max(middle, discordant)) <= scenes else (middle, high)
    return high


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values of several tests, in their order, corrected so that all together err as seldom as one would.

    Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    ranked = sorted(range(len(p_values)), key=lambda test: p_values[test])
    corrected, most = [0.0] * len(p_values), 0.0
    for rank, test in enumerate(ranked):
        most = max(most, min(1.0, (len(p_values) - rank) * p_values[test]))
        corrected[test] = most
    return corrected
