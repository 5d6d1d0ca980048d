"""Who moved the arm in every frame: from the moments to a dataset that stock LeRobot opens and our checks read."""

from dataclasses import replace

import numpy as np
import pytest

from armchair_core.dataset_format.columns import INTERVENTION
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import FEATURE_NAMES
from armchair_datasets.quality.check import check
from armchair_datasets.quality.summary import summarise_dataset
from armchair_datasets.recording.assemble import assemble
from armchair_datasets.recording.build import check_addable
from armchair_datasets.recording.check import check_dataset
from armchair_datasets.recording.episode_folder import Episode
from armchair_datasets.recording.format import Format
from armchair_datasets.repair.repair import repair

FORM = Format("Pick it up.", FEATURE_NAMES, ("front", "wrist"), 32, 48, 30, clocked=True, takeover=True)


@pytest.fixture
def root(operator, tmp_path):
    """A dataset of one take: of 30 frames a person moved the arm in the second half."""
    operator = operator(episodes=1, reset_s=0.1)

    def take_over(moment):
        since = len(operator.session._buffer) if operator.session._buffer else 0
        return replace(moment, intervention=since >= 15)

    operator.run(change=take_over)
    episode = Episode(tmp_path / "000000")
    assemble([episode], tmp_path / "data", FORM, "armchair/data")
    check_dataset([episode], tmp_path / "data", "armchair/data")
    return tmp_path / "data"


def test_the_dataset_says_who_moved_the_arm_as_lerobots_dagger_does(root):
    from lerobot.datasets import LeRobotDataset

    dataset = LeRobotDataset("armchair/data", root=root, video_backend="pyav")
    assert dataset.features[INTERVENTION] == {"dtype": "bool", "shape": (1,), "names": None}
    whose = np.array(dataset.hf_dataset[INTERVENTION])
    assert whose.dtype == bool
    np.testing.assert_array_equal(whose, np.arange(30) >= 15)


def test_no_policy_takes_it_for_an_input(root):
    from lerobot.datasets import LeRobotDatasetMetadata
    from lerobot.utils.feature_utils import dataset_to_policy_features

    features = dataset_to_policy_features(LeRobotDatasetMetadata("armchair/data", root=root).features)
    assert INTERVENTION not in features
    assert set(features) == {"observation.state", "action", "observation.images.front", "observation.images.wrist"}


def test_the_checks_and_info_read_it(root):
    assert summarise_dataset(root).frames == 30
    assert check(root).episodes


def test_it_is_not_mixed_with_recordings_that_do_not_say_it(root):
    check_addable(FORM, root)
    with pytest.raises(ArmchairError, match="another intervention"):
        check_addable(replace(FORM, takeover=False), root)


def test_more_can_be_added(root, tmp_path):
    episode = Episode(tmp_path / "000000")
    assemble([episode], tmp_path / "more", FORM, "armchair/data", base=root)
    assert check_dataset([episode], tmp_path / "more", "armchair/data", root) == 30


def test_repair_brings_it_back(root):
    """Without its tables of episodes, which a crash takes, it is rebuilt from the rows and the videos."""
    import shutil

    from lerobot.datasets import LeRobotDataset

    shutil.rmtree(root / "meta" / "episodes")
    assert repair(root).recovered == [0]
    dataset = LeRobotDataset("armchair/data", root=root, video_backend="pyav")
    np.testing.assert_array_equal(np.array(dataset.hf_dataset[INTERVENTION]), np.arange(30) >= 15)
