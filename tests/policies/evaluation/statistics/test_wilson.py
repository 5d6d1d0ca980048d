import pytest

from armchair_policies.evaluation.statistics.wilson import wilson_interval


# 81/263, 15/148, 0/20 and 1/29: Newcombe, Statistics in Medicine 17 (1998), table I, method 3. The rest is
# arithmetic: at 0 of n the upper bound is z²/(n + z²).
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (172, 200, 0.8051, 0.9013),
    ],
)
def test_published_values(successes, trials, low, high):
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_failures_mirror_successes():
    low, high = wilson_interval(3, 17)
    assert wilson_interval(14, 17) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_proportion(successes, trials):
    with pytest.raises(ValueError, match="trials"):
        wilson_interval(successes, trials)
