"""A scripted person at the keyboard, for `people.py`.

It types: its keys go through the keyboard hand of `armchair record --arm twin --hand keyboard`, in simulated time. It
knows where the cube is, as a person sees it, and where the hand has to go by the expert's waypoints; all the rest is a
person's: it decides a few times a second, on at most two motions at once, sees a bit amiss, and at times hits the wrong
key.
"""

from dataclasses import dataclass

import numpy as np

from armchair_core.so101.kinematics import UnreachableError
from armchair_robot.loop.episode import EpisodeTeleoperator, Observation
from armchair_robot.teleoperators.config_people import ArmchairKeyboardConfig
from armchair_robot.teleoperators.jog import SPEEDS
from armchair_robot.teleoperators.keyboard import HOLD_S, KEYS, ArmchairKeyboard
from armchair_sim.expert.expert import Expert
from armchair_sim.scene.world import FPS, World
from armchair_sim.task import Waypoint

_KEY_OF = {motion: key for key, motion in KEYS.items()}
_PATIENCE_S, _NEARER_M = 2.0, 0.01  # who sees that nothing gets better for so long takes over
_RADIUS_M = 0.05  # an error in tilt or turn counts as at a lever of this length


@dataclass(frozen=True)
class Skill:
    """How well somebody types: seconds between decisions, the share of wrong keys, how far they see amiss."""

    decides_s: float
    slips: float
    sees_off_m: float


SKILLS = (Skill(0.20, 0.01, 0.002), Skill(0.30, 0.04, 0.004), Skill(0.40, 0.08, 0.006))


class Typist(EpisodeTeleoperator):
    """A person who types."""

    def __init__(self, world: World, skill: Skill, seed: int) -> None:
        self._world, self._skill, self._rng = world, skill, np.random.default_rng([seed, 11])
        self._expert = Expert(world)
        self._keyboard = ArmchairKeyboard(ArmchairKeyboardConfig())
        self._keyboard.quiet = True  # no terminal is there to write to
        self._now_s = 0.0

    def reset(self) -> None:
        """Hands on the keys; the arm is where it is."""
        self._keyboard.jogger.begin_at(self._world.state)
        self._decide_s, self._keys = self._now_s + self._skill.decides_s, ()
        self._look_s, self._seen_off_m = self._now_s, np.zeros(2)
        self._expert.reset()

    def act(self, observation: Observation) -> np.ndarray:
        """The keyboard's next targets, float32[6]."""
        self._now_s += 1 / FPS
        if self._now_s >= self._decide_s:
            self._keys = self._decide()
            self._decide_s = self._now_s + self._skill.decides_s * self._rng.uniform(0.7, 1.5)
        for key in self._keys:
            self._keyboard.press(key, self._now_s)
        rates = self._keyboard.rates(self._now_s)
        return self._keyboard.jogger.move(rates, 1 / FPS, observation["agent_pos"])

    def gap(self) -> tuple[int, float]:
        """(waypoints to go, metres to the next one)."""
        waypoint, off = self._off()
        return self._expert.waypoints_left, sum(map(abs, off.values())) if waypoint else np.inf

    def _decide(self) -> tuple[str, ...]:
        """The keys to hold until the next decision."""
        if self._rng.random() < self._skill.slips:
            return (self._rng.choice(list(KEYS)),)
        if self._now_s >= self._look_s:
            self._seen_off_m, self._look_s = self._rng.normal(0, self._skill.sees_off_m, 2), self._now_s + 1.5
        waypoint, off = self._off()
        if waypoint is None:
            return ()
        off["forward"] += self._seen_off_m[0]
        off["left"] += self._seen_off_m[1]
        far_m = max(map(abs, off.values()))
        number = 2 if far_m > 0.08 else 1 if far_m > 0.03 else 0
        self._keyboard.press("123"[number], self._now_s)
        runs_on_m = SPEEDS[number].tip_m_s * HOLD_S / 2  # after a key is let go of
        wrong = sorted(((abs(value), axis) for axis, value in off.items() if abs(value) > max(0.004, runs_on_m)))
        keys = [_KEY_OF[axis, 1 if off[axis] > 0 else -1] for _, axis in wrong[-2:]]
        grip = waypoint.gripper - self._world.gripper
        if abs(grip) > 4:
            keys.append(_KEY_OF["gripper", 1 if grip > 0 else -1])
        return tuple(keys)

    def _off(self) -> tuple[Waypoint | None, dict[str, float]]:
        """The waypoint to go to, and how far that is along each axis of the keyboard in metres."""
        hand = self._world.gripper_pose
        try:
            waypoint = self._expert.waypoint()
            goal = waypoint.pose(self._world)
        except UnreachableError:
            return None, {}
        return waypoint, {
            "forward": goal.x - hand.x, "left": goal.y - hand.y, "up": goal.z - hand.z,
            "tilt": _RADIUS_M * (goal.pitch - hand.pitch), "turn": _RADIUS_M * (goal.roll - hand.roll),
        }  # fmt: skip


class Corrected(EpisodeTeleoperator):
    """`policy` moves the arm until the typist, who watches, has seen nothing get better for a while."""

    intervening = False

    def __init__(self, policy: EpisodeTeleoperator, typist: Typist) -> None:
        self._policy, self._typist = policy, typist

    def reset(self) -> None:
        """A new episode: the policy begins."""
        self.intervening = False
        self._policy.reset()
        self._typist.reset()
        self._best, self._waited = self._typist.gap(), 0

    def act(self, observation: Observation) -> np.ndarray:
        """The action of whoever moves the arm now, float32[6]."""
        if not self.intervening:
            gap = self._typist.gap()
            better = gap[0] < self._best[0] or (gap[0] == self._best[0] and gap[1] < self._best[1] - _NEARER_M)
            self._best, self._waited = (gap, 0) if better else (self._best, self._waited + 1)
            if self._waited <= _PATIENCE_S * FPS:
                return self._policy.act(observation)
            self.intervening = True
            self._typist.reset()
        return self._typist.act(observation)
