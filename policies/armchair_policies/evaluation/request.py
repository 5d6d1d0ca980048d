"""The evaluation request: what an evaluation is asked for. Light to import."""

from dataclasses import dataclass
from pathlib import Path

from armchair_core.command_line import typed


@dataclass(frozen=True)
class EvalRequest:
    """Judge `policy`, a folder, a skill or a teleoperator by its name, in the scenes of `episodes` seeds from `seed`.

    `task` None means the one that the policy was trained on, `env` a type of LeRobot's environments instead of our own
    tasks. A scene may last `episode_s` seconds, None for as long as the task says. `suite` asks for the same under
    every variation of the suite, each in a folder of its own in `out`.
    """

    policy: str
    task: str | None
    episodes: int
    seed: int
    out: Path
    env: str | None = None
    episode_s: float | None = None
    suite: str | None = None

    @property
    def command(self) -> str:
        """Return the line to type for it."""
        time = None if self.episode_s is None else str(self.episode_s).removesuffix(".0")
        options = {
            "--task": self.task, "--episodes": self.episodes, "--seed": self.seed, "--out": self.out,
            "--suite": self.suite, "--env": self.env, "--episode-time": time,
        }  # fmt: skip
        given = [word for name, value in options.items() if value is not None for word in (name, value)]
        return typed("eval", self.policy, *given)


def time_given(episode_s: float | None) -> str:
    """Return how long a scene might last, for people."""
    return "the task's own time" if episode_s is None else f"{episode_s:g} s"
