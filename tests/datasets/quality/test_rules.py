"""Every rule on a real recording into which exactly its fault was put, and on the recording itself."""

from dataclasses import replace

import numpy as np
import pytest

from armchair_core.so101 import kinematics
from armchair_datasets.quality.signals import CameraSignals
from armchair_datasets.quality.verdict import Context, describe, judge

PAN, LIFT, ELBOW, GRIPPER = 0, 1, 2, 5


def with_state(one, change):
    return replace(one, state=changed(one.state, change))


def with_action(one, change):
    return replace(one, action=changed(one.action, change))


def with_pictures(one, change, camera="front"):
    thumbnails = changed(one.cameras[camera].thumbnails, change)
    return replace(one, cameras={**one.cameras, camera: CameraSignals(thumbnails)})


def changed(values, change):
    values = values.copy()
    answer = change(values)
    return values if answer is None else answer


def freeze(first, end):
    def change(pictures):
        pictures[first:end] = pictures[first - 1]

    return change


def halve(pictures):
    pictures[1::2] = pictures[: len(pictures) // 2 * 2 : 2]


def fill(value, first, end):
    def change(values):
        values[first:end] = value

    return change


def add(value, first, end, joint):
    def change(values):
        values[first:end, joint] += value

    return change


def put(value, first, end, joint):
    def change(values):
        values[first:end, joint] = value

    return change


def close_on_nothing(one):
    """From frame 40 on, the gripper is told to close and does, as the expert's does when it reaches for a ball."""
    action, state = one.action.copy(), one.state.copy()
    action[40:, GRIPPER], state[40:, GRIPPER] = 2.0, 1.8
    closing = min(len(state) - 40, 15)
    state[40 : 40 + closing, GRIPPER] = np.linspace(state[39, GRIPPER], 1.8, closing)
    return replace(one, action=action, state=state)


def late(one, frame, by_s):
    observed_s = np.arange(one.frames) / one.fps
    observed_s[frame:] += by_s
    return replace(one, observed_s=observed_s)


def aged(one, age_s, first, end):
    ages = np.full(one.frames, 0.02, np.float32)
    ages[first:end] = age_s
    return replace(one, cameras={"front": replace(one.cameras["front"], age_s=ages)})


FAULTS = {
    "a frozen camera": (lambda one: with_pictures(one, freeze(20, 50)), "stuck pictures", "bad", (20, 50)),
    "a camera at half the rate": (lambda one: with_pictures(one, halve, "wrist"), "repeated pictures", "bad", None),
    "a black moment": (lambda one: with_pictures(one, fill(3, 30, 33)), "blind pictures", "odd", (30, 33)),
    "a cap on the lens": (lambda one: with_pictures(one, fill(3, 0, None)), "blind pictures", "bad", None),
    "a blinded camera": (lambda one: with_pictures(one, fill(255, 10, 40)), "blind pictures", "bad", (10, 40)),
    "a hand on the lens": (lambda one: with_pictures(one, fill(90, 10, 40)), "blind pictures", "bad", (10, 40)),
    "a lost picture": (lambda one: with_pictures(one, lambda seen: seen[:-3]), "missing pictures", "bad", None),
    "a late frame": (lambda one: late(one, 25, 0.1), "late rows", "odd", (25, 26)),
    "a hanging loop": (lambda one: late(one, 25, 0.5), "late rows", "bad", (25, 26)),
    "a slow loop": (
        lambda one: replace(one, observed_s=np.arange(one.frames) / 18),
        "late rows",
        "bad",
        None,
    ),
    "a clock set back": (lambda one: late(one, 25, -0.2), "backward clock", "bad", (25, 26)),
    "one old picture": (lambda one: aged(one, 0.15, 30, 31), "old pictures", "odd", (30, 31)),
    "old pictures": (lambda one: aged(one, 0.3, 30, 60), "old pictures", "bad", (30, 60)),
    "a NaN": (lambda one: with_state(one, put(np.nan, 30, 31, ELBOW)), "not a number", "bad", (30, 31)),
    "an infinity": (lambda one: with_action(one, put(np.inf, 7, 9, PAN)), "not a number", "bad", (7, 9)),
    "a slipped encoder": (lambda one: with_state(one, add(40, 30, None, ELBOW)), "jump", "bad", (29, 31)),
    "a lost frame": (lambda one: with_state(one, add(16, 30, None, PAN)), "jump", "odd", (29, 31)),
    "a jumping action": (lambda one: with_action(one, add(90, 30, 31, ELBOW)), "action jump", "odd", None),
    "a joint at its stop": (
        lambda one: with_state(one, put(kinematics.ACTION_HIGH[LIFT], 25, 61, LIFT)),
        "parked joint",
        "odd",
        (25, 61),
    ),
    "an arm that stands": (lambda one: with_state(one, fill(one.state[0], 0, None)), "no motion", "bad", None),
    "a hand that sleeps": (lambda one: with_action(one, fill(one.action[0], 0, None)), "still action", "bad", None),
    "a copied state": (lambda one: replace(one, action=one.state), "copied action", "bad", None),
    "an arm half a second behind": (
        lambda one: replace(one, state=np.concatenate([np.repeat(one.state[:1], 15, 0), one.state[:-15]])),
        "out of step",
        "odd",
        None,
    ),
    "an action recorded late": (
        lambda one: replace(one, action=np.concatenate([np.repeat(one.action[:1], 9, 0), one.action[:-9]])),
        "out of step",
        "odd",
        None,
    ),
    "an empty hand": (close_on_nothing, "no grasp", "odd", None),
    "a marked failure": (lambda one: replace(one, success=False), "failure", "odd", None),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("number", [0, 4])
def test_each_fault_is_found_where_it_is(episodes, fault, number):
    spoil, rule, level, frames = FAULTS[fault]
    whole = judge(episodes[number])
    assert rule not in {finding.rule for finding in whole.findings}
    findings = [finding for finding in judge(spoil(episodes[number])).findings if finding.rule == rule]
    assert [finding.level for finding in findings] == [level]
    if frames is not None:
        assert findings[0].frames == pytest.approx(frames, abs=1)


def test_the_experts_episodes_are_good(episodes):
    context = describe(episodes)
    assert all(context.grasps)
    assert [judge(one, context).level for one in episodes] == ["good"] * len(episodes)


def test_good_clocks_raise_no_finding(episodes):
    rng = np.random.default_rng(0)
    observed_s = np.arange(episodes[0].frames) / 30 + rng.uniform(0, 0.01, episodes[0].frames)
    one = aged(replace(episodes[0], observed_s=observed_s), 0.05, 0, None)
    assert judge(one).findings == ()


def test_sentences_say_what_where_and_how_long(episodes):
    words = [finding.words for finding in judge(with_pictures(episodes[0], freeze(20, 50))).findings]
    assert words == ["the front camera stood still for 30 frames (1.0 s) from second 0.7 on, while the arm moved"]
    slow = judge(replace(episodes[0], observed_s=np.arange(episodes[0].frames) / 18)).findings[0].words
    assert slow.startswith("it ran at 18.0 frames a second instead of 30; ")
    jump = judge(with_state(episodes[0], add(40, 30, None, ELBOW))).findings[0].words
    assert jump.startswith("the elbow_flex jumped by 4") and "at second 1.0" in jump


def test_a_still_scene_is_no_frozen_camera(episodes):
    """The arm waits for two seconds: the pictures stand still, and rightly so."""
    one = episodes[0]
    waiting = np.concatenate([np.zeros(60, int), np.arange(one.frames)])
    still = replace(
        one,
        state=one.state[waiting],
        action=one.action[waiting],
        cameras={name: CameraSignals(camera.thumbnails[waiting]) for name, camera in one.cameras.items()},
    )
    assert judge(still).findings == ()


def test_a_camera_that_does_not_see_the_arm_is_only_odd(episodes):
    """It sees an empty corner, where nothing changes but the sensor's noise."""
    noise = np.random.default_rng(0).random((episodes[0].frames, 16, 16)) < 0.03
    corner = np.tile(np.arange(60, 76, dtype=np.uint8), (episodes[0].frames, 16, 1)) + noise.astype(np.uint8)
    (finding,) = judge(with_pictures(episodes[0], lambda seen: corner)).findings
    assert (finding.rule, finding.level) == ("stuck pictures", "odd")
    assert finding.words.endswith("it was frozen, or does not see the arm")


def test_a_camera_that_froze_for_good_is_bad(episodes):
    (finding,) = judge(with_pictures(episodes[0], freeze(30, None))).findings
    assert (finding.level, finding.frames) == ("bad", pytest.approx((30, episodes[0].frames), abs=1))


def test_a_short_take_is_never_bad(episodes):
    context = Context(tuple(one.frames for one in episodes), (False,) * len(episodes))
    for frames in (1, 2, 5, 12):
        one = episodes[0]
        short = replace(
            one,
            state=one.state[:frames],
            action=one.action[:frames],
            cameras={name: CameraSignals(camera.thumbnails[:frames]) for name, camera in one.cameras.items()},
        )
        assert [finding.rule for finding in judge(short, context).findings] == ["length"]
        assert judge(short, context).level == "odd"


def test_length_is_judged_only_by_enough_others(episodes):
    one = episodes[0]
    few, many = Context((10, 11, 12, 13)), Context((10, 11, 12, 13, 14))
    assert judge(one, few).level == "good"
    assert [finding.rule for finding in judge(one, many).findings] == ["length"]


@pytest.mark.parametrize("others", [(600,), (600, 500), (600, 60, 700)])
def test_of_a_few_only_one_that_is_far_shorter_than_all_others_is_odd(episodes, others):
    short = replace(episodes[0], state=episodes[0].state[:60], action=episodes[0].action[:60], cameras={})
    assert short.frames == 60
    found = [finding.words for finding in judge(short, Context((*others, 60))).findings]
    cut_short = 60 not in others
    assert found == ([f"it is {min(others) / 60:.1f} times shorter than all others: 60 frames (2.0 s)"] * cut_short)


@pytest.mark.parametrize("context", [Context(), Context((1,)), Context((1, 1, 1, 1, 1, 1, 1))])
def test_a_take_of_a_moment_is_odd_without_any_others_to_compare_with(episodes, context):
    one = replace(episodes[0], state=episodes[0].state[:1], action=episodes[0].action[:1], cameras={})
    assert judge(one, context).words == "Odd: it is only 1 frame (0.0 s) long."


def test_a_grasp_is_asked_for_where_the_others_grasp(episodes):
    never = with_action(episodes[0], put(60.0, 0, None, GRIPPER))
    never = with_state(never, put(60.2, 0, None, GRIPPER))
    assert judge(never).level == "good"
    verdict = judge(never, Context(grasps=(True,) * 9 + (False,)))
    assert [(finding.rule, finding.level) for finding in verdict.findings] == [("no grasp", "bad")]
    assert judge(close_on_nothing(episodes[0]), Context(grasps=(True,) * 9)).level == "bad"
    assert judge(never, Context(grasps=(True, True, True, False))).level == "odd", "of a few, all others hold something"
    assert judge(never, Context(grasps=(True, False))).level == "good"


def test_an_empty_hand_is_nothing_odd_where_no_hand_holds_anything(episodes):
    """As in `reach`, whose expert shuts its gripper."""
    empty = close_on_nothing(episodes[0])
    assert judge(empty, Context(grasps=(False,) * 8)).level == "good"
    assert judge(empty, Context(grasps=(False,) * 4 + (True,) * 4)).level == "odd"


def test_an_empty_episode_is_bad(episodes):
    one = replace(episodes[0], state=episodes[0].state[:0], action=episodes[0].action[:0], cameras={})
    assert [finding.rule for finding in judge(one).findings] == ["no rows"]


@pytest.mark.parametrize("names", [(), ("x", "y", "z", "rx", "ry", "rz")])
def test_another_robots_units_are_not_ours(episodes, names):
    """Radians, and speeds that no hobby servo reaches: no rule with degrees in it may speak."""
    fast = replace(episodes[0], names=names, state=episodes[0].state * 20, action=episodes[0].action * 20)
    assert judge(fast).findings == ()
    small = replace(fast, state=fast.state / 2000, action=fast.action / 2000)
    assert judge(small).findings == ()
    stuck = judge(with_pictures(small, freeze(20, 50)))
    assert [finding.rule for finding in stuck.findings] == ["stuck pictures"]
    still = judge(replace(small, state=small.state * 0))
    assert "no motion" in {finding.rule for finding in still.findings}
    broken = judge(with_state(small, put(np.nan, 3, 4, ELBOW))).findings[0].words
    assert ("number 2" if not names else "of z ") in broken


def test_a_robot_without_state_is_judged_by_the_rest(episodes):
    one = replace(episodes[0], state=np.zeros((episodes[0].frames, 0), np.float32), names=())
    assert judge(one).findings == ()
    assert judge(with_pictures(one, fill(0, 0, 30))).level == "bad"
