"""The budget of a training: minutes on a quick computer, steps on a slow one."""

import pytest

from armchair_policies.training.progress import Budget


@pytest.mark.parametrize(
    ("budget", "step", "spent_s", "progress", "left_s"),
    [
        (Budget(100, 50), 10, 4.0, 0.2, 16.0),
        (Budget(100, None), 0, 25.0, 0.25, 75.0),
        (Budget(100, None, 200), 400, 50.0, 0.5, 50.0),  # quick: by the clock
        (Budget(100, None, 200), 20, 50.0, 0.1, 450.0),  # slow: by the steps
        (Budget(100, None, 200), 150, 200.0, 0.75, 200 / 3),
        (Budget(100, None, 200), 200, 250.0, 1.0, 0.0),
    ],
)
def test_how_far_and_how_long(budget, step, spent_s, progress, left_s):
    assert budget.progress(step, spent_s) == pytest.approx(progress)
    assert budget.left_s(step, spent_s) == pytest.approx(left_s)
