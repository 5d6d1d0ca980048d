"""The Wilson interval of a success rate: how sure it is. No I/O."""

from math import sqrt

Z_95 = 1.959963984540054  # the 97.5 % point of the normal distribution


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion (Wilson, JASA 22, 1927), without continuity correction.

    Unlike the textbook p ± 1.96·s it stays inside [0, 1] and means something at 0 and at 100 %.

    Raises:
        ValueError: without a trial, or if there are more successes than trials.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} successes in {trials} trials")
    rate, z2 = successes / trials, Z_95**2
    centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    reach = Z_95 / (1 + z2 / trials) * sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2))
    return max(0.0, centre - reach), min(1.0, centre + reach)
