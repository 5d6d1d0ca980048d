"""Any environment that LeRobot knows, not only ours: what `--env.type` names for stock `lerobot-eval`.

LeRobot is imported when it is first needed: the console's server reads results of evaluations without it.
"""

from typing import TYPE_CHECKING, Any

from armchair_core.errors import ArmchairError, unknown_name
from armchair_robot.rollout.policy_folder import PolicyFolder

if TYPE_CHECKING:
    import gymnasium as gym
    from lerobot.envs.configs import EnvConfig


def env_config(kind: str, task: str | None) -> "EnvConfig":
    """Return LeRobot's configuration of the environment type `kind`; `task` None means its usual one.

    Raises:
        ArmchairError: if LeRobot and its plugins know no such type.
    """
    from lerobot.envs.configs import EnvConfig
    from lerobot.envs.factory import make_env_config
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    if kind not in EnvConfig.get_known_choices():
        raise unknown_name("environment", kind, EnvConfig.get_known_choices())
    return make_env_config(kind, **({} if task is None else {"task": task}))


def check_fits(found: PolicyFolder, config: "EnvConfig") -> None:
    """Raise ArmchairError unless the environment gives all that the policy looks at, and takes its actions."""
    from lerobot.envs.utils import env_to_policy_features

    given = env_to_policy_features(config)
    missing = sorted((found.config.get("input_features") or {}).keys() - given.keys())
    if missing:
        raise ArmchairError(
            f"the policy in {found.path} looks at {', '.join(missing)}, but {config.type} gives "
            f"{', '.join(sorted(given))}: judge it where it was trained, or train one on {config.type}."
        )
    action = (found.config.get("output_features") or {}).get("action")
    if action is None:
        raise ArmchairError(f"the policy in {found.path} puts out no action: name one that acts.")
    wanted = tuple(action["shape"])
    if wanted != tuple(given["action"].shape):
        raise ArmchairError(
            f"the policy in {found.path} has actions of {wanted}, but {config.type} takes {given['action'].shape}: "
            "judge it where it was trained."
        )


def picture_size(config: "EnvConfig") -> tuple[int, int]:
    """Return (height, width) of its pictures in pixels, (0, 0) if it has none."""
    shapes = (feature.shape for feature in config.features.values() if feature.type.name == "VISUAL")
    height, width = next(shapes, (0, 0))[:2]
    return height, width


def open_env(config: "EnvConfig") -> "gym.Env":
    """Return the environment itself.

    Raises:
        ArmchairError: if its package is not installed, or it is a whole suite of tasks.
    """
    from lerobot.envs.factory import make_env

    try:
        made = make_env(config, n_envs=1)
    except ModuleNotFoundError as error:
        raise ArmchairError(f"{config.type} is not installed ({error}): install {config.package_name}.") from None
    tasks = [env for suite in made.values() for env in suite.values()]
    if len(tasks) != 1:
        raise ArmchairError(f"{config.type} with {config.task!r} is {len(tasks)} tasks: name one with --task.")
    vector: Any = tasks[0]  # a SyncVectorEnv, which lists what it steps
    return vector.envs[0]
