"""Stock LeRobot against the classroom hub: what is pushed is loaded by its name."""

import json

import pytest

from armchair_datasets.recording.assemble import assemble
from armchair_datasets.recording.format import Format

JOINTS = tuple(f"joint_{number}.pos" for number in range(6))

# One process for everything, because it takes LeRobot seconds to start. Pushing leaves nothing in the cache.
PUSH_AND_LOAD = """
import json, os
from pathlib import Path
from lerobot_robot_armchair.hub_endpoint import follow_endpoint
follow_endpoint()  # as the plugin does at the start of LeRobot's commands
from huggingface_hub import HfApi
from lerobot.configs import FeatureType, PolicyFeature
from lerobot.datasets import LeRobotDataset
from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_policies.nano.modeling_nano import NanoPolicy

dataset = LeRobotDataset("ana/lift", root=ROOT)
commits = lambda: [commit.commit_id for commit in HfApi().list_repo_commits("ana/lift", repo_type="dataset")]
dataset.push_to_hub()
before = commits()
dataset.push_to_hub()
after = commits()
tags = {tag.name: tag.target_commit for tag in HfApi().list_repo_refs("ana/lift", repo_type="dataset").tags}

state, picture = PolicyFeature(FeatureType.STATE, (6,)), PolicyFeature(FeatureType.VISUAL, (3, 48, 64))
config = NanoConfig(
    input_features={"observation.state": state, "observation.images.front": picture},
    output_features={"action": PolicyFeature(FeatureType.ACTION, (6,))},
    keypoints=4, hidden_dim=8, device="cpu",
)
policy = NanoPolicy(config)
policy.push_to_hub("ana/nano")
assert not list(Path(os.environ["HF_HOME"]).rglob("*.parquet"))

loaded = LeRobotDataset("ana/lift", video_backend="pyav", return_uint8=True)
row = loaded[len(loaded) - 1]
policies = policy, NanoPolicy.from_pretrained("ana/nano")
weights = [sum(p.double().sum().item() for p in each.parameters()) for each in policies]
print(json.dumps({
    "before": before, "after": after, "tags": tags, "root": str(loaded.root), "weights": weights,
    "episodes": loaded.num_episodes, "frames": loaded.num_frames,
    "action": row["action"].tolist(), "picture": row["observation.images.front"].tolist(),
}))
"""


@pytest.fixture
def root(tmp_path, make_episode):
    form = Format("Lift the cube.", JOINTS, ("front", "wrist"), 48, 64, 30)
    assemble([make_episode(number, 6) for number in range(2)], tmp_path / "lift", form, "ana/lift")
    return tmp_path / "lift"


def test_what_is_pushed_is_loaded_by_its_name(classroom_hub, run_client, root, make_ticks, tmp_path):
    code = PUSH_AND_LOAD.replace("ROOT", repr(str(root)))
    said = json.loads(run_client(code, classroom_hub.url).splitlines()[-1])
    assert said["tags"] == {"v3.0": said["before"][0]}  # the head
    assert len(said["before"]) == 3  # the repo's first, the data, the card
    assert said["after"] == said["before"]  # pushed again unchanged: nothing new
    assert said["root"].startswith(str(tmp_path / "home"))
    assert (said["episodes"], said["frames"]) == (2, 12)
    assert said["weights"][0] == said["weights"][1]
    last = make_ticks(1, 6)[-1]
    assert said["action"] == pytest.approx(last.action.tolist())
    front = last.observation["pixels"]["front"].transpose(2, 0, 1)
    assert abs(front - said["picture"]).mean() < 3
