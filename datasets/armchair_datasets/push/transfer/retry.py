"""The retry of an upload: passes until one succeeds, with a growing pause between them and an end to all of it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from armchair_core.words import number_of
from armchair_datasets.push.content.completeness import check_complete
from armchair_datasets.push.content.payload import Payload
from armchair_datasets.push.content.privacy_scan import check_safe
from armchair_datasets.push.errors import TooLateError, TransientError
from armchair_datasets.push.transfer.child_process import run_child
from armchair_datasets.push.transfer.progress import Receipt, Tell, UploadNews

DEADLINE_S = 3600


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait, in seconds: in all, for any sign of the process, for the answer to a request, and between
    passes at first and at most."""

    deadline_s: float = DEADLINE_S
    silence_s: float = 600  # in which xet may send one file without a word
    answer_s: float = 180
    first_pause_s: float = 2
    longest_pause_s: float = 60


def deliver(payload: Payload, patience: RetryPolicy | None = None, tell: Tell = lambda _: None) -> Receipt:
    """Upload a payload, and return when it has arrived: tagged, compared and loadable.

    It can be stopped at any time and done again; what has arrived is not sent twice.

    Raises:
        UnsafeError: if it would give something away; then nothing was sent.
        LoginNeededError, ArmchairError: if it is not whole, or a person must do something first.
        TooLateError: if it did not succeed within `patience.deadline_s`.
    """
    patience = patience or RetryPolicy()
    check_complete(payload)
    check_safe(payload)
    return persist(partial(_one_pass, payload, patience, tell), payload.repo_id, patience, tell)


def persist(one_pass: Callable[[float], Receipt], repo_id: str, patience: RetryPolicy, tell: Tell) -> Receipt:
    """Call `one_pass` with the seconds that are left, until it raises no TransientError or none are left."""
    end_s, tries = time.monotonic() + patience.deadline_s, 0
    while True:
        tell(UploadNews("starting"))
        try:
            return one_pass(end_s - time.monotonic())
        except TransientError as fault:
            pause_s = _pause_s(tries, fault, patience)
            if time.monotonic() + pause_s >= end_s:
                raise TooLateError(
                    f"{repo_id} has not arrived within {number_of(patience.deadline_s / 60, 'minute')} ({fault}): what "
                    "has is kept, so push again to go on, with --deadline-minutes for more time."
                ) from fault
            tell(UploadNews("waiting", note=str(fault), wait_s=pause_s))
            time.sleep(pause_s)
            tries += 1


def _pause_s(tries: int, fault: TransientError, patience: RetryPolicy) -> float:
    """Return a pause about twice as long each time: a classroom's uploads should not all come back at once."""
    pause_s = min(patience.first_pause_s * 2**tries, patience.longest_pause_s) * random.uniform(0.5, 1.0)
    return max(pause_s, fault.wait_s or 0)


def _one_pass(payload: Payload, patience: RetryPolicy, tell: Tell, left_s: float) -> Receipt:
    request = {"parcel": payload.to_json(), "answer_s": patience.answer_s}
    done = run_child("upload", request, left_s, patience.silence_s, lambda news: tell(UploadNews(**news)))
    return Receipt(**{**done, "notes": tuple(done["notes"])})
