"""The episode rollout in any environment that LeRobot knows; see `episode.EpisodeRollout` for our own tasks.

An episode is played as stock `lerobot-eval` does it (lerobot 0.6.1, scripts/lerobot_eval.py, `rollout`), but with one
environment at a time: what one scene gives does not depend on which others run beside it, and nothing has to be masked.
"""

from collections.abc import Callable

import gymnasium as gym
from lerobot.envs.factory import make_env_pre_post_processors

from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.environment import env_config, open_env
from armchair_policies.evaluation.simulated.episode import EpisodeJob, settle_chance
from armchair_policies.evaluation.simulated.video import Video
from armchair_robot.loop.episode import Outcome
from armchair_robot.rollout.pace import PolicyPace
from armchair_robot.rollout.policy import LoadedPolicy
from armchair_robot.rollout.policy_folder import open_policy_folder


class EnvRollout:
    """An open environment with the policy that is judged in it."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        if candidate.env is None or candidate.folder is None:
            raise ValueError(f"{candidate} is no policy in an environment of LeRobot's")
        config = env_config(candidate.env, candidate.task)
        self._fps, self._env = config.fps, open_env(config)
        self._most_steps = self._env.get_wrapper_attr("_max_episode_steps")
        found = open_policy_folder(candidate.folder, any_robot=True)
        self._policy = LoadedPolicy(found, _instruction(self._env))
        self._pace = PolicyPace(found.fps if "fps" in found.provenance else self._fps, self._fps)
        self._policy.between(*make_env_pre_post_processors(config, self._policy.config))

    def play(self, job: EpisodeJob) -> Outcome:
        """Play the scene of the job's seed to its end; the same job gives the same outcome on any worker."""
        settle_chance(job.seed)
        if job.video is None:
            return self._play(job.seed, lambda: None)
        with Video(job.video, self._fps) as video:
            outcome = self._play(job.seed, lambda: video.look(self._env))
            video.look(self._env)
        return outcome

    def _play(self, seed: int, on_tick: Callable[[], None]) -> Outcome:
        """Play a scene. It succeeded if the environment said so at any step, as for stock."""
        observation, _ = self._env.reset(seed=seed)
        self._policy.reset()
        self._pace.reset()
        steps, ended, success = 0, False, False
        while not ended:
            on_tick()
            for _ in range(self._pace.advance()):
                action = self._policy.step(observation)
            observation, _, terminated, truncated, info = self._env.step(action)
            steps += 1
            success |= bool(info.get("is_success", False))
            ended = terminated or truncated or steps >= self._most_steps
        return Outcome(seed, success, steps, "success" if success else "failed" if terminated else "timed out")

    def close(self) -> None:
        """Free the environment."""
        self._env.close()


def _instruction(env: gym.Env) -> str:
    names = (name for name in ("task_description", "task") if env.has_wrapper_attr(name))
    return next(map(env.get_wrapper_attr, names), "")
