"""The seeds of scenes: which are for recording and which for evaluation. No I/O.

A seed fixes a scene completely. Seeds below `FIRST_EVALUATION_SEED` may be recorded, the others may be
judged on, so that no policy is ever scored on a scene that it was taught.
"""

from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError

FIRST_EVALUATION_SEED = 100_000


def recording_seeds(first: int, count: int) -> range:
    """Return `count` seeds from `first`, all of them for recording.

    Raises:
        ArmchairError: if the count is not positive or the range leaves [0, FIRST_EVALUATION_SEED).
    """
    _check_count(count)
    if first < 0 or first + count > FIRST_EVALUATION_SEED:
        raise ArmchairError(
            f"recording seeds lie in 0 to {FIRST_EVALUATION_SEED - 1} and {first} to {first + count - 1} do not, "
            "because the seeds above are kept for evaluation: use --seed 0."
        )
    return range(first, first + count)


def evaluation_seeds(first: int, count: int) -> range:
    """Return `count` seeds from `first`, none of which can have been recorded.

    Raises:
        ArmchairError: if the count is not positive or the range starts below FIRST_EVALUATION_SEED.
    """
    _check_count(count)
    if first < FIRST_EVALUATION_SEED:
        raise ArmchairError(
            f"evaluation seeds start at {FIRST_EVALUATION_SEED} and {first} is below, where a policy may have "
            f"been taught: use {quoted('--seed', FIRST_EVALUATION_SEED)}."
        )
    return range(first, first + count)


def _check_count(count: int) -> None:
    if count < 1:
        raise ArmchairError(f"the number of episodes is {count}, but at least 1 is needed: use --episodes 1.")
