"""One episode of an evaluation at a time, in an environment and with a candidate that are kept for the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from armchair_core.so101.kinematics import FPS
from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.simulated.video import Video
from armchair_robot.loop.episode import EpisodeTeleoperator, Outcome, Tick, run_episode
from armchair_robot.rollout.policy import PolicyTeleoperator
from armchair_robot.teleoperators import open_teleoperator
from armchair_sim.env import ArmchairEnv
from armchair_sim.scene.variations import get_variation
from armchair_sim.tasks import get_task

# An arm of which no joint left this range has not tried: degrees, and hundredths of the gripper.
HARDLY_MOVED = 5.0
# A picture for people takes a CPU longer than all else in a tick, and 15 a second look smooth enough.
TICKS_A_FRAME = 2


@dataclass(frozen=True)
class EpisodeJob:
    """One episode to play; `video` is the file to film it into. Picklable."""

    candidate: Candidate
    seed: int
    video: Path | None = None


class EpisodeRollout:
    """An open environment with its candidate. Holds an OpenGL context until `close`."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self._env = ArmchairEnv(
            candidate.task, candidate.height, candidate.width, variation=get_variation(candidate.variation),
            episode_s=candidate.episode_s,
        )  # fmt: skip
        self._teleoperator: EpisodeTeleoperator
        if candidate.folder is None:
            self._teleoperator = open_teleoperator(candidate.name, self._env)
        else:
            self._teleoperator = PolicyTeleoperator(candidate.folder, get_task(candidate.task).instruction)

    def play(self, job: EpisodeJob, listeners: Sequence[Callable[[Tick], None]] = ()) -> Outcome:
        """Play the scene of the job's seed to its end; the same job gives the same outcome on any worker.

        Without `listeners`, who may want to see them, pictures are drawn only when the candidate looks.
        """
        if self.candidate.folder is not None:
            settle_chance(job.seed)
        travel, start = JointTravel(), StartPlace(self._env)
        self._env.draws = True
        listeners = [travel, start, *(listeners or [self._blink])]
        if job.video:
            outcome = self._film(job.seed, job.video, listeners)
        else:
            outcome = run_episode(self._env, self._teleoperator, job.seed, listeners)
        tried = outcome.success or travel.most > HARDLY_MOVED
        return replace(outcome, ending=outcome.ending if tried else "never moved", object_at=start.object_at)

    def _blink(self, _: Tick) -> None:
        self._env.draws = self._teleoperator.looks_next

    def _film(self, seed: int, file: Path, listeners: Sequence[Callable[[Tick], None]]) -> Outcome:
        with Video(file, FPS // TICKS_A_FRAME) as video:
            ticks = count()

            def add_picture(_: Tick) -> None:
                if next(ticks) % TICKS_A_FRAME == 0:
                    video.look(self._env)

            outcome = run_episode(self._env, self._teleoperator, seed, [*listeners, add_picture])
            video.look(self._env)
        return outcome

    def close(self) -> None:
        """Free the environment's OpenGL context."""
        self._env.close()


def settle_chance(seed: int) -> None:
    """Let a policy that draws noise (Diffusion) draw it anew from the seed, on one thread as in a worker."""
    import torch  # not before a policy is judged: the process that starts the workers does without

    torch.set_num_threads(1)
    torch.manual_seed(seed)


class JointTravel:
    """A listener that measures how far the joints go in an episode."""

    def __init__(self) -> None:
        self._low, self._high = np.full(6, np.inf), np.full(6, -np.inf)

    def __call__(self, tick: Tick) -> None:
        """Take in where the joints are."""
        state = tick.observation["agent_pos"]
        self._low, self._high = np.minimum(self._low, state), np.maximum(self._high, state)

    @property
    def most(self) -> float:
        """The widest range of any joint, in the arm's units."""
        return float((self._high - self._low).max())


class StartPlace:
    """A listener that notes where the object lies when an episode begins (see `Outcome.object_at`)."""

    def __init__(self, env: ArmchairEnv) -> None:
        self._env = env
        self.object_at: tuple[float, float] | None = None

    def __call__(self, _: Tick) -> None:
        """Look once, at the first tick, before anything has moved."""
        if self.object_at is None:
            self.object_at = self._env.world.object_at
