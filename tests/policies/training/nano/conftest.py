"""For the tests of nano's training."""

from collections.abc import Callable

import pytest

from armchair_policies.training.progress import OnProgress, Progress


@pytest.fixture(scope="session")
def stop_at() -> Callable[[int], OnProgress]:
    """Make a watcher that presses Ctrl-C when it is told of a step."""

    def stop_at(step: int) -> OnProgress:
        def watch(progress: Progress) -> None:
            if progress.step >= step:
                raise KeyboardInterrupt

        return watch

    return stop_at
