"""The task `push`: push the block sideways onto the line, with shut jaws."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from armchair_core.so101.kinematics import SHUT, Pose, azimuth
from armchair_sim.expert.grasping import AT_REST_M_S, add_box, off_m, pose_over, straight_to
from armchair_sim.task import Task, Waypoint, random_spot

if TYPE_CHECKING:
    import mujoco

    from armchair_sim.scene.world import World

BLOCK_M = 0.036
_LINE_HALF_M = (0.07, 0.006)
_APART_M, _ALONG_M = 0.07, 0.05  # from block to line at least, and along the line at most
_ON_LINE_M = 0.012  # from the block's middle to the line's
_BESIDE_M, _LOW_M, _HOVER_M = 0.055, 0.020, 0.075
_SLIPPED_M = 0.014  # beside the line through the middle of the block, along which it is pushed
_CLEAR_M, _NEAR_M = 0.055, 0.015  # higher than this the jaws are above the block
_ARRIVED_M = 0.010
_MIDDLE_M = 0.03  # so far from the line's middle a block may be pushed to it
# How far ahead of the jaws to ask for: a share of the way that the block has to go, and no more than so many metres.
_HASTE, _SLOWEST_M, _FASTEST_M = 0.25, 0.003, 0.008
_LOOK_AHEAD_M = 0.06  # as if the line were no nearer: close by, the way to it would turn along it


class Push(Task):
    """The task of pushing the block onto the line."""

    name = "push"
    instruction = "Push the orange block onto the white line."
    undone = "Not on the line"
    time_limit_s = 20.0

    def add_objects(self, spec: "mujoco.MjSpec") -> None:
        """Add the block and the line."""
        import mujoco

        add_box(spec, "block", (BLOCK_M,) * 3, (0.90, 0.45, 0.08, 1.0))
        line = spec.worldbody.add_body(name="line", mocap=True, pos=(0.23, 0.12, 0))
        line.add_geom(
            name="line", type=mujoco.mjtGeom.mjGEOM_BOX, size=[*_LINE_HALF_M, 0.0004], rgba=(0.93, 0.93, 0.90, 1.0),
            contype=0, conaffinity=0,
        )  # fmt: skip

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put the block anywhere in the region, and the line to its left or right."""
        x, y, yaw = random_spot(rng)
        world.place_free("block", (x, y, BLOCK_M / 2), yaw)
        while True:
            line_x, line_y, _ = random_spot(rng)
            if abs(line_y - y) > _APART_M and abs(line_x - x) < _ALONG_M:
                world.place_fixture("line", (line_x, line_y, 0.0), 0.0)
                return

    def done(self, world: "World") -> bool:
        """Return whether the block lies on the line, at rest."""
        along_m = world.position("line")[0] - world.position("block")[0]
        on_line = abs(_left_m(world)) < _ON_LINE_M and abs(along_m) < _LINE_HALF_M[0]
        return bool(on_line and world.speed("block") < AT_REST_M_S)

    def waypoints(self, world: "World") -> Sequence[Waypoint]:
        """Return the way: above the block's far side, down, and on until the block has arrived."""
        x, y, _ = world.position("block")
        line_x, line_y, _ = world.position("line")
        goal = np.array([np.clip(x, line_x - _MIDDLE_M, line_x + _MIDDLE_M), line_y])
        above, beside = partial(_above, goal=goal), partial(_behind, goal=goal, height_m=_LOW_M)

        def passed(world: "World") -> bool:
            return bool((line_y - y) * (line_y - world.position("block")[1]) < 0 and not self.done(world))

        def slipped(world: "World") -> bool:
            way, tip = _way(world, goal), world.tip[:2] - world.position("block")[:2]
            return bool(abs(way[0] * tip[1] - way[1] * tip[0]) > _SLIPPED_M or way @ tip > 0)

        return [
            Waypoint(above, SHUT, reached=lambda world: off_m(world, above(world)) < _ARRIVED_M, lost=passed),
            Waypoint(beside, SHUT, reached=lambda world: off_m(world, beside(world)) < _ARRIVED_M, lost=passed),
            Waypoint(
                partial(_pushing, goal=goal), SHUT, reached=lambda world: False,
                lost=lambda world: passed(world) or slipped(world),
            ),
        ]  # fmt: skip

    def failure(self, world: "World") -> str:
        """Return what went wrong, in a few words."""
        return "pushed it past the end" if abs(_left_m(world)) < _ON_LINE_M else "did not get it there"


def _left_m(world: "World") -> float:
    """Return how far the block still has to go to the left."""
    return float(world.position("line")[1] - world.position("block")[1])


def _way(world: "World", goal: np.ndarray) -> np.ndarray:
    """Return the direction from the block's middle to `goal`, float64[2]: x and y, mostly along y."""
    x, y = goal - world.position("block")[:2]
    off = np.array([x, np.copysign(max(abs(y), _LOOK_AHEAD_M), y)])
    return off / np.linalg.norm(off)


def _above(world: "World", goal: np.ndarray) -> Pose:
    """Return the pose above the block's far side; from low beside the block it is straight up, so as not to drag it."""
    over = _behind(world, goal, _HOVER_M)
    is_low = world.gripper_pose.z < _CLEAR_M and np.hypot(world.tip[0] - over.x, world.tip[1] - over.y) > _NEAR_M
    return straight_to(_HOVER_M)(world) if is_low else over


def _behind(world: "World", goal: np.ndarray, height_m: float, away_m: float = _BESIDE_M) -> Pose:
    """Return the pose so far from the block's middle, on the side from where it is pushed to `goal`, a jaw across."""
    x, y = (float(at) for at in world.position("block")[:2] - away_m * _way(world, goal))
    across = (np.pi / 2 - azimuth(x, y) + np.pi / 2) % np.pi - np.pi / 2  # the flat of a jaw, not an edge, to the block
    return pose_over((x, y, height_m), across)


def _pushing(world: "World", goal: np.ndarray) -> Pose:
    """Return the pose that pushes: straight behind the block's middle, and the slower the nearer the line is."""
    left_m = abs(_left_m(world))
    ahead_m = min(max(_HASTE * left_m, _SLOWEST_M), _FASTEST_M) if left_m > _ON_LINE_M / 2 else 0.0
    now = world.gripper_pose
    away_m = float(_way(world, goal) @ (world.position("block")[:2] - (now.x, now.y)))
    return _behind(world, goal, _LOW_M, away_m - ahead_m)
