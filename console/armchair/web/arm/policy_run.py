"""A policy on the console's arm: `armchair run`, whose person at the wheel is whoever drives the page."""

from typing import Any

from armchair.web.arm.follower import open_patiently
from armchair.web.arm.modes import Setup
from armchair.web.arm.orders import Order, PageTrials
from armchair.web.arm.status import RECORD_FPS, in_a_sentence
from armchair.web.arm.teleoperator import PageTeleoperator
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_datasets.recording.real_time.session import Now, SessionOperator
from armchair_policies.evaluation.statistics.wilson import wilson_interval
from armchair_robot.arm_options import ArmOptions
from armchair_robot.loop.moment import Moment
from armchair_sim.seeds import FIRST_EVALUATION_SEED

_TRIES = 3  # a twin shares its computer with the page: a picture that is late is not lost
_THE_WHEEL = "network"  # as `armchair run --takeover` calls what is nearest to it


class PolicyRun(SessionOperator):
    """The mode in which a policy tries the task, judged trial by trial; the trials' operator is on the page.

    `state` says for pages how they stand.
    """

    def __init__(self, setup: Setup, asked: PageTrials) -> None:
        self._setup, self.asked = setup, asked
        self._teleoperator = PageTeleoperator(setup.inbox.read)
        self._now: Now | None = None
        self._ended = self._successes = self._helped = 0  # trials; with a person's help none is the policy's success
        self._last, self._is_helped = "", False
        self._said: str | None = None  # how it came out, once it is over
        self._commands: list[str] = []

    def run(self) -> Order:
        """Let the policy try until the trials or an order end it; then the arm is driven again, or that is done."""
        inbox, status = self._setup.inbox, self._setup.status
        status.post("opening", f"{self.asked.policy} is loaded …")
        status.forget_beats()
        try:
            self._said = self._hold_trials()
        except ArmchairError as error:
            self._said = in_a_sentence(error)
        finally:
            status.forget_beats()
        return inbox.wanted or Order("start")

    def hear(self, order: str, *rest: Any) -> None:
        """Whatever is said of the trials; commands for motion, STOP and go."""
        if order == "trial":
            self._commands += rest
        else:
            self._teleoperator.obey(order, *rest)

    def give_up(self) -> None:
        """Say that it did not begin, if it has not ended."""
        if self._said is None:
            self._said = "It did not begin."

    def state(self) -> dict[str, Any]:
        """Return it for pages. `phase` is loading, waiting, trying, yours (a person has taken over) or over."""
        now = self._now
        phase = "loading" if now is None else {"recording": "trying"}.get(now.phase, now.phase)
        return {
            "policy": self.asked.policy, "wanted": self.asked.episodes, "ended": self._ended,
            "successes": self._successes, "helped": self._helped, "last": self._last,
            "status": now.status if now else "", "said": self._said,
            "phase": "over" if self._said is not None else "yours" if self._is_helped else phase,
            "left_s": round(now.left_s, 1) if now else 0.0, "out": self.asked.out,
        }  # fmt: skip

    # --- as the trials' operator --------------------------------------------------------------------------------------
    def commands(self) -> list[str]:
        """Return what the page has asked for; an order ends the trials."""
        self._setup.inbox.read()
        commands, self._commands = self._commands, []
        return ["quit"] if self._setup.inbox.wanted else commands

    def is_halting(self) -> bool:
        """Return whether somebody has pressed STOP."""
        return self._teleoperator.stopped and self._setup.inbox.wanted is None

    def is_hurried(self) -> bool:
        """Return whether there is no time for the way home."""
        return self._setup.inbox.hurried

    def watch(self, moment: Moment) -> None:
        """Tell pages of a control period."""
        self._setup.inbox.read()
        self._is_helped = moment.intervention
        self._setup.status.count(moment, RECORD_FPS)
        self._setup.status.post_moving(moment, self._teleoperator)

    def show(self, now: Now) -> None:
        """Remember how the trials stand."""
        self._now = now

    def saved(self, saved: SavedEpisode, kept: int) -> None:
        """Count a trial."""
        from armchair_policies.evaluation.real_time.trials import HELPED  # loaded by then

        outcome = saved.outcome
        self._ended, self._successes = self._ended + 1, self._successes + outcome.success
        self._helped += outcome.ending == HELPED
        self._last = outcome.ending

    def _hold_trials(self) -> str:
        """Load the policy, open the arm, let it try, write the report and let go of the arm; how it came out.

        Raises:
            ArmchairError: as `prepare_real_time` and `evaluate_real_time`.
        """
        # Not before a policy is to run: the arm's process is ready a second earlier, and nobody holds the arm now.
        from armchair_policies.evaluation.real_time.run import (
            Host,
            RealTimeRequest,
            evaluate_real_time,
            prepare_real_time,
        )

        asked, spec, out = self.asked, self._setup.spec, self.asked.root / self.asked.out
        own = asked.root / asked.policy
        arm = ArmOptions("twin", teleoperator=_THE_WHEEL, limits=spec.limits, goes_home=spec.goes_home)
        plan = prepare_real_time(
            RealTimeRequest(str(own) if own.exists() else asked.policy, arm, asked.episodes, FIRST_EVALUATION_SEED)
        )
        host = Host(self._teleoperator, lambda: open_patiently(spec, None))
        for left in reversed(range(_TRIES)):
            result, end = evaluate_real_time(plan, out, self, host)
            if result is not None or not end.lost or not left:
                break
        if end.halted and result is None:
            raise ArmchairError(f"no trial was finished: {end.halted}")
        return "No trial was finished." if result is None else f"{self._score()}. The report is in {asked.out}."

    def _score(self) -> str:
        low, high = wilson_interval(self._successes, self._ended)
        score = f"{self._successes} of {self._ended} succeeded (95 % interval {low:.0%} to {high:.0%})"
        return f"{score}; {helped_in_words(self._helped)}" if self._helped else score


def helped_in_words(trials: int) -> str:
    """Return what trials with a person's help count for."""
    return f"in {trials} a person helped, which is no success of the policy's own"
