"""A trained policy as a hand: any LeRobot `PreTrainedPolicy` folder with its processors.

The path from an observation to an action is that of stock `lerobot-eval` (lerobot 0.6.1,
scripts/lerobot_eval.py, `rollout`), for a single environment.
"""

import contextlib
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from armchair_robot.hands.policy_folder import PolicyFolder, open_policy_folder
from armchair_robot.loop import Observation
from armchair_sim.errors import ArmchairError
from armchair_sim.so101 import CAMERAS


class PolicyHand:
    """Moves the arm as a policy says. Runs on the CPU, so that a score does not depend on who has a GPU.

    Nothing is downloaded: the folder must hold everything.
    """

    def __init__(self, policy_dir: str | Path, task_instruction: str) -> None:
        """Load the policy. Seconds, most of them LeRobot's imports.

        Raises:
            ArmchairError: if the folder holds no sound policy, or one for cameras which this arm lacks.
        """
        found = open_policy_folder(policy_dir)
        check_cameras(found)
        with _quietly():
            self._policy, self._before, self._after = _load(found)
        self._instruction = task_instruction

    def reset(self) -> None:
        """Drop the actions planned in the last episode."""
        for part in (self._policy, self._before, self._after):
            part.reset()

    def act(self, observation: Observation) -> np.ndarray:
        """The action for a Gymnasium observation: float32[6], degrees, gripper 0 to 100."""
        import torch
        from lerobot.envs.utils import preprocess_observation

        seen = {key: observation[key] for key in ("pixels", "agent_pos")}
        with torch.inference_mode():
            batch = preprocess_observation(seen) | {"task": [self._instruction]}
            action = self._after(self._policy.select_action(self._before(batch)))
        return action.squeeze(0).numpy().astype(np.float32)


def check_cameras(found: PolicyFolder) -> None:
    """Raise ArmchairError unless this arm has every camera that the policy looks through."""
    wanted = set(found.cameras)
    if not wanted <= set(CAMERAS):
        raise ArmchairError(
            f"the policy in {found.path} looks through {_listed(wanted)}, but this arm has "
            f"{_listed(CAMERAS)}: train on a dataset with these cameras."
        )


def _load(found: PolicyFolder):
    """(policy, preprocessor, postprocessor) on the CPU, with all of the weights or an error."""
    from lerobot.configs import PreTrainedConfig
    from lerobot.policies.factory import get_policy_class, make_pre_post_processors
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    folder = str(found.path)
    config = _load_config(found, PreTrainedConfig)
    config.device = "cpu"
    # ACT and Diffusion fetch ImageNet weights while loading, only to overwrite them with the checkpoint's.
    if hasattr(config, "pretrained_backbone_weights"):
        config.pretrained_backbone_weights = None
    try:
        policy = get_policy_class(config.type).from_pretrained(folder, config=config, strict=True)
    except RuntimeError as error:
        raise ArmchairError(
            f"the weights in {folder} do not fit its config.json ({str(error).splitlines()[0]}): copy the folder again."
        ) from error
    before, after = make_pre_post_processors(
        config,
        pretrained_path=folder,
        preprocessor_overrides=_on_cpu(found.processors["policy_preprocessor.json"]),
        postprocessor_overrides=_on_cpu(found.processors["policy_postprocessor.json"]),
    )
    return policy, before, after


def _load_config(found: PolicyFolder, base):
    kind = found.config.get("type")
    if kind not in base.get_known_choices():
        raise ArmchairError(
            f"the policy in {found.path} is of the kind {kind!r}, which nothing installed here provides: "
            "install the package that it came with."
        )
    return base.from_pretrained(found.path)


def _on_cpu(processor: dict) -> dict:
    """Overrides for the step that moves tensors, which was saved with the device of the training machine."""
    has_step = any(step["registry_name"] == "device_processor" for step in processor.get("steps", []))
    return {"device_processor": {"device": "cpu"}} if has_step else {}


def _listed(names) -> str:
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
