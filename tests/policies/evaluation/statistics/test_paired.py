"""The statistics of pairs, against tables that others have published and against the exact sums."""

from math import comb

import pytest

from armchair_policies.evaluation.statistics.paired import (
    Paired,
    difference_interval,
    mcnemar,
    scenes_needed,
    smallest_detectable,
)

BENTUR, CAVO = Paired(1, 1, 7, 12), Paired(59, 6, 16, 80)


# The worked examples of Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables (2017), chapter 8,
# with the figures of its R package `contingencytables`: Bentur et al. (2009) and Cavo et al. (2012).
@pytest.mark.parametrize(
    ("table", "p_value", "low", "high"), [(CAVO, 0.052479, -0.1186, -0.0046), (BENTUR, 0.0703, -0.507, -0.026)]
)
def test_published_values(table, p_value, low, high):
    assert mcnemar(table) == pytest.approx(p_value, abs=5e-5)
    assert difference_interval(table) == pytest.approx((low, high), abs=5e-4)


def test_exchanging_the_two_mirrors_everything():
    other = Paired(CAVO.both, CAVO.only_b, CAVO.only_a, CAVO.neither)
    low, high = difference_interval(CAVO)
    assert difference_interval(other) == pytest.approx((-high, -low))
    assert mcnemar(other) == mcnemar(CAVO)


@pytest.mark.parametrize("table", [Paired(10, 0, 0, 0), Paired(0, 0, 0, 3), Paired(4, 0, 0, 4)])
def test_nothing_discordant_is_no_difference_but_not_certainty(table):
    low, high = difference_interval(table)
    assert mcnemar(table) == 1
    assert low == pytest.approx(-high) and 0 < high < 0.6


def test_the_interval_stays_within_bounds():
    assert difference_interval(Paired(0, 10, 0, 0))[1] <= 1
    assert difference_interval(Paired(0, 0, 10, 0))[0] >= -1


def test_six_against_none_is_the_least_that_the_test_believes():
    assert mcnemar(Paired(9, 5, 0, 1)) > 0.05 > mcnemar(Paired(9, 6, 0, 1))
    assert scenes_needed(1.0, 1.0) == 6
    assert smallest_detectable(5, 0.0) is None


# Connor, Biometrics 43 (1987), has no continuity correction and asks for 22.01 pairs here.
def test_the_correction_asks_for_about_one_over_the_difference_more():
    assert scenes_needed(0.4, 0.5) - 22.01 == pytest.approx(2 / 0.4, abs=1)


@pytest.mark.parametrize(
    ("difference", "discordant"), [(0.4, 0.5), (0.1, 0.2), (0.1, 0.1), (0.2, 0.3), (-0.15, 0.4), (0.08, 0.08)]
)
def test_so_many_scenes_have_the_promised_power(difference, discordant):
    assert 0.795 < exact_power(scenes_needed(difference, discordant), discordant, difference) < 0.95


@pytest.mark.parametrize(("scenes", "discordant"), [(50, 0.0), (200, 0.05), (200, 0.2), (1000, 0.5)])
def test_the_smallest_detectable_difference_needs_just_these_scenes(scenes, discordant):
    found = smallest_detectable(scenes, discordant)
    assert scenes_needed(found, max(found, discordant)) <= scenes
    smaller = 0.99 * found
    assert scenes_needed(smaller, max(smaller, discordant)) > scenes


def exact_power(scenes: int, discordant: float, difference: float) -> float:
    """How likely the exact test is to reject equality, summed over every table that may come out."""
    share = (discordant + difference) / (2 * discordant)
    return sum(
        binomial(unlike, scenes, discordant) * binomial(only_a, unlike, share)
        for unlike in range(scenes + 1)
        for only_a in range(unlike + 1)
        if mcnemar(Paired(0, only_a, unlike - only_a, 0)) < 0.05
    )


def binomial(hits: int, of: int, chance: float) -> float:
    return comb(of, hits) * chance**hits * (1 - chance) ** (of - hits)
