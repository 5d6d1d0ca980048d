import pytest

from armchair_robot.rollout.pace import PolicyPace


@pytest.mark.parametrize(
    ("policy_fps", "steps"),
    [
        (30, [1, 1, 1, 1, 1, 1]),
        (10, [1, 0, 0, 1, 0, 0]),
        (15, [1, 0, 1, 0, 1, 0]),
        (20, [1, 1, 0, 1, 1, 0]),
        (50, [2, 2, 1, 2, 2, 1]),
        (60, [2, 2, 2, 2, 2, 2]),
    ],
)
def test_a_policy_keeps_its_own_rate_in_a_loop_of_30(policy_fps, steps):
    pace = PolicyPace(policy_fps, 30)
    assert [pace.advance() for _ in range(6)] == steps
    pace.reset()
    assert pace.due == steps[0]


def test_no_step_is_lost_in_a_minute():
    pace = PolicyPace(29.97, 30)
    assert sum(pace.advance() for _ in range(1800)) == 1799
