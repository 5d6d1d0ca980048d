"""A policy on the console's arm: `armchair run`, whose person at the wheel is whoever drives the page."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.session import Now, SessionOperator
from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_robot.devices.arm_options import ArmOptions
from armchair_robot.loop.moment import Moment
from armchair_robot.safety.limits import Limits
from armchair_sim.seeds import FIRST_EVALUATION_SEED

if TYPE_CHECKING:
    from lerobot.robots import Robot

    from armchair.web.arm.teleoperator import PageTeleoperator
    from armchair_datasets.recording.real_time.episode_saver import SavedEpisode

_TRIES = 3  # a twin shares its computer with the page: a picture that is late is not lost
_THE_WHEEL = "network"  # as `armchair run --takeover` calls what is nearest to it


@dataclass(frozen=True)
class PageTrials:
    """What was asked for. `policy` is a skill's name or a folder below `root`; `out` is the report's."""

    policy: str
    episodes: int
    root: Path
    out: str


class PolicyRun(SessionOperator):
    """Trials while they are held, in the arm's process. `news` says for pages how they stand."""

    def __init__(self, asked: PageTrials, limits: Limits, goes_home: bool) -> None:
        self.asked, self._limits, self._goes_home = asked, limits, goes_home
        self._now: Now | None = None
        self._ended = self._successes = 0
        self._last, self._helped = "", False
        self.said: str | None = None  # how it came out, once it is over
        self.wishes: list[str] = []

    def hold(
        self,
        person: "PageTeleoperator",
        open_follower: Callable[[], "Robot"],
        watch: Callable[[Moment], None],
        wishes: Callable[[], list[str]],
        halted: Callable[[], bool],
        hurried: Callable[[], bool],
    ) -> None:
        """Load the policy, open the arm, let it try, and write the report; the arm is let go of at the end.

        Raises:
            ArmchairError: as `prepare_real_time` and `evaluate_real_time`.
        """
        from armchair_policies.evaluation.real_time.run import (
            Host,
            RealTimeRequest,
            evaluate_real_time,
            prepare_real_time,
        )

        self._watch, self._wished, self._halted, self._hurried = watch, wishes, halted, hurried
        asked, out = self.asked, self.asked.root / self.asked.out
        own = asked.root / asked.policy
        arm = ArmOptions("twin", teleoperator=_THE_WHEEL, limits=self._limits, goes_home=self._goes_home)
        exam = prepare_real_time(
            RealTimeRequest(str(own) if own.exists() else asked.policy, arm, asked.episodes, FIRST_EVALUATION_SEED)
        )
        for left in reversed(range(_TRIES)):
            result, end = evaluate_real_time(exam, out, self, Host(person, open_follower))
            if result is not None or not end.lost or not left:
                break
        if end.halted and result is None:
            raise ArmchairError(f"no trial was finished: {end.halted}")
        self.said = "No trial was finished." if result is None else f"{self._score()}. The report is in {asked.out}."

    def news(self) -> dict[str, Any]:
        """For pages. `phase` is loading, waiting, trying, yours (a person has taken over) or over."""
        now = self._now
        phase = "loading" if now is None else {"recording": "trying"}.get(now.phase, now.phase)
        return {
            "policy": self.asked.policy, "wanted": self.asked.episodes, "ended": self._ended,
            "successes": self._successes, "last": self._last, "status": now.status if now else "", "said": self.said,
            "phase": "over" if self.said is not None else "yours" if self._helped else phase,
            "left_s": round(now.left_s, 1) if now else 0.0, "out": self.asked.out,
        }  # fmt: skip

    def _score(self) -> str:
        low, high = wilson_interval(self._successes, self._ended)
        return f"{self._successes} of {self._ended} succeeded (95 % interval {low:.0%} to {high:.0%})"

    # --- the operator, who is on the page ---------------------------------------------------------------------
    def watch(self, moment: Moment) -> None:
        self._helped = moment.intervention
        self._watch(moment)

    def commands(self) -> list[str]:
        return self._wished()

    def is_halting(self) -> bool:
        return self._halted()

    def is_hurried(self) -> bool:
        return self._hurried()

    def show(self, now: Now) -> None:
        self._now = now

    def saved(self, saved: "SavedEpisode", kept: int) -> None:
        outcome = saved.outcome
        self._ended, self._successes = self._ended + 1, self._successes + outcome.success
        self._last = outcome.ending
