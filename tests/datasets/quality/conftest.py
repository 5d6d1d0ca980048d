"""A real recording of the simulated arm, and tools that put faults into a copy of it."""

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from armchair_datasets.quality.check import check
from armchair_datasets.quality.signals import CameraSignals, EpisodeSignals, summarize
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.simulated.record import record
from armchair_datasets.recording.video_encoder import VideoEncoder

FPS = 30
EPISODES = 6
DATA = "data/chunk-000/file-000.parquet"


@pytest.fixture(scope="session")
def recording(tmp_path_factory) -> Path:
    """Six of the expert's lifts, two cameras of 64 x 64 pixels. Only for reading."""
    out = tmp_path_factory.mktemp("recording") / "lift"
    return record(SimulatedRecordingRequest("lift", "expert", EPISODES, 40, out, height=64, width=64, workers=1)).root


@pytest.fixture(scope="session")
def episodes(recording) -> list[EpisodeSignals]:
    """The recording as signals, read without the code under test."""
    rows = pq.read_table(recording / DATA).to_pydict()
    info = json.loads((recording / "meta/info.json").read_text())
    of = np.array(rows["episode_index"])
    state, action = (np.array(rows[key], np.float32) for key in ("observation.state", "action"))
    names = tuple(info["features"]["action"]["names"])
    seen = {
        camera: np.stack([summarize(image) for image in decode(video(recording, camera))])
        for camera in ("front", "wrist")
    }
    return [
        EpisodeSignals(
            state[of == number],
            action[of == number],
            FPS,
            names,
            {camera: CameraSignals(thumbnails[of == number]) for camera, thumbnails in seen.items()},
        )
        for number in range(EPISODES)
    ]


@pytest.fixture
def copy(recording, tmp_path) -> Path:
    """A dataset that a test may spoil."""
    return Path(shutil.copytree(recording, tmp_path / "lift"))


def video(root: Path, camera: str) -> Path:
    return root / f"videos/observation.images.{camera}/chunk-000/file-000.mp4"


def decode(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.fixture
def edit_video():
    """(root, camera, change): `change` gets the list of all pictures of a camera and answers the new one."""

    def edit(root: Path, camera: str, change) -> None:
        images = change(decode(video(root, camera)))
        encoder = VideoEncoder(*images[0].shape[:2], FPS)
        for image in images:
            encoder.add(image)
        video(root, camera).write_bytes(encoder.finish())

    return edit


@pytest.fixture
def edit_rows():
    """(root, column, change): `change` gets a column of the data as an array, episode after episode, to alter it."""

    def edit(root: Path, column: str, change) -> None:
        table = pq.read_table(root / DATA)
        values = np.array(table[column].to_pylist())
        values = change(values)
        field = table.schema.field(column)
        position = table.schema.get_field_index(column)
        new = pa.array(list(values) if values.ndim > 1 else values, type=field.type)
        pq.write_table(table.set_column(position, field, new), root / DATA)

    return edit


@pytest.fixture
def edit_json():
    """(path, **changes): replace top-level entries of a JSON file."""

    def edit(path: Path, **changes) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return edit


@pytest.fixture
def found():
    """(root) -> what `check` finds there: {("rule", episode or None): finding}."""

    def look(root: Path) -> dict:
        verdict = check(root)
        whole = {(finding.rule, None): finding for finding in verdict.findings}
        return whole | {
            (finding.rule, episode.index): finding
            for episode in verdict.episodes
            for finding in episode.verdict.findings
        }

    return look
