"""The candidate of an evaluation: a teleoperator by its name, or a policy by its folder.

Reads JSON and file headers only.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from armchair_core.command_line import named
from armchair_core.errors import ArmchairError, UnknownNameError
from armchair_core.files import nearest_sibling
from armchair_policies.evaluation.environment import check_fits, env_config, picture_size
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.skills import locate_policy, skill_names
from armchair_policies.training.provenance import lerobot_provenance
from armchair_robot.rollout.policy import check_cameras
from armchair_robot.rollout.policy_folder import PolicyFolder, how_to_fetch, open_policy_folder
from armchair_robot.teleoperators import teleoperator_names
from armchair_sim.tasks import get_task, task_names

DEFAULT_IMAGE_SIZE = 96


@dataclass(frozen=True)
class Candidate:
    """A teleoperator or a policy, at one task, seeing images of one size. Small and picklable: it travels to workers.

    `folder` is the pretrained_model folder, None for a teleoperator. `variation` names what differs in its world (see
    `armchair_sim.scene.variation`). `env` is a type of LeRobot's environments, None for our own tasks. An episode may
    last `episode_s` seconds, None for as long as the task says. `height` and `width` are in pixels.
    """

    name: str
    task: str
    folder: Path | None
    height: int
    width: int
    variation: str = "nominal"
    env: str | None = None
    episode_s: float | None = None


def find_candidate(request: EvalRequest) -> tuple[Candidate, dict[str, Any]]:
    """Return who is to be judged, and its provenance ({} for a teleoperator).

    `request.task` None means the task that the policy was trained on, lift for a teleoperator, and for an environment
    of LeRobot's the one that it has usually.

    Raises:
        ArmchairError: if there is no such teleoperator, folder, task or environment, the policy does not fit this arm
            or the environment, or does not say its task.
    """
    if request.env:
        return _in_env(request, request.env)
    if request.policy in teleoperator_names():
        task = get_task(request.task or "lift").name
        size = DEFAULT_IMAGE_SIZE
        return Candidate(request.policy, task, None, size, size, episode_s=request.episode_s), {}
    return _policy(request)


def _policy(request: EvalRequest) -> tuple[Candidate, dict[str, Any]]:
    check_name(request.policy)
    found = open_policy_folder(locate_policy(request.policy))
    check_cameras(found)
    task = request.task or found.provenance.get("task")
    if task is None:
        several = found.provenance.get("tasks", task_names())
        raise ArmchairError(
            f"{request.policy} does not name one task of its own: add --task, one of {', '.join(several)}."
        )
    height, width = _image_size(found.cameras)
    candidate = Candidate(
        request.policy, get_task(task).name, found.path, height, width, episode_s=request.episode_s
    )  # fmt: skip
    return candidate, _about(found)


def _in_env(request: EvalRequest, env: str) -> tuple[Candidate, dict[str, Any]]:
    if request.policy in teleoperator_names():
        raise ArmchairError(
            f"the {request.policy} knows our own tasks only: leave --env away, or name a policy's folder."
        )
    found = open_policy_folder(locate_policy(request.policy), any_robot=True)
    config = env_config(env, request.task)
    check_fits(found, config)
    height, width = picture_size(config)
    return Candidate(request.policy, config.task or "", found.path, height, width, env=env), _about(found)


def _about(found: PolicyFolder) -> dict[str, Any]:
    return found.provenance or lerobot_provenance(found.path)


def check_name(policy: str) -> None:
    """Raise ArmchairError if `policy` is no teleoperator, no skill and nothing on the disk; it names the nearest."""
    names = (*teleoperator_names(), *skill_names())
    if policy in names or Path(policy).exists():
        return
    near = get_close_matches(policy, names, n=1, cutoff=0.5)
    hint = f": did you mean {near[0]!r}?" if near else nearest_sibling(Path(policy))
    if hint:
        raise UnknownNameError(f"there is no policy folder, skill or hand called {policy!r}{hint}")
    what_to_do = f"name a folder that `{named('train')}` wrote, a skill or a hand ({', '.join(names)})"
    raise UnknownNameError(
        f"there is no policy folder, skill or hand called {policy!r}: {what_to_do}{how_to_fetch(policy) or '.'}"
    )


def _image_size(cameras: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Return (height, width) in pixels, one for all cameras, as the simulator renders them."""
    sizes = set(cameras.values()) or {(DEFAULT_IMAGE_SIZE, DEFAULT_IMAGE_SIZE)}
    if len(sizes) > 1:
        listed = ", ".join(f"{name} {height}x{width}" for name, (height, width) in sorted(cameras.items()))
        raise ArmchairError(
            f"the policy's cameras differ in size ({listed}), but the simulator gives all of them one: "
            "train on a dataset with one size."
        )
    return sizes.pop()
