"""The errors of an upload that are no mistake of its sender's. No I/O."""

from armchair_core.errors import ArmchairError


class TransientError(Exception):
    """A fault that may be gone the next time; `wait_s` if the Hub said when."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class LoginNeededError(ArmchairError):
    """The Hub does not know this login, or not any more."""


class TooLateError(ArmchairError):
    """It was tried until there was no time left. What has arrived is kept: it can be tried again."""
