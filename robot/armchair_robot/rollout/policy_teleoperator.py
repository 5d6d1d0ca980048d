"""A policy as a LeRobot `Teleoperator`: it looks through the follower's eyes and thinks in a thread of its own.

The arm never waits for the policy: it carries out what the last looks have planned, and stands still when that is
over. A policy that makes chunks is asked for the next one in time, and the chunks fade into each other.
"""

import os
from typing import Any

import numpy as np

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.devices import last_observation
from armchair_robot.rollout.action_chunks import ActionChunk, ChunkSchedule
from armchair_robot.rollout.config_policy_teleoperator import ArmchairPolicyConfig
from armchair_robot.rollout.inference_thread import InferenceThread
from armchair_robot.rollout.policy import LoadedPolicy, check_cameras
from armchair_robot.rollout.policy_folder import open_policy_folder
from armchair_robot.teleoperators.jog_teleoperator import PersonTeleoperator

FADE_S = 0.1
_LOOKS_A_CHUNK = 2  # at the least: the second half of a chunk bridges the thinking about the next
_SAY_AFTER_S = 0.5  # what stands still for less is not worth a word


class ArmchairPolicy(PersonTeleoperator):
    """Any LeRobot policy folder that fits this arm. Needs a follower of the type ``armchair_so101`` in this process."""

    config_class = ArmchairPolicyConfig
    name = "armchair_policy"
    config: ArmchairPolicyConfig
    _policy: LoadedPolicy  # both from `connect` on
    _inference: InferenceThread

    def __init__(self, config: ArmchairPolicyConfig) -> None:
        """Check the folder. No weights are loaded yet.

        Raises:
            ArmchairError: if the folder holds no sound policy, or one for other joints.
        """
        super().__init__(config)
        self.found = open_policy_folder(config.policy_path)
        self._fps = config.fps or self.found.fps
        self._thought_s: list[float] = []
        self._plan: ChunkSchedule | None = None
        self._asked_s, self._still_s = -np.inf, 0.0

    @property
    def status(self) -> str:
        """What an operator should know about it now; "" if nothing."""
        if self._still_s < _SAY_AFTER_S:
            return ""
        return f"no plan for {self._still_s:.1f} s: the policy thinks, the arm holds still"

    @property
    def thought_s(self) -> list[float]:
        """How long each look took."""
        return self._thought_s

    def reset(self, pose: np.ndarray | None = None) -> None:
        """Forget what was seen and planned; begin at `pose`, float32[6], or else where the arm is read next."""
        self._inference.forget()
        self._plan, self._asked_s, self._still_s = None, -np.inf, 0.0
        if pose is not None:
            self._begin(pose, last_look()[0])

    def _open(self) -> None:
        """Load the policy and let it think once, which takes longest the first time. Seconds.

        Raises:
            ArmchairError: if the weights do not fit, nothing installed provides this kind of policy, or it fails.
        """
        self._policy = LoadedPolicy(self.found, self.config.task)
        first = self._think(self._blank())
        if first.shape[1:] != (len(FEATURE_NAMES),):
            raise ArmchairError(
                f"the policy in {self.found.path} answers {first.shape[-1]} numbers, but this arm has "
                f"{len(FEATURE_NAMES)} joints: record with this arm and train again."
            )
        self._policy.reset()
        self._inference = InferenceThread(self._think, self._policy.reset, threads=max(1, (os.cpu_count() or 2) // 2))
        self.reset()

    def _close(self) -> None:
        self._inference.close()

    def _targets(self, now_s: float) -> np.ndarray:
        """Return the action for the moment when the follower was read last, which is this period's. Microseconds.

        Raises:
            ArmchairError: if no follower was read, it lacks a camera, or the policy fails.
        """
        seen_s, observation = last_look()
        plan = self._plan or self._begin(pose_of(observation), seen_s)
        self._take(plan, seen_s)
        if self._inference.is_free and seen_s >= self._asked_s + self._every_s():
            self._inference.ask(seen_s, self._for_policy(observation))
            self._asked_s = seen_s
        self._still_s = plan.still_s(seen_s)
        return plan.at(seen_s)

    # --- the plan --------------------------------------------------------------------------------------------
    def _begin(self, pose: np.ndarray, now_s: float) -> ChunkSchedule:
        self._plan = ChunkSchedule(FADE_S if self._policy.chunk_steps else 0.0)
        self._plan.hold(pose, now_s)
        return self._plan

    def _take(self, plan: ChunkSchedule, now_s: float) -> None:
        """Make what was thought since the last period part of the plan."""
        try:
            answer = self._inference.take()
        except Exception as error:
            raise ArmchairError(f"the policy in {self.found.path} has failed ({error}).") from error
        if answer is not None:
            self._thought_s.append(answer.took_s)
            # A policy with a queue of its own answers for now, whatever it looked at when it filled the queue.
            starts_s = answer.asked_s if self._policy.chunk_steps else now_s
            plan.add(ActionChunk(starts_s, answer.actions, 1 / self._fps), now_s)

    def _every_s(self) -> float:
        """Return the time from look to look, a little short: a control period is never exact."""
        steps = min(self._policy.action_steps, self._policy.chunk_steps // _LOOKS_A_CHUNK)
        return (max(steps, 1) - 0.25) / self._fps

    # --- looking and thinking --------------------------------------------------------------------------------
    def _think(self, observation: dict[str, Any]) -> np.ndarray:
        """Return actions, float32[n,6]. Runs in the inference thread."""
        sizes = self.found.cameras
        pictures = {name: squeeze(picture, sizes[name]) for name, picture in observation["pixels"].items()}
        observation = {**observation, "pixels": pictures}
        if self._policy.chunk_steps:
            return self._policy.chunk(observation)
        return self._policy.step(observation)[None]

    def _for_policy(self, observation: dict[str, Any]) -> dict[str, Any]:
        """Return the follower's observation as `LoadedPolicy` takes it."""
        check_cameras(self.found, [name for name, value in observation.items() if np.ndim(value) == 3])
        return {
            "pixels": {name: observation[name] for name in self.found.cameras},
            "agent_pos": pose_of(observation),
        }

    def _blank(self) -> dict[str, Any]:
        """Return an observation of nothing."""
        pictures = {name: np.zeros((*size, 3), np.uint8) for name, size in self.found.cameras.items()}
        return {"pixels": pictures, "agent_pos": np.zeros(len(FEATURE_NAMES), np.float32)}


def last_look() -> tuple[float, dict[str, Any]]:
    """Return (when, on `time.perf_counter`, what this process's follower saw last).

    Raises:
        ArmchairError: if there is none.
    """
    latest = last_observation.latest()
    if latest is None:
        raise ArmchairError(
            "a policy looks through the follower's cameras, and no follower of this process was read: "
            "use --robot.type=armchair_so101."
        )
    return latest


def squeeze(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture, uint8[H,W,3], in the (height, width) that a policy was trained on."""
    if picture.shape[:2] == size:
        return picture
    import torch
    from torch.nn.functional import interpolate

    planes = torch.from_numpy(picture).permute(2, 0, 1)[None]
    return interpolate(planes, size, mode="bilinear", antialias=True)[0].permute(1, 2, 0).numpy()


def pose_of(named: dict[str, Any]) -> np.ndarray:
    """Return the joints of an observation or an action, float32[6]."""
    return np.array([named[name] for name in FEATURE_NAMES], np.float32)
