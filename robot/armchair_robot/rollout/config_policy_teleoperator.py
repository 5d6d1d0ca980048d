"""A policy where stock commands expect a leader: ``--teleop.type=armchair_policy --teleop.policy_path=POLICY``.

LeRobot finds the class by names alone: `ArmchairPolicy` in the module called like this one without `config_`
(lerobot 0.6.1, utils/import_utils.py).
"""

from dataclasses import dataclass

from lerobot.teleoperators.config import TeleoperatorConfig


@TeleoperatorConfig.register_subclass("armchair_policy")
@dataclass(kw_only=True)
class ArmchairPolicyConfig(TeleoperatorConfig):
    """`policy_path` is a local policy folder, `task` the sentence for policies that read one.

    The policy makes `fps` actions a second: None means as many as the frames that it was trained on, if that is
    written down, and 30 otherwise.
    """

    policy_path: str
    task: str = ""
    fps: float | None = None
