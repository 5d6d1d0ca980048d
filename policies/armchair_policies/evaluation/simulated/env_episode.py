"""`stage.Stage` for any environment that LeRobot knows.

An episode is played as stock `lerobot-eval` does it (lerobot 0.6.1, scripts/lerobot_eval.py, `rollout`), but with one
environment at a time: what one scene gives does not depend on which others run beside it, and nothing has to be masked.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.environment import env_config, open_env
from armchair_policies.evaluation.simulated.episode import EpisodeJob, settle_chance
from armchair_robot.loop.episode import Outcome
from armchair_robot.rollout.policy_folder import open_policy_folder

if TYPE_CHECKING:
    import gymnasium as gym


class EnvRollout:
    """An open environment with the policy that is judged in it."""

    def __init__(self, contender: Candidate) -> None:
        from lerobot.envs.factory import make_env_pre_post_processors

        from armchair_robot.rollout.policy import LoadedPolicy

        self.contender = contender
        config = env_config(contender.env, contender.task)
        self._fps, self._env = config.fps, open_env(config)
        self._most_steps = self._env.get_wrapper_attr("_max_episode_steps")
        found = open_policy_folder(contender.folder, any_robot=True)
        self._policy = LoadedPolicy(found, _instruction(self._env))
        self._policy.between(*make_env_pre_post_processors(config, self._policy.config))

    def play(self, job: EpisodeJob) -> Outcome:
        """Play the scene of the job's seed to its end; the same job gives the same outcome on any worker."""
        from armchair_policies.evaluation.simulated.video import Video

        settle_chance(job.seed)
        if job.video is None:
            return self._play(job.seed, lambda: None)
        with Video(job.video, self._fps) as video:
            outcome = self._play(job.seed, lambda: video.add(self._env.render()))
            video.add(self._env.render())
        return outcome

    def _play(self, seed: int, on_tick: Callable[[], None]) -> Outcome:
        """It succeeded if the environment said so at any step, as for stock."""
        observation, _ = self._env.reset(seed=seed)
        self._policy.reset()
        steps, ended, success = 0, False, False
        while not ended:
            on_tick()
            observation, _, terminated, truncated, info = self._env.step(self._policy.step(observation))
            steps += 1
            success |= bool(info.get("is_success", False))
            ended = terminated or truncated or steps >= self._most_steps
        return Outcome(seed, success, steps, "success" if success else "failed" if terminated else "timed out")

    def close(self) -> None:
        self._env.close()


def _instruction(env: "gym.Env") -> str:
    names = (name for name in ("task_description", "task") if env.has_wrapper_attr(name))
    return next(map(env.get_wrapper_attr, names), "")
