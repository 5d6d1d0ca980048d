"""A trained policy as a teleoperator: any LeRobot `PreTrainedPolicy` folder with its processors.

The path from an observation to an action is that of stock `lerobot-eval` (lerobot 0.6.1,
scripts/lerobot_eval.py, `rollout`), for a single environment.
"""

import contextlib
import io
import logging
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair_core.command_line import pip_install, runnable
from armchair_core.errors import ArmchairError, first_words, reason_of
from armchair_core.so101.kinematics import CAMERAS, FPS
from armchair_robot.loop.episode import EpisodeTeleoperator, Observation
from armchair_robot.rollout.pace import PolicyPace
from armchair_robot.rollout.policy_folder import PolicyFolder, open_policy_folder
from armchair_robot.rollout.rename_map import rename_map

if TYPE_CHECKING:
    from lerobot.configs import PreTrainedConfig


class LoadedPolicy:
    """A policy with its processors, on the CPU, so that a score does not depend on who has a GPU.

    Nothing is downloaded: the folder must hold everything.
    """

    def __init__(self, found: PolicyFolder, task_instruction: str) -> None:
        """Load it. Seconds, most of them LeRobot's imports.

        Raises:
            ArmchairError: if the weights do not fit, or nothing installed provides this kind of policy.
        """
        self._policy, self._before, self._after = load_policy(found)
        self._instruction = task_instruction
        self._path = found.path
        self._from_env: Callable[[dict], dict] | None = None
        self._to_env: Callable[[dict], dict] | None = None

    def between(self, from_env: Callable[[dict], dict], to_env: Callable[[dict], dict]) -> None:
        """Put what an environment of LeRobot's asks for between itself and the policy, both ways."""
        self._from_env, self._to_env = from_env, to_env

    @property
    def config(self) -> "PreTrainedConfig":
        """The policy's own."""
        return self._policy.config

    @property
    def chunk_steps(self) -> int:
        """How many actions `chunk` returns; 0 if the policy must be asked step by step.

        Those that remember observations (Diffusion) or blend actions themselves (ACT with temporal ensembling) do it
        in `select_action` only (lerobot 0.6.1, policies/*/modeling_*.py).
        """
        config = self._policy.config
        alone = config.n_obs_steps == 1 and getattr(config, "temporal_ensemble_coeff", None) is None
        return getattr(config, "chunk_size", 0) if alone and self.action_steps > 1 else 0

    @property
    def action_steps(self) -> int:
        """How many actions the policy's makers carry out before it looks again."""
        return getattr(self._policy.config, "n_action_steps", 1)

    def reset(self) -> None:
        """Drop the actions planned in the last episode, and what was seen."""
        for part in (self._policy, self._before, self._after):
            part.reset()

    def step(self, observation: Observation) -> np.ndarray:
        """Return the action for now, float32[6]; from the policy's own queue until that is empty."""
        return self._answer(self._policy.select_action, observation)

    def chunk(self, observation: Observation) -> np.ndarray:
        """Return the actions from now on, float32[chunk_steps,6]."""
        return self._answer(self._policy.predict_action_chunk, observation)

    def _answer(self, ask: Callable, observation: Observation) -> np.ndarray:
        import torch
        from lerobot.envs.utils import preprocess_observation

        with torch.inference_mode():
            batch = preprocess_observation(observation) | {"task": [self._instruction]}
            batch = self._from_env(batch) if self._from_env else batch
            try:
                action = self._after(ask(self._before(batch)))
            except Exception as error:  # whatever a network of somebody else's may raise
                raise ArmchairError(f"the policy in {self._path} has failed ({_reason(error)}).") from error
            if not action.isfinite().all():
                raise ArmchairError(
                    f"the policy in {self._path} has answered what is no number: go back to an earlier one under "
                    "checkpoints/, or train anew."
                )
            action = self._to_env({"action": action})["action"] if self._to_env else action
        return action.squeeze(0).numpy().astype(np.float32)


class PolicyTeleoperator(EpisodeTeleoperator):
    """A teleoperator that moves the arm as a policy says, and lets the simulation wait for it."""

    def __init__(self, policy_dir: str | Path, task_instruction: str) -> None:
        """Load the policy. Seconds, most of them LeRobot's imports.

        Raises:
            ArmchairError: if the folder holds no sound policy, or one for cameras which this arm lacks.
        """
        found = open_policy_folder(policy_dir)
        check_cameras(found)
        self._policy = LoadedPolicy(found, task_instruction)
        self._pace = PolicyPace(found.fps, FPS)
        self._acted = 0
        self._action: np.ndarray

    def reset(self) -> None:
        """Drop the actions planned in the last episode."""
        self._policy.reset()
        self._pace.reset()
        self._acted = 0

    @property
    def looks_next(self) -> bool:
        """Whether the next action needs pictures: the last of those that were planned has been returned."""
        steps = range(self._acted, self._acted + self._pace.due)
        return any(not self._policy.chunk_steps or step % self._policy.action_steps == 0 for step in steps)

    def act(self, observation: Observation) -> np.ndarray:
        """Return the action for a Gymnasium observation: float32[6], degrees, gripper 0 to 100.

        The last one again where the policy learnt from fewer frames a second than there are periods.
        """
        for _ in range(self._pace.advance()):
            self._action = self._policy.step(observation)
            self._acted += 1
        return self._action


def check_cameras(found: PolicyFolder, cameras: Iterable[str] = CAMERAS) -> None:
    """Raise ArmchairError unless this arm has, by name, every camera that the policy looks through."""
    wanted, there = set(found.cameras), set(cameras)
    if not wanted <= there:
        raise ArmchairError(
            f"the policy in {found.path} looks through {_listed(wanted)}, but this arm has "
            f"{_listed(there)}: train on a dataset with these cameras{_or_rename(there, wanted)}."
        )


def _or_rename(there: set[str], wanted: set[str]) -> str:
    option = rename_map(there, wanted)
    return f", or let LeRobot's own commands rename them, with {option}" if option else ""


def load_policy(found: PolicyFolder) -> tuple[Any, Any, Any]:
    """Return (policy, preprocessor, postprocessor) on the CPU, with all of the weights.

    Raises:
        ArmchairError: if they do not fit, or nothing installed provides this kind of policy.
    """
    from lerobot.policies.factory import get_policy_class, make_pre_post_processors
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    folder = str(found.path)
    config = _load_config(found)
    config.device = "cpu"
    # ACT and Diffusion fetch ImageNet weights while loading, only to overwrite them with the checkpoint's.
    if hasattr(config, "pretrained_backbone_weights"):
        config.pretrained_backbone_weights = None
    with _quietly(), _failure_explained(found, config.type):
        policy = get_policy_class(config.type).from_pretrained(folder, config=config, strict=True)
        before, after = make_pre_post_processors(
            config,
            pretrained_path=folder,
            preprocessor_overrides=_on_cpu(found.processors["policy_preprocessor.json"]),
            postprocessor_overrides=_on_cpu(found.processors["policy_postprocessor.json"]),
        )
    _check_weights(found, policy)
    return policy, before, after


@contextlib.contextmanager
def _failure_explained(found: PolicyFolder, kind: str) -> Iterator[None]:
    """Turn whatever LeRobot raises over somebody else's folder into a sentence."""
    try:
        yield
    except ImportError as error:
        if "from registry" in str(error):  # the class of a processor's step
            raise ArmchairError(
                f"the processors of {found.path} ask for a step that nothing installed here provides "
                f"({_reason(error)}): install the package that the policy came with."
            ) from error
        # SmolVLA, Diffusion and others need what only an extra of LeRobot's brings.
        raise ArmchairError(
            f"a policy of the kind {kind} needs more of LeRobot than is installed: type `{_extra(kind)}`."
        ) from error
    except RuntimeError as error:
        raise ArmchairError(
            f"the weights in {found.path} do not fit its config.json ({_reason(error)}): copy the folder again."
        ) from error
    except OSError as error:  # the tokenizer of SmolVLA and others
        raise ArmchairError(
            f"the policy in {found.path} needs what is not on this machine ({reason_of(error)}): fetch that "
            f"with `{runnable('hf', 'download')}` first."
        ) from error
    except Exception as error:
        raise ArmchairError(
            f"the policy in {found.path} cannot be loaded ({_reason(error)}): copy the folder again."
        ) from error


def _check_weights(found: PolicyFolder, policy: Any) -> None:
    for name, weights in policy.named_parameters():
        if not weights.isfinite().all():
            raise ArmchairError(
                f"the weights in {found.path} are not finite ({name}), as those of a training that broke down: "
                "go back to an earlier one under checkpoints/, or train anew."
            )


def _reason(error: BaseException) -> str:
    """Return what was wrong in the first place, in one line without its full stop."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]  # one of them is there
    said = error.args[0] if isinstance(error, KeyError) and error.args else error
    first = first_words(str(said)) or type(error).__name__
    return first.partition(". ")[0][:300].rstrip(".:")


def _extra(kind: str) -> str:
    """Return how to install what policies of a kind need."""
    known = metadata("lerobot").get_all("Provides-Extra") or []
    names = {"pi0": "pi", "pi05": "pi", "pi0_fast": "pi", "wall_x": "wallx"}
    extra = names.get(kind, kind.replace("_", "-"))
    return pip_install(f"lerobot[{extra if extra in known else 'all'}]")


def _load_config(found: PolicyFolder) -> "PreTrainedConfig":
    from lerobot.configs import PreTrainedConfig

    kind = found.config.get("type")
    if kind not in PreTrainedConfig.get_known_choices():
        raise ArmchairError(
            f"the policy in {found.path} is of the kind {kind!r}, which nothing installed here provides: "
            "install the package that it came with."
        )
    with _failure_explained(found, kind):
        return PreTrainedConfig.from_pretrained(found.path)


def _on_cpu(processor: dict) -> dict:
    """Overrides for the step that moves tensors, which was saved with the device of the training machine."""
    has_step = any(step["registry_name"] == "device_processor" for step in processor.get("steps", []))
    return {"device_processor": {"device": "cpu"}} if has_step else {}


def _listed(names: Iterable[str]) -> str:
    return "the cameras " + ", ".join(sorted(names)) if names else "no camera"


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Hold back what LeRobot prints while it loads; errors still come through as exceptions."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(before)
