"""One judged episode at a time, in a worker process that keeps its environment and policy for the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from armchair_policies.contender import Contender
from armchair_robot.loop import Outcome, Tick, run_episode

# A picture for people takes a CPU longer than all else in a tick, and 15 a second look smooth enough.
TICKS_A_FRAME = 2


@dataclass(frozen=True)
class Job:
    """One episode to play; `video` is the file to film it into. Picklable."""

    contender: Contender
    seed: int
    video: Path | None = None


class Stage:
    """An open environment with its contender. Holds an OpenGL context until `close`."""

    def __init__(self, contender: Contender) -> None:
        from armchair_robot.hands import open_hand
        from armchair_robot.hands.policy import PolicyHand
        from armchair_sim.env import ArmchairEnv
        from armchair_sim.tasks import get_task

        self.contender = contender
        self._env = ArmchairEnv(task=contender.task, height=contender.height, width=contender.width)
        if contender.folder is None:
            self._hand = open_hand(contender.name, self._env)
        else:
            self._hand = PolicyHand(contender.folder, get_task(contender.task).instruction)

    def play(self, job: Job, listeners: Sequence[Callable[[Tick], None]] = ()) -> Outcome:
        """Play the scene of the job's seed to its end; the same job gives the same outcome on any worker."""
        from armchair_policies.video import Video
        from armchair_sim.world import FPS

        self._settle_chance(job.seed)
        if job.video is None:
            return run_episode(self._env, self._hand, job.seed, listeners)
        with Video(job.video, FPS // TICKS_A_FRAME) as video:
            ticks = count()

            def film(_: Tick) -> None:
                if next(ticks) % TICKS_A_FRAME == 0:
                    video.add(self._env.render())

            outcome = run_episode(self._env, self._hand, job.seed, [film, *listeners])
            video.add(self._env.render())
        return outcome

    def _settle_chance(self, seed: int) -> None:
        """A policy that draws noise (Diffusion) draws it anew from the seed, on one thread as in a worker."""
        if self.contender.folder is not None:
            import torch

            torch.set_num_threads(1)
            torch.manual_seed(seed)

    def close(self) -> None:
        self._env.close()


_stage: Stage | None = None


def play(job: Job | None) -> Outcome | None:
    """`Stage.play` on the stage that this process keeps open, opened at the first job. None is no job."""
    global _stage
    if job is None:
        return None
    if _stage is None or _stage.contender != job.contender:
        close_stage()
        _stage = Stage(job.contender)
    return _stage.play(job)


def close_stage() -> None:
    """Free what `play` keeps open in this process."""
    global _stage
    if _stage is not None:
        _stage.close()
    _stage = None
