"""What is wrong with a dataset is said in one sentence, before LeRobot is started."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from armchair_core.errors import ArmchairError
from armchair_policies.training.lerobot.dataset_checks import read_dataset_facts, warnings_about


def change_action(root: Path, change) -> None:
    """Rewrite the column of actions, float32 [N, 6]."""
    (path,) = root.glob("data/chunk-*/file-*.parquet")
    table = pq.read_table(path)
    values = change(np.stack(table["action"].to_numpy()).copy())
    column = pa.array(list(values), table.schema.field("action").type)
    pq.write_table(table.set_column(table.schema.get_field_index("action"), table.schema.field("action"), column), path)


def put_nan(values: np.ndarray) -> np.ndarray:
    values[-1, 2] = np.nan
    return values


def test_a_sound_dataset_needs_no_words(reach):
    material = read_dataset_facts(reach)
    assert material.cameras == {"front": (96, 96), "wrist": (96, 96)}
    assert material.state.shape == material.action.shape == (material.layout.info.total_frames, 6)
    assert warnings_about(material, "laptop") == []


def test_a_number_that_is_none(spoilt):
    change_action(spoilt, put_nan)
    with pytest.raises(ArmchairError, match=r"'action' of .* not finite in episode 1 .* `armchair repair .*` leaves"):
        read_dataset_facts(spoilt)


def test_no_statistics(spoilt):
    (spoilt / "meta" / "stats.json").unlink()
    with pytest.raises(
        ArmchairError, match=r"no meta/stats.json, by which everything is normalised: try .armchair rep"
    ):
        read_dataset_facts(spoilt)


@pytest.mark.parametrize("value", [None, [float("nan")] * 6])
def test_statistics_that_lack_something(spoilt, value):
    path = spoilt / "meta" / "stats.json"
    known = json.loads(path.read_text())
    known["action"]["std"] = value or []
    path.write_text(json.dumps(known))
    with pytest.raises(ArmchairError, match="no finite std of 'action'"):
        read_dataset_facts(spoilt)


def test_another_unit_is_a_warning(spoilt):
    change_action(spoilt, lambda values: np.clip(values * 3, -100, 100))
    (warning,) = warnings_about(read_dataset_facts(spoilt), "laptop")
    assert "seem to count in -100..100" in warning and "degrees" in warning


def test_large_pictures_are_a_warning_on_a_laptop(reach):
    material = replace(read_dataset_facts(reach))
    material.__dict__["cameras"] = {"front": (480, 640)}
    (warning,) = warnings_about(material, "laptop")
    assert "480 x 640 pixels, 33 times as many as 96 x 96" in warning
    assert warnings_about(material, "cuda") == []
