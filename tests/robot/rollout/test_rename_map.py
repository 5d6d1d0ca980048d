import json
import shlex

from lerobot.configs.eval import EvalPipelineConfig
from lerobot.configs.train import TrainPipelineConfig
from lerobot.rollout.configs import RolloutConfig

from armchair_robot.rollout.rename_map import rename_map


def test_the_option_names_what_there_is_and_what_the_policy_calls_it():
    (word,) = shlex.split(rename_map({"front", "wrist"}, {"wrist", "top"}))
    option, _, names = word.partition("=")
    assert json.loads(names) == {"observation.images.front": "observation.images.top"}
    for config in (EvalPipelineConfig, TrainPipelineConfig, RolloutConfig):
        assert option.removeprefix("--") in config.__dataclass_fields__


def test_a_camera_that_lerobot_calls_by_one_word():
    assert '"observation.images.front": "observation.image"' in rename_map({"front"}, {"observation.image"})


def test_too_few_cameras_or_none_missing():
    assert rename_map({"front"}, {"left", "right"}) is None
    assert rename_map({"front", "wrist"}, {"front"}) is None
