"""Rules for the numbers: what the joints did and what they were told.

Rules with degrees in them look at the SO-101 only; the others at any robot.
"""

from collections.abc import Iterator

import numpy as np

from armchair_core.so101 import kinematics
from armchair_core.sts3215.motor import NO_LOAD_SPEED_RAD_S
from armchair_datasets.quality.finding import Finding, at, counted, longest, since
from armchair_datasets.quality.signals import EpisodeSignals

GRIPPER = 5
_BODY = slice(0, GRIPPER)
# What a joint covers in a second at the servo's no-load speed: 275 degrees, the gripper 250 hundredths.
FASTEST_PER_S = np.full(6, np.degrees(NO_LOAD_SPEED_RAD_S))
_GRIPPER_TICKS = kinematics.RANGE_MAX_TICKS[GRIPPER] - kinematics.RANGE_MIN_TICKS[GRIPPER]
FASTEST_PER_S[GRIPPER] = 100 * NO_LOAD_SPEED_RAD_S / kinematics.RAD_PER_TICK / _GRIPPER_TICKS
JUMP_ODD = 1.25  # times that: the loop's own jitter
JUMP_BAD = 2.0  # frames were lost, or the encoder slipped
ACTION_JUMP = 5.0  # times that: what the servo needs five periods to follow
LIMIT_DEG = 1.0  # this near to the end of its range, a joint stands at it
PARKED_S = 1.0
LEAST_MOTION_DEG = 2.0  # more than a servo's free play and dead zone, 0.9 degrees
STILL_S = 1.0  # shorter episodes may not have had the time to move


def not_finite(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find NaN and infinity: one of them poisons the statistics that all of a dataset's training is normalised by."""
    for what, values in (("state", signals.state), ("action", signals.action)):
        wrong = ~np.isfinite(values)
        if wrong.any():
            rows = np.flatnonzero(wrong.any(axis=1))
            names = ", ".join(signals.joint(int(joint)) for joint in np.flatnonzero(wrong.any(axis=0)))
            words = f"the {what} of {names} is no number in {counted(len(rows), signals.fps)}, the first "
            words += at(int(rows[0]), signals.fps)
            yield Finding("not a number", "bad", words, (int(rows[0]), int(rows[-1]) + 1))


def no_motion(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find a robot that stood still from start to end."""
    if not signals.state.size or signals.frames < STILL_S * signals.fps:
        return
    if signals.is_so101:
        way = np.ptp(signals.state[:, _BODY], axis=0).max()
        still, words = way < LEAST_MOTION_DEG, f"the arm stood still: no joint moved by more than {way:.1f} degrees"
    else:
        still, words = not np.ptp(signals.state, axis=0).any(), "the robot stood still: its state never changes"
    if still:
        yield Finding("no motion", "bad", words, (0, signals.frames))


def state_jumps(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find steps of the state that no servo can make: lost frames, or an encoder that slipped."""
    if not signals.is_so101 or signals.frames < 2:
        return
    speed, frame, joint = _fastest(signals.state, signals)
    if speed > JUMP_ODD:
        step = abs(signals.state[frame, joint] - signals.state[frame - 1, joint])
        words = f"the {signals.joint(joint)} jumped by {step:.0f} in one frame {at(frame, signals.fps)}, "
        words += f"{speed:.1f} times as fast as its servo turns"
        yield Finding("jump", "bad" if speed > JUMP_BAD else "odd", words, (frame - 1, frame + 1))


def action_jumps(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find steps of the action far beyond what the arm can follow. The gripper may be told to snap shut."""
    if not signals.is_so101 or signals.frames < 2:
        return
    speed, frame, joint = _fastest(signals.action[:, _BODY], signals)
    if speed > ACTION_JUMP:
        step = abs(signals.action[frame, joint] - signals.action[frame - 1, joint])
        words = f"the action of {signals.joint(joint)} jumped by {step:.0f} degrees {at(frame, signals.fps)}, "
        words += f"{speed:.0f} frames of the servo's full speed"
        yield Finding("action jump", "odd", words, (frame - 1, frame + 1))


def parked_joints(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find body joints that stand at the end of their range: a bad calibration, or a servo that is pushing its stop."""
    if not signals.is_so101:
        return
    state, low, high = signals.state[:, _BODY], kinematics.ACTION_LOW[_BODY], kinematics.ACTION_HIGH[_BODY]
    for joint, mask in enumerate(((state < low + LIMIT_DEG) | (state > high - LIMIT_DEG)).T):
        first, end = longest(mask)
        if end - first >= PARKED_S * signals.fps:
            words = f"the {signals.joint(joint)} stood at its limit of {state[first, joint]:.0f} degrees for "
            words += f"{counted(end - first, signals.fps)} {since(first, signals.fps)}"
            yield Finding("parked joint", "odd", words, (first, end))


def still_action(signals: EpisodeSignals, _context: object) -> Iterator[Finding]:
    """Find an action that never changes: it teaches nothing."""
    long_enough = signals.action.size and signals.frames >= STILL_S * signals.fps
    if long_enough and (signals.action == signals.action[0]).all():
        yield Finding("still action", "bad", "the action never changes", (0, signals.frames))


def _fastest(values: np.ndarray, signals: EpisodeSignals) -> tuple[float, int, int]:
    """Return the fastest step of all: (times the servo's speed, the frame that it ends in, the joint)."""
    seconds = np.full(signals.frames - 1, 1 / signals.fps)
    if signals.observed_s is not None:
        seconds = np.maximum(np.diff(signals.observed_s), seconds)
    speeds = np.abs(np.diff(values.astype(np.float64), axis=0)) / seconds[:, None] / FASTEST_PER_S[: values.shape[1]]
    frame, joint = np.unravel_index(speeds.argmax(), speeds.shape)
    return float(speeds[frame, joint]), int(frame) + 1, int(joint)
