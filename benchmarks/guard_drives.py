"""Drives into all that is there: random poses, openings and directions, through the guard, against MuJoCo's contacts.

    python benchmarks/guard_drives.py [--drives 10000] [--first 0] [--fps 30] [--leaps]

A drive is a request that is held for a second or two, as a key or a stick is, at one of the three speeds, of the tip or
of single joints. It goes the way of every teleoperator that jogs: `Jogger`, `Guard`, the servo's loop with its delay,
lag and play, physics. With `--leaps` poses from anywhere are asked for instead, one after the other, as a policy
or a leader may ask. No camera, no clock. A line for each drive that was not fine says how deep the arm was in the
table at most, how hard it worked for half a second, and how near the hand came to the base.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import mujoco
import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.so101.hull import HullPose, hull_pose
from armchair_robot.safety.guard import Guard
from armchair_robot.safety.limits import Limits
from armchair_robot.teleoperators.jog import MODES, SPEEDS, Jogger
from armchair_robot.teleoperators.jog_teleoperator import SPARE_M
from armchair_sim.scene.world import TIMESTEP_S, World
from armchair_sim.tasks import get_task

DEEPEST_M, MOST_LOAD = 0.0005, 0.60  # what is allowed
LASTS_S = 0.5  # a load that is over sooner is a quick start
_LOW_M = 0.12  # half of the drives begin no higher above the table
_SAG_M = 0.015  # and none so low that an arm which is just put there sags onto it


type Wanted = Callable[[float, np.ndarray], np.ndarray]  # the action asked for, after so many seconds, from a state


@dataclass(frozen=True)
class Request:
    """What is asked for all the time: `rates` for `jog.AXES`, in a mode of `jog.MODES`, at a place in `jog.SPEEDS`."""

    rates: tuple[float, ...]
    mode: str
    speed: int


@dataclass(frozen=True)
class Drive:
    """What came of a drive. Metres, duty 0 to 1, seconds.

    `deepest_m`: in the table, 0 if it never touched. `load`: the most that every reading of half a second had;
    `pressing` the same of readings in contact with the table. `off_base_m`: the hand from the base. `moved_m`: the tip.
    """

    deepest_m: float
    touched_s: float
    load: float
    pressing: float
    off_base_m: float
    moved_m: float
    why: str


class DrivenArm:
    """An arm in a world without objects, and the way of a request to its motors."""

    def __init__(self, fps: int = 30, limits: Limits | None = None) -> None:
        self.world, self.fps, self._limits = World(get_task("reach")), fps, limits
        model = self.world.model
        self._table, self._base = model.geom("table").id, _geoms(model, "base")
        self._hand = [*_geoms(model, "wrist"), *_geoms(model, "gripper"), *_geoms(model, "moving_jaw")]
        self._arm = set(np.flatnonzero(model.body_rootid[model.geom_bodyid] == model.body("base").id)) - set(self._base)

    def place(self, units: np.ndarray) -> None:
        """Let it stand at a pose, float[6], at rest, with the motors on."""
        data = self.world.data
        mujoco.mj_resetData(self.world.model, data)
        data.qpos[:6] = kinematics.units_to_rad(units)
        mujoco.mj_forward(self.world.model, data)
        self.world.servo.reset(data.qpos[:6])

    def hull(self) -> HullPose:
        """Return the hull as it really is."""
        return hull_pose(self.world.data.qpos[:6])

    def drive(self, request: Request, lasts_s: float, then: Request | None = None) -> Drive:
        """Hold a request for so long, and let it go for a moment; or hold another after a third of the time."""
        jogger = Jogger(self.world.state)

        def wanted(passed_s: float, state: np.ndarray) -> np.ndarray:
            asked = then if then and passed_s > lasts_s / 3 else request
            jogger.mode, jogger.speed = asked.mode, asked.speed
            return jogger.move(np.array(asked.rates) if passed_s < lasts_s else np.zeros(6), 1 / self.fps, state)

        return self._follow(wanted, jogger.give_way, lasts_s + 0.3, SPARE_M)

    def leap(self, goals: np.ndarray, lasts_s: float) -> Drive:
        """Ask for one of `goals`, [n,6], after the other, for so long each: as a policy may, or a leader."""

        def wanted(passed_s: float, state: np.ndarray) -> np.ndarray:
            return goals[min(int(passed_s / lasts_s), len(goals) - 1)]

        return self._follow(wanted, lambda sent: None, len(goals) * lasts_s, 0.0)

    def _follow(self, wanted: Wanted, told: Callable[[np.ndarray], None], lasts_s: float, spare_m: float) -> Drive:
        guard, start, depths, duties = Guard(self._limits), self.world.tip, [0.0], []
        off_base_m, why = float("inf"), ""
        for period in range(round(lasts_s * self.fps)):
            passed_s, state = period / self.fps, self.world.state
            sent = guard.follow(wanted(passed_s, state), 1 + passed_s, state, spare_m)
            why = guard.why or why
            told(sent)
            for depth_m, duty in self._period(sent):
                depths.append(depth_m)
                duties.append(duty)
            if period % 3 == 0:
                off_base_m = min(off_base_m, self._off_base_m())
        depth, duty, lasts = np.array(depths[1:]), np.abs(duties), round(LASTS_S / TIMESTEP_S)
        pressing = np.where(depth[:, None] > 0, duty, 0.0)
        return Drive(
            float(depth.max()), float((depth > 0).sum() * TIMESTEP_S), _lasting(duty, lasts), _lasting(pressing, lasts),
            off_base_m, float(np.linalg.norm(self.world.tip - start)), why,
        )  # fmt: skip

    def _period(self, sent: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
        world = self.world
        world.servo.write_goal(kinematics.units_to_ticks(sent))
        for _ in range(round(1 / self.fps / TIMESTEP_S)):
            world.data.ctrl[:] = duty = world.servo.duty(world.data.qpos[:6], world.data.qvel[:6])
            mujoco.mj_step(world.model, world.data)
            yield self._depth_m(), duty

    def _depth_m(self) -> float:
        if self.world.data.ncon == 0:
            return 0.0
        contact = self.world.data.contact
        found = [
            -distance_m
            for geoms, distance_m in zip(contact.geom.tolist(), contact.dist.tolist(), strict=True)
            if self._table in geoms and not self._arm.isdisjoint(geoms)
        ]
        return max(found, default=0.0)

    def _off_base_m(self) -> float:
        """Return the distance between the hand's shapes and the base's, as MuJoCo measures it; 0.1 where it is more."""
        if self.hull().nearest_to_base()[1] > 0.05:
            return 0.1
        model, data = self.world.model, self.world.data
        return min(mujoco.mj_geomDistance(model, data, one, two, 0.1, None) for one in self._hand for two in self._base)


def _geoms(model: mujoco.MjModel, body: str) -> list[int]:
    return [int(geom) for geom in np.flatnonzero(model.geom_bodyid == model.body(body).id)]


def _lasting(duty: np.ndarray, lasts: int) -> float:
    """Return the highest duty that any joint had for so many steps without a break."""
    if len(duty) < lasts:
        return 0.0
    return float(np.lib.stride_tricks.sliding_window_view(duty, lasts, axis=0).min(axis=2).max())


def random_drive(seed: int) -> tuple[np.ndarray, Request, float]:
    """Return a pose that is clear of the table and of the base, a request, and for how many seconds it is held."""
    rng = np.random.default_rng([seed, 7])
    while True:
        units = rng.uniform(kinematics.ACTION_LOW, kinematics.ACTION_HIGH)
        hull = hull_pose(kinematics.units_to_rad(units))
        height_m, off_base_m = hull.lowest()[1], hull.nearest_to_base()[1]
        if height_m > _SAG_M and off_base_m > 0 and (seed % 2 or height_m < _LOW_M):
            break
    rates = rng.choice([-1.0, 0, 0, 1.0], 6) if seed % 3 else rng.uniform(-1, 1, 6)
    if not rates.any():
        rates[rng.integers(6)] = 1.0
    return (
        units,
        Request(tuple(rates), MODES[rng.integers(2)], int(rng.integers(len(SPEEDS)))),
        float(rng.uniform(0.8, 2)),
    )


def random_leaps(seed: int) -> np.ndarray:
    """Return three poses from anywhere in the arm's range, float32[3,6]: also below the table, and in the base."""
    rng = np.random.default_rng([seed, 9])
    return rng.uniform(kinematics.ACTION_LOW, kinematics.ACTION_HIGH, (3, 6)).astype(np.float32)


def is_fine(drive: Drive) -> bool:
    """Return whether a drive did nothing that an arm or a table minds."""
    return drive.deepest_m <= DEEPEST_M and drive.off_base_m >= -DEEPEST_M and drive.load <= MOST_LOAD


def main() -> None:
    """Run the drives that are asked for; print a line for each that was not fine, and what all of them came to."""
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drives", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first one's seed")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--leaps", action="store_true", help="poses that are asked for at once, without a jog")
    add_keep(parser)
    options = parser.parse_args()
    arm, drives = DrivenArm(options.fps), []
    for seed in range(options.first, options.first + options.drives):
        units, request, lasts_s = random_drive(seed)
        arm.place(units)
        drives.append(drive := arm.leap(random_leaps(seed), 0.7) if options.leaps else arm.drive(request, lasts_s))
        if not is_fine(drive):
            print(json.dumps({"seed": seed, **asdict(request), **asdict(drive)}), flush=True)
        if len(drives) % 100 == 0 or len(drives) == options.drives:
            print(in_words(drives), flush=True)
    if options.keep:
        kind = "leaps" if options.leaps else "drives"
        what = f"{options.drives:,} random {kind} from anywhere to anywhere, into the table and the arm's own base, too"
        keep(Row(what, in_words(drives), {"drives": len(drives), "fine": sum(map(is_fine, drives))}))


def in_words(drives: list[Drive]) -> str:
    """Return what all of them came to, in a line."""
    fine, touched = sum(map(is_fine, drives)), sum(each.touched_s > 0 for each in drives)
    deepest_mm, off_base_mm = (
        1000 * max(each.deepest_m for each in drives),
        1000 * min(each.off_base_m for each in drives),
    )
    load, pressing = max(each.load for each in drives), max(each.pressing for each in drives)
    return (
        f"{len(drives)} drives: {fine} fine, {touched} touched the table, {deepest_mm:.2f} mm deep at most; load "
        f"{load:.0%} for half a second at most, {pressing:.0%} while touching; hand {off_base_mm:.1f} mm off the base."
    )


if __name__ == "__main__":
    main()
