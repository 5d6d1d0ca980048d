"""One judged episode at a time, in an environment and with a policy that are kept for the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from armchair_policies.evaluation.candidate import Candidate
from armchair_robot.loop.episode import Outcome, Tick, run_episode

# An arm of which no joint left this range has not tried: degrees, and hundredths of the gripper.
HARDLY_MOVED = 5.0
# A picture for people takes a CPU longer than all else in a tick, and 15 a second look smooth enough.
TICKS_A_FRAME = 2


@dataclass(frozen=True)
class EpisodeJob:
    """One episode to play; `video` is the file to film it into. Picklable."""

    contender: Candidate
    seed: int
    video: Path | None = None


class EpisodeRollout:
    """An open environment with its contender. Holds an OpenGL context until `close`."""

    def __init__(self, contender: Candidate) -> None:
        from armchair_robot.rollout.policy import PolicyTeleoperator
        from armchair_robot.teleoperators import open_teleoperator
        from armchair_sim.env import ArmchairEnv
        from armchair_sim.scene.variation import get_variation
        from armchair_sim.tasks import get_task

        self.contender = contender
        self._env = ArmchairEnv(
            contender.task, contender.height, contender.width, variation=get_variation(contender.variation),
            episode_s=contender.episode_s,
        )  # fmt: skip
        if contender.folder is None:
            self._hand = open_teleoperator(contender.name, self._env)
        else:
            self._hand = PolicyTeleoperator(contender.folder, get_task(contender.task).instruction)

    def play(self, job: EpisodeJob, listeners: Sequence[Callable[[Tick], None]] = ()) -> Outcome:
        """Play the scene of the job's seed to its end; the same job gives the same outcome on any worker.

        Without `listeners`, who may want to see them, pictures are drawn only when the contender looks.
        """
        if self.contender.folder is not None:
            settle_chance(job.seed)
        travel = JointTravel()
        self._env.draws = True
        listeners = [travel, *(listeners or [self._blink])]
        outcome = self._film(job, listeners) if job.video else run_episode(self._env, self._hand, job.seed, listeners)
        if outcome.success or travel.most > HARDLY_MOVED:
            return outcome
        return replace(outcome, ending="never moved")

    def _blink(self, _: Tick) -> None:
        self._env.draws = self._hand.looks_next

    def _film(self, job: EpisodeJob, listeners: Sequence[Callable[[Tick], None]]) -> Outcome:
        from armchair_policies.evaluation.simulated.video import Video
        from armchair_sim.scene.world import FPS

        with Video(job.video, FPS // TICKS_A_FRAME) as video:
            ticks = count()

            def film(_: Tick) -> None:
                if next(ticks) % TICKS_A_FRAME == 0:
                    video.add(self._env.render())

            outcome = run_episode(self._env, self._hand, job.seed, [*listeners, film])
            video.add(self._env.render())
        return outcome

    def close(self) -> None:
        self._env.close()


def settle_chance(seed: int) -> None:
    """A policy that draws noise (Diffusion) draws it anew from the seed, on one thread as in a worker."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)


class JointTravel:
    """Listens how far the joints go in an episode."""

    def __init__(self) -> None:
        self._low, self._high = np.full(6, np.inf), np.full(6, -np.inf)

    def __call__(self, tick: Tick) -> None:
        state = tick.observation["agent_pos"]
        self._low, self._high = np.minimum(self._low, state), np.maximum(self._high, state)

    @property
    def most(self) -> float:
        """The widest range of any joint, in the arm's units."""
        return float((self._high - self._low).max())
