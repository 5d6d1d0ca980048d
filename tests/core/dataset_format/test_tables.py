import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from armchair_core.dataset_format.info import is_dataset
from armchair_core.dataset_format.layout import Layout, open_layout
from armchair_core.dataset_format.rows import read_actions, read_column
from armchair_core.dataset_format.tables import (
    DATA,
    EPISODES,
    TableError,
    parquet_files,
    read_tables,
    read_tasks,
    without_statistics,
)
from armchair_core.errors import ArmchairError

INFO = """{"codebase_version": "v3.0", "fps": 30, "total_episodes": 3, "total_frames": 5, "total_tasks": 2,
"features": {"action": {"dtype": "float32", "shape": [2], "names": ["a", "b"]}}}"""


@pytest.fixture
def root(tmp_path):
    """Three episodes of 2, 1 and 2 frames in two files, the action of a frame being (its index, 0)."""
    for folder in ("data/chunk-000", "meta/episodes/chunk-000"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "meta/info.json").write_text(INFO)
    episode = [0, 0, 1, 2, 2]
    for number, (first, end) in enumerate(((0, 3), (3, 5))):
        action = [np.array([index, 0], np.float32) for index in range(first, end)]
        rows = pa.table({"action": action, "episode_index": episode[first:end]})
        pq.write_table(rows, tmp_path / f"data/chunk-000/file-00{number}.parquet")
    episodes = {
        "episode_index": [0, 1, 2], "length": [2, 1, 2], "stats/action/min": [0.0] * 3,
        "data/chunk_index": [0] * 3, "data/file_index": [0, 0, 1],
    }  # fmt: skip
    pq.write_table(pa.table(episodes), tmp_path / "meta/episodes/chunk-000/file-000.parquet")
    return tmp_path


def write_tasks(root, name):
    tasks = pd.DataFrame({"task_index": [1, 0]}, index=pd.Index(["Push.", "Lift."], name=name))
    tasks.to_parquet(root / "meta/tasks.parquet")


@pytest.mark.parametrize("name", ["task", None, "sentence"])
def test_the_sentences_of_the_tasks_whatever_their_column_is_called(root, name):
    write_tasks(root, name)
    assert list(read_tasks(root).items()) == [(1, "Push."), (0, "Lift.")]
    assert open_layout(root).tasks == {0: "Lift.", 1: "Push."}


def test_tasks_that_are_not_there_or_damaged(root):
    assert open_layout(root).tasks == {}
    with pytest.raises(TableError, match=r"is broken, as meta/tasks.parquet is missing: try `armchair repair") as had:
        read_tasks(root)
    assert had.value.reason == str(root / "meta/tasks.parquet")
    pq.write_table(pa.table({"task": ["Lift."]}), root / "meta/tasks.parquet")
    with pytest.raises(TableError, match=r"tasks.parquet cannot be read \(it has no column task_index\)"):
        read_tasks(root)
    pq.write_table(pa.table({"task_index": [0]}), root / "meta/tasks.parquet")
    with pytest.raises(TableError, match=r"cannot be read \(it has no column task\)"):
        read_tasks(root)


def test_all_files_are_one_table_in_their_order(root):
    assert [path.name for path in parquet_files(root / DATA)] == ["file-000.parquet", "file-001.parquet"]
    table = read_tables(root, DATA, {"action"}.__contains__)
    assert table.column_names == ["action"]
    assert np.stack(table["action"].to_numpy())[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert "stats/action/min" not in read_tables(root, EPISODES, without_statistics).column_names


def test_a_file_without_a_footer_is_named(root):
    torn = root / "data/chunk-000/file-001.parquet"
    torn.write_bytes(torn.read_bytes()[:-8])
    with pytest.raises(
        TableError, match=r"data/chunk-000/file-001.parquet cannot be read \(.*\): try `armchair"
    ) as had:
        read_tables(root, DATA, lambda name: True)
    assert had.value.path == torn and "magic bytes" in had.value.reason
    again = pickle.loads(pickle.dumps(had.value))  # as from a worker process
    assert (str(again), again.path, again.reason) == (str(had.value), torn, had.value.reason)


def test_no_file_at_all(tmp_path):
    with pytest.raises(TableError, match="data is missing"):
        read_tables(tmp_path, DATA, lambda name: True)


def test_a_column_of_one_episode(root):
    layout = open_layout(root)
    assert [read_column(layout, row, "action")[:, 0].tolist() for row in layout.episodes] == [[0, 1], [2], [3, 4]]
    assert read_column(layout, layout.episodes[1], "episode_index").tolist() == [1]
    assert read_actions(root, "2").tolist() == [[3, 0], [4, 0]]
    with pytest.raises(ArmchairError, match="has no episode 3"):
        read_actions(root, "3")


def test_what_a_dataset_is(root, tmp_path):
    assert is_dataset(root) and not is_dataset(root / "data") and not is_dataset(tmp_path / "nowhere")
    assert isinstance(open_layout(root), Layout)
