"""The number of threads follows the clock."""

import time

import torch

from armchair_policies.training.nano.threads import STEPS_TO_COMPARE, ThreadChoice


def choose(slow_with: int) -> int:
    pace = ThreadChoice(2)
    for _ in range(2 * STEPS_TO_COMPARE):
        with pace.timed():
            time.sleep(0.02 if torch.get_num_threads() == slow_with else 0.001)
    return torch.get_num_threads()


def test_takes_the_faster_and_keeps_it():
    before = torch.get_num_threads()
    try:
        assert choose(slow_with=2) == 1
        assert choose(slow_with=1) == 2
    finally:
        torch.set_num_threads(before)


def test_one_core_leaves_nothing_to_choose():
    before = torch.get_num_threads()
    pace = ThreadChoice(1)
    with pace.timed():
        assert torch.get_num_threads() == before
