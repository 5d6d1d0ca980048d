"""What is recorded when the expert takes over from a policy."""

import json

import numpy as np
import pytest

from armchair_datasets.recorder import record
from armchair_policies.skills import locate_policy
from armchair_robot.hands import correcting
from armchair_sim.errors import ArmchairError


def test_only_what_the_expert_does(tmp_path, holding_policy):
    import pyarrow.parquet as pq

    root = tmp_path / "fixes"
    assert record("lift", "expert", 2, 7, root, 32, 32, workers=1, corrects=str(holding_policy)).episodes == 2
    table = pq.read_table(root / "data/chunk-000/file-000.parquet")
    action, began = np.stack(table["action"].to_pylist()), np.flatnonzero(np.array(table["frame_index"]) == 0)
    assert len(began) == 2
    assert all(np.abs(action[at + 5] - action[at]).max() > 3 for at in began), "the policy stands still all the time"
    assert json.loads((root / "meta/armchair.json").read_text())["corrects"] == holding_policy.name


def test_a_policy_that_was_done_before_teaches_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(correcting, "_LATEST", 1.0)  # of 8 s; the skill needs three
    late = next(seed for seed in range(1000) if np.random.default_rng([seed, correcting._STREAM]).integers(240) > 200)
    summary = record("lift", "expert", 1, late, tmp_path / "fixes", workers=1, corrects=str(locate_policy("lift")))
    assert summary.skipped["needed no help"] >= 1
    assert summary.episodes == 1


def test_what_is_no_policy_is_refused_before_anything_is_made(tmp_path):
    with pytest.raises(ArmchairError, match="no policy folder"):
        record("lift", "expert", 1, 0, tmp_path / "fixes", corrects=str(tmp_path / "nope"))
    assert list(tmp_path.iterdir()) == []
