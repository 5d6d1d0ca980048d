"""Datasets as others write them: made by stock LeRobot alone, some of them bent as converters and editors bend them."""

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

JOINTS = [
    f"{name}.pos" for name in ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper")
]
CAMERA = "observation.images.front"
TASKS = ["Pick up the cube.", "Push the\ncube — “gently”.", "Drop the cube."]
BOTH, TWO = ("observation.state", "action"), [f"{side}_{name}" for side in ("left", "right") for name in JOINTS]
SIZE, EPISODES, FRAMES, FPS = 64, 3, 6, 30
FILE = "chunk-000/file-000"


def vector(names: Any, length: int | None = None, dtype: str = "float32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": (length or len(names),), "names": names}


def picture(dtype: str = "video", names: Any = ("height", "width", "channels"), channels: int = 3) -> dict[str, Any]:
    return {"dtype": dtype, "shape": (SIZE, SIZE, channels), "names": names and list(names)}


def stock(root: Path, fps: int = FPS, episodes: int = EPISODES, **features: Any) -> Path:
    """Record with stock LeRobot and its defaults, AV1 among them. `features` replace and add; None leaves one out."""
    from lerobot.datasets import LeRobotDataset

    said = {"observation.state": vector(JOINTS), "action": vector(JOINTS), CAMERA: picture()} | features
    said = {key: feature for key, feature in said.items() if feature}
    videos = any(feature["dtype"] == "video" for feature in said.values())
    dataset = LeRobotDataset.create(
        "local/of-others", fps, said, root=root, robot_type="so_follower", use_videos=videos
    )
    for episode in range(episodes):
        for frame in range(FRAMES):
            row = {key: _value(feature, episode, frame) for key, feature in said.items()}
            dataset.add_frame({**row, "task": TASKS[episode % len(TASKS)]})
        dataset.save_episode()
    dataset.finalize()
    return root


def shade(episode: int, frame: int) -> int:
    """How bright the darkest pixel of a frame is: no two frames of a dataset alike."""
    return 10 + 6 * (FRAMES * episode + frame)


def _value(feature: dict[str, Any], episode: int, frame: int) -> Any:
    shape, dtype = feature["shape"], feature["dtype"]
    if dtype in ("image", "video"):
        slope = np.linspace(0, 120, SIZE)[None, :, None]
        return (np.zeros(shape) + slope + shade(episode, frame)).astype(np.uint16 if feature.get("info") else np.uint8)
    if dtype == "string":
        return "a word"
    return (np.arange(np.prod(shape)).reshape(shape) + 10 * episode + frame).astype(dtype)


# --- bending -------------------------------------------------------------------------------------------------
def info(root: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    file = root / "meta/info.json"
    said = json.loads(file.read_text())
    change(said)
    file.write_text(json.dumps(said, indent=4))


def table(root: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Rewrite a parquet file through pandas."""
    change(pd.read_parquet(root / name)).to_parquet(root / name)


def column(root: Path, name: str, values: Callable[[np.ndarray], Any], folder: str = "data") -> None:
    """Change one column of data or meta/episodes and keep all types."""
    file = root / folder / f"{FILE}.parquet"
    rows = pq.read_table(file)
    at, kind = rows.schema.get_field_index(name), rows.schema.field(name).type
    changed = pa.array(list(values(np.array(rows[name].to_pylist()))), kind)
    pq.write_table(rows.set_column(at, name, changed), file)


def video(root: Path, rate: float, times: Callable[[list[np.ndarray]], list[np.ndarray]]) -> None:
    """Encode the camera's video anew at another rate, of other pictures."""
    file = root / "videos" / CAMERA / f"{FILE}.mp4"
    with av.open(str(file)) as source:
        shown = times([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])
    with av.open(str(file), "w") as output:
        stream = output.add_stream("libx264", rate=Fraction(rate).limit_denominator(1000))
        stream.height, stream.width = shown[0].shape[:2]
        stream.pix_fmt, stream.options = "yuv444p", {"g": "2", "crf": "5", "bf": "0"}
        for image in shown:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        output.mux(stream.encode())


def twice(shown: list[np.ndarray]) -> list[np.ndarray]:
    return [image for image in shown for _ in range(2)]


def with_mark(root: Path, name: str, encoding: str = "utf-8-sig") -> None:
    file = root / name
    file.write_text(file.read_text(), encoding=encoding)


def features(root: Path, key: str, **changes: Any) -> None:
    info(root, lambda said: said["features"][key].update(changes))


def tasks(root: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    table(root, "meta/tasks.parquet", change)


def tasks_with_gap(root: Path) -> None:
    tasks(root, lambda frame: frame.assign(task_index=[0, 1, 5]))
    column(root, "task_index", lambda index: np.where(index == 2, 5, index))


def tasks_without_pandas(root: Path) -> None:
    pq.write_table(pa.table({"task_index": [0, 1, 2], "task": TASKS}), root / "meta/tasks.parquet")


def rows_in_two_files(root: Path) -> None:
    """The last episode's rows in a second file, in a chunk of its own."""
    file = root / f"data/{FILE}.parquet"
    rows = pq.read_table(file)
    pq.write_table(rows.slice(0, 2 * FRAMES), file)
    (root / "data/chunk-001").mkdir()
    pq.write_table(rows.slice(2 * FRAMES), root / "data/chunk-001/file-000.parquet")
    column(root, "data/chunk_index", lambda _: [0, 0, 1], "meta/episodes")


def as_in_the_hubs_cache(root: Path) -> None:
    """Every file a link into ../…-blobs, as `hf download` without --local-dir lays them out."""
    blobs = root.with_name(root.name + "-blobs")
    blobs.mkdir()
    for number, file in enumerate(path for path in sorted(root.rglob("*")) if path.is_file()):
        file.rename(blobs / str(number))
        file.symlink_to(blobs / str(number))


def without(root: Path, name: str) -> None:
    path = root / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def stats(root: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    file = root / "meta/stats.json"
    said = json.loads(file.read_text())
    change(said)
    file.write_text(json.dumps(said))


def episodes(root: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    table(root, f"meta/episodes/{FILE}.parquet", change)


def places(root: Path, change: Callable[[pd.Series], pd.Series]) -> None:
    """Change where each episode begins and ends (s) in the camera's video."""
    names = [f"videos/{CAMERA}/{end}_timestamp" for end in ("from", "to")]
    episodes(root, lambda frame: frame.assign(**{name: change(frame[name]) for name in names}))


def lacking(root: Path, *names: str) -> None:
    """Leave columns out of meta/episodes."""
    episodes(root, lambda frame: frame.drop(columns=list(names)))


def at_the_rate_of_television(root: Path) -> None:
    info(root, lambda said: said.update(fps=29.97))
    column(root, "timestamp", lambda times: times * 30 / 29.97)
    video(root, 29.97, list)
    places(root, lambda times: times * 30 / 29.97)


def begun_late(root: Path) -> None:
    """The first frame of each episode at the time of its second."""
    column(root, "timestamp", lambda times: times + 1 / FPS)
    places(root, lambda times: times - 1 / FPS)


def not_finite(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        values[8, 2] = value
        return values

    return change


def nothing(root: Path) -> None:
    """Leave it as stock LeRobot wrote it."""


# By name: what is recorded anew, and how others bend what was recorded once.
RECORDED: dict[str, dict[str, Any]] = {
    "images": {CAMERA: picture("image")},
    "one number": {"observation.state": vector(["gripper.pos"]), "action": vector(["gripper.pos"])},
    "two arms": {key: vector(TWO) for key in BOTH},
    "float64 and whole numbers": {
        "observation.state": vector(JOINTS, dtype="float64"),
        "action": vector(JOINTS, dtype="int64"),
    },
    "names in a dict": {key: vector({"motors": JOINTS}, 6) for key in BOTH},
    "no joints' names": {key: vector(None, 6) for key in BOTH},
    "depth": {"observation.images.depth": {**picture(channels=1), "info": {"is_depth_map": True}}},
    "more columns": {
        "note": {"dtype": "string", "shape": (1,), "names": None},
        "next.reward": vector(None, 1),
        "observation.force": vector(None, 3),
    },
    "a matrix for a state": {"observation.state": {"dtype": "float32", "shape": (2, 3), "names": None}},
    "other camera": {CAMERA: None, "observation.images.top": picture()},
    "ten frames a second": {"fps": 10},
    "no state": {"observation.state": None},
    "no camera": {CAMERA: None},
    "no episodes": {"episodes": 0},
}
BENT: dict[str, Callable[[Path], Any]] = {
    "stock": nothing,
    "faster video": lambda root: video(root, 60, twice),
    "slower video": lambda root: video(root, 15, lambda shown: shown[::2]),
    "video of 25": lambda root: video(root, 25, lambda shown: shown[:15]),
    "short video": lambda root: video(root, 30, lambda shown: shown[:12]),
    "other size": lambda root: video(root, 30, lambda shown: [image[:48] for image in shown]),
    "mark": lambda root: with_mark(root, "meta/info.json"),
    "mark, utf-16": lambda root: with_mark(root, "meta/info.json", "utf-16"),
    "mark in stats": lambda root: with_mark(root, "meta/stats.json"),
    "no axes' names": lambda root: features(root, CAMERA, names=None),
    "axes' names left out": lambda root: info(root, lambda said: said["features"][CAMERA].pop("names")),
    "axes' names of others": lambda root: features(root, CAMERA, names=["h", "w", "rgb"]),
    "names as a mapping": lambda root: features(root, "action", names={name: n for n, name in enumerate(JOINTS)}),
    "names in a list": lambda root: features(root, "action", names=[JOINTS]),
    "names too few": lambda root: features(root, "action", names=["motors"]),
    "tasks in a column": lambda root: tasks(root, lambda frame: frame.reset_index()),
    "tasks without pandas": tasks_without_pandas,
    "tasks with a gap": tasks_with_gap,
    "tasks out of order": lambda root: tasks(root, lambda frame: frame.iloc[::-1]),
    "more about tasks": lambda root: tasks(root, lambda frame: frame.assign(subtask=["a", "b", "c"])),
    "no tasks": lambda root: without(root, "meta/tasks.parquet"),
    "float fps": lambda root: info(root, lambda said: said.update(fps=30.0)),
    "fps of television": at_the_rate_of_television,
    "fps unlike the rows'": lambda root: info(root, lambda said: said.update(fps=15)),
    "v2.1": lambda root: info(root, lambda said: said.update(codebase_version="v2.1")),
    "v2.0": lambda root: info(root, lambda said: said.update(codebase_version="v2.0")),
    "v1.6": lambda root: info(root, lambda said: said.update(codebase_version="v1.6")),
    "v3.1": lambda root: info(root, lambda said: said.update(codebase_version="v3.1")),
    "v4.0": lambda root: info(root, lambda said: said.update(codebase_version="v4.0")),
    "no version's name": lambda root: info(root, lambda said: said.update(codebase_version=3)),
    "no version": lambda root: info(root, lambda said: said.pop("codebase_version")),
    "two data files": rows_in_two_files,
    "links": as_in_the_hubs_cache,
    "no statistics": lambda root: without(root, "meta/stats.json"),
    "statistics of less": lambda root: stats(root, lambda said: said["action"].update(min=[0.0])),
    "statistics of nothing": lambda root: stats(root, lambda said: said.pop(CAMERA)),
    "no columns for rows": lambda root: lacking(root, "dataset_from_index", "dataset_to_index"),
    "no places in videos": lambda root: lacking(root, f"videos/{CAMERA}/from_timestamp"),
    "no table of episodes": lambda root: without(root, "meta/episodes"),
    "gap in the episodes": lambda root: (
        column(root, "episode_index", lambda n: np.where(n == 2, 4, n)),
        column(root, "episode_index", lambda n: np.where(n == 2, 4, n), "meta/episodes"),
    ),
    "no data": lambda root: without(root, "data"),
    "no video": lambda root: without(root, "videos"),
    "nan": lambda root: column(root, "action", not_finite(np.nan)),
    "infinity": lambda root: column(root, "observation.state", not_finite(np.inf)),
    "drifting times": lambda root: column(root, "timestamp", lambda t: t * 1.5),
    "times of day": lambda root: column(root, "timestamp", lambda t: np.arange(len(t)) / FPS),
    "times begun late": begun_late,
    "no json": lambda root: (root / "meta/info.json").write_text("codebase_version: v3.0"),
    "a list for info": lambda root: (root / "meta/info.json").write_text("[]"),
    "no features": lambda root: info(root, lambda said: said.pop("features")),
}  # fmt: skip


def _plain(name: str) -> str:
    return name.replace("'", "").replace(" ", "-")  # FFmpeg's lists, in which LeRobot joins videos, are not quoted


def make(folder: Path, name: str, root: Path) -> Path:
    """Put the dataset called `name` at `root`; what is recorded for it is kept in `folder`, for the next."""
    recorded = folder / (_plain(name) if name in RECORDED else "stock")
    if not recorded.exists():
        stock(recorded, **RECORDED.get(name, {}))
    shutil.copytree(recorded, root)
    BENT.get(name, nothing)(root)
    return root
