"""Hands by name, and as LeRobot finds them."""

import pytest
from lerobot.teleoperators import TeleoperatorConfig, make_teleoperator_from_config

import lerobot_robot_armchair  # noqa: F401 - registers the hands
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_robot.arm_options import ArmOptions
from armchair_robot.teleoperators import people
from armchair_robot.teleoperators.people import check_person_teleoperator, open_person_teleoperator, split_episode

OPTIONS = {"replay": {"root": "data"}}


@pytest.mark.parametrize("name", [name for name in people.PERSON_TELEOPERATORS if name != people.LEADER])
def test_lerobot_finds_every_hand_by_its_type(name, tmp_path):
    config = TeleoperatorConfig.get_choice_class(f"armchair_{name}")
    hand = make_teleoperator_from_config(config(calibration_dir=tmp_path, **OPTIONS.get(name, {})))
    assert type(hand) is getattr(people, f"Armchair{name.capitalize()}")
    assert hand.name == f"armchair_{name}"
    assert tuple(hand.action_features) == FEATURE_NAMES
    assert hand.is_calibrated
    assert not hand.is_connected


def test_unknown_hands_and_episodes():
    with pytest.raises(ArmchairError, match="did you mean 'keyboard'"):
        open_person_teleoperator(ArmOptions(teleoperator="keybord"))
    with pytest.raises(ArmchairError, match="add --episode with a dataset's folder"):
        check_person_teleoperator(ArmOptions(teleoperator="replay"))
    for wrong in ("data", "data:", ":3", "data:-1", "data:x"):
        with pytest.raises(ArmchairError, match="is no episode"):
            split_episode(wrong)
    assert split_episode("/a:b/data:12")[1] == 12
