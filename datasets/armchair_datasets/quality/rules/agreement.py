"""Rules for the agreement of action and state: what each joint was told, and where it went.

Leader and follower that were calibrated differently, a motor that is off, a joint that turns the wrong way, units that
do not fit: all of them leave pictures and motion that look right. Nothing is asked of joints that are not called as the
SO-101's are, because an action need not be a position there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from armchair_core.so101.joints import JOINTS
from armchair_core.so101.kinematics import LAST_TICK
from armchair_datasets.quality.finding import Finding, Level
from armchair_datasets.quality.rules.lag import lag_of, out_of_step
from armchair_datasets.quality.rules.motion import GRIPPER, LEAST_MOTION_DEG
from armchair_datasets.quality.signals import EpisodeSignals

SHORTEST_S = 0.5  # shorter episodes tell too little

FOLLOWS_S = 0.07  # where the lag cannot be told
OFFSET = 5.0  # degrees or hundredths; see the figures in tests/datasets/quality/test_agreement.py
STEADY = 0.75  # of the offset, within which most frames lie
MOST_FRAMES = 0.8
TOLD = 15.0  # degrees or hundredths that a joint was told to move by: far beyond free play
AGAINST = -0.7  # correlation of what was told and where the joint stood
ALONG = 0.95
SCALE = 3.0  # times as far, for a joint that is followed exactly
GRIPPER_SCALE = 20.0  # what it holds may stop it after a twentieth of its way
_UNITS = {"radians": float(np.degrees(1.0)), "encoder ticks": 360 / LAST_TICK}  # degrees in one
_UNIT_ROOM = 1.3  # times more or less
MOST_RADIANS, MOST_DEG = 3.3, 400.0  # a turn and a bit; a whole episode within three degrees of zero is none
LEAST_RADIANS = 0.1  # of motion


_Fault = tuple[str, Level, str]  # rule, level, and the words behind the joint's name


@dataclass(frozen=True)
class _Joint:
    """A joint that is told positions: `told` and `stood`, float64[frames], the lag between the two taken out."""

    name: str
    is_gripper: bool
    told: np.ndarray
    stood: np.ndarray

    @property
    def unit(self) -> str:
        return "hundredths" if self.is_gripper else "degrees"

    @property
    def correlation(self) -> float:
        """From -1 to 1; 0 where one of them stands still."""
        if not (self.told.std() and self.stood.std()):
            return 0.0
        return float(np.corrcoef(self.told, self.stood)[0, 1])


def disagreement(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find a state that does not follow the action: too late, or with joints that go where they are not told to."""
    lag = lag_of(signals)
    yield from out_of_step(signals, lag)
    yield from _astray_joints(signals, lag)


def foreign_units(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find numbers in radians or encoder ticks, where LeRobot's arm has degrees."""
    body = np.array([_is_body(name) for name in signals.names], bool)
    if not body.any() or signals.state.shape != signals.action.shape or signals.frames < SHORTEST_S * signals.fps:
        return
    state, action = signals.state[:, body], signals.action[:, body]
    largest = max(np.abs(each).max() for each in (state, action))
    moved = max(np.ptp(each, axis=0).max() for each in (state, action))
    unit = "radians" if largest <= MOST_RADIANS and moved >= LEAST_RADIANS else "encoder ticks"
    if unit == "radians" or largest > MOST_DEG:
        words = (
            f"no joint goes further than {largest:.1f}" if unit == "radians" else f"joints go as far as {largest:.0f}"
        )
        words += f" {largest:.3g}: these look like {unit}, and this arm's joints are in degrees"
        yield Finding("units", "bad", words, (0, signals.frames))


def _astray_joints(signals: EpisodeSignals, lag: int | None) -> Iterator[Finding]:
    """Yield the joints that do not go where they are told, each by the first of its faults that explains it."""
    joints = list(_joints(signals, lag))
    others_move = any(np.ptp(joint.stood) >= LEAST_MOTION_DEG for joint in joints)  # else `no_motion` says so
    for joint in joints:
        faults = (_in_other_units(joint), _reversed(joint), others_move and _idle(joint), _offset(joint))
        if fault := next((each for each in faults if each), None):
            rule, level, words = fault
            yield Finding(rule, level, f"{joint.name} {words}", (0, signals.frames))


def _in_other_units(joint: _Joint) -> _Fault | None:
    """Joints that follow exactly, and many times as far as they are told, or as little."""
    room = GRIPPER_SCALE if joint.is_gripper else SCALE
    if joint.correlation < ALONG or max(np.ptp(joint.told), np.ptp(joint.stood)) < TOLD:
        return None
    times = float(joint.stood.std() / joint.told.std())
    if 1 / room <= times <= room:
        return None
    return "units", "bad", f"goes {times:.2g} times as far as it is told: {_which_units(times)}"


def _reversed(joint: _Joint) -> _Fault | None:
    """Joints that go down when they are told to go up."""
    if np.ptp(joint.told) < TOLD or joint.correlation > AGAINST:
        return None
    return "reversed joint", "bad", "goes the other way than it is told: leader and follower count it in opposite ways"


def _idle(joint: _Joint) -> _Fault | None:
    """Joints that are told to move and never do: a motor that is off, or a slipped horn."""
    told, stood = np.ptp(joint.told), np.ptp(joint.stood)
    if told < TOLD or stood >= LEAST_MOTION_DEG:
        return None
    return "idle joint", "bad", f"was told to move by {told:.0f} {joint.unit} and never moved: is its motor on?"


def _offset(joint: _Joint) -> _Fault | None:
    """Joints that stay at the same distance from where they are told to be, throughout."""
    gap = joint.stood - joint.told
    offset = float(np.median(gap))
    room = float(np.quantile(np.abs(gap - offset), MOST_FRAMES))
    holds = joint.is_gripper and np.ptp(joint.told) < TOLD  # what it holds keeps it from where it is told to be
    if abs(offset) < OFFSET or room > STEADY * abs(offset) or holds:
        return None
    words = f"stands {abs(offset):.0f} {joint.unit} {'above' if offset > 0 else 'below'} where it is told to be, "
    return "steady offset", "odd", words + "throughout: leader and follower are calibrated differently"


def _joints(signals: EpisodeSignals, lag: int | None) -> Iterator[_Joint]:
    """Yield the joints of an SO-101, or of two, by their names."""
    if signals.state.shape != signals.action.shape or signals.frames < SHORTEST_S * signals.fps:
        return
    lag = round(FOLLOWS_S * signals.fps) if lag is None else max(0, lag)
    told = signals.action[: signals.frames - lag].astype(np.float64)
    stood = signals.state[lag:].astype(np.float64)
    for index, name in enumerate(signals.names):
        if _is_body(name) or _is_gripper(name):
            yield _Joint(signals.joint(index), _is_gripper(name), told[:, index], stood[:, index])


def _is_body(name: str) -> bool:
    """Whether this is a joint in degrees; a pair of arms says left and right in front."""
    return name.removesuffix(".pos").endswith(JOINTS[:GRIPPER])


def _is_gripper(name: str) -> bool:
    return name.removesuffix(".pos").endswith(JOINTS[GRIPPER])


def _which_units(times: float) -> str:
    for unit, degrees in _UNITS.items():
        for here, there, ratio in (("action", "state", degrees), ("state", "action", 1 / degrees)):
            if ratio / _UNIT_ROOM <= times <= ratio * _UNIT_ROOM:
                return f"the {here} looks like {unit}, the {there} like degrees"
    return "the two are not in the same units"
