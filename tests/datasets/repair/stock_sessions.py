"""Sessions of stock LeRobot that end badly, each in a process of its own. Run as a script by `conftest.py`.

It imports LeRobot once and then, for every line `{"session": name, "root": folder, …}` on stdin, forks a child
that records and dies, and prints how it ended. `truth` says what every frame of every session holds.
"""

import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np

FPS = 30
CAMERAS = ("front", "wrist")
JOINTS = ["shoulder_pan.pos", "shoulder_lift.pos", "elbow_flex.pos", "wrist_flex.pos", "wrist_roll.pos", "gripper.pos"]
TASKS = ("Lift the cube.", "Put it back.")


def length(episode: int) -> int:
    return (9, 5, 7)[episode % 3]


def truth(episode: int, frame: int, writer: int = 0) -> dict:
    """What the frame of an episode holds. Pictures are smooth, so that codecs keep them recognisable."""
    rng = np.random.default_rng([writer, episode, frame])
    y, x = np.mgrid[0:48, 0:64]
    picture = np.stack([x * 2 + 8 * frame, y * 2 + 16 * episode, 40 + 20 * frame + 0 * x], axis=-1)
    images = {"front": picture, "wrist": picture[::-1]}
    return {
        "observation.state": rng.normal(size=6).astype(np.float32),
        "action": rng.normal(size=6).astype(np.float32),
        "done": np.array([frame == length(episode) - 1]),
        **{f"observation.images.{camera}": np.ascontiguousarray(images[camera] % 256, np.uint8) for camera in CAMERAS},
        "task": TASKS[episode % 2],
    }


def features(kind: str) -> dict:
    vector = {"dtype": "float32", "shape": (6,), "names": JOINTS}
    image = {"dtype": kind, "shape": (48, 64, 3), "names": ["height", "width", "channels"]}
    return {
        "observation.state": dict(vector),
        "action": dict(vector),
        "done": {"dtype": "bool", "shape": (1,), "names": None},
        **{f"observation.images.{camera}": dict(image) for camera in CAMERAS},
    }


def create(root: Path, kind: str = "video", buffer: int = 10, **options):
    from lerobot.configs import RGBEncoderConfig
    from lerobot.datasets import LeRobotDataset

    options.setdefault("rgb_encoder", RGBEncoderConfig(vcodec="h264", crf=20))
    return LeRobotDataset.create(
        "me/broken", FPS, features(kind), root=root, robot_type="so_follower", use_videos=kind == "video",
        metadata_buffer_size=buffer, **options,
    )  # fmt: skip


def resume(root: Path):
    from lerobot.configs import RGBEncoderConfig
    from lerobot.datasets import LeRobotDataset

    return LeRobotDataset.resume("me/broken", root=root, rgb_encoder=RGBEncoderConfig(vcodec="h264", crf=20))


def save(dataset, *episodes: int, writer: int = 0) -> None:
    for episode in episodes:
        for frame in range(length(episode)):
            dataset.add_frame(truth(episode, frame, writer))
        dataset.save_episode()


def die_within(dataset, episode: int, frames: int = 4) -> None:
    """Record some frames of one more episode, and be killed."""
    for frame in range(frames):
        dataset.add_frame(truth(episode, frame))
        if dataset.writer._streaming_encoder is not None:
            time.sleep(0.1)  # until the encoder has opened its file
    os.kill(os.getpid(), signal.SIGKILL)


def finished(root: Path, episodes: int = 3, kind: str = "video") -> None:
    dataset = create(root, kind)
    save(dataset, *range(episodes))
    dataset.finalize()


def killed(root: Path, episodes: int = 3, **options) -> None:
    dataset = create(root, **options)
    save(dataset, *range(episodes))
    die_within(dataset, episodes)


def killed_resumed(root: Path) -> None:
    finished(root)
    dataset = resume(root)
    save(dataset, 3, 4)
    die_within(dataset, 5)


def killed_while_encoding(root: Path) -> None:
    """The rows of the episode 2 are written and its pictures staged, but its videos are not."""
    from lerobot.datasets import dataset_writer

    dataset = create(root)
    save(dataset, 0, 1)
    dataset_writer.encode_video_frames = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    for frame in range(length(2)):
        dataset.add_frame(truth(2, frame))
    dataset.save_episode(parallel_encoding=False)


def crashed_in_batches(root: Path) -> None:
    """`batch_encoding_size=2` breaks by itself at the second save (lerobot 0.6.1)."""
    save(create(root, batch_encoding_size=2), 0, 1, 2)


def full_disk(root: Path, buffer: int = 10, kind: str = "video") -> None:
    """`root` lies on a small file system. Every error of the disk ends the session, as in `lerobot-record`."""
    dataset = create(root, kind, buffer)
    try:
        save(dataset, *range(1000))
    finally:
        dataset.finalize()


def two_writers(root: Path) -> None:
    """Both resume after one episode; the second overwrites what the first has written, and its counts."""
    finished(root, 1)
    first, second = resume(root), resume(root)
    save(first, 1, 2)
    save(second, 1, writer=1)
    first.finalize()
    second.finalize()


def not_a_number(root: Path) -> None:
    dataset = create(root)
    for episode in range(3):
        for frame in range(length(episode)):
            row = truth(episode, frame)
            if (episode, frame) == (1, 2):
                row["observation.state"][3] = np.nan
            dataset.add_frame(row)
        dataset.save_episode()
    dataset.finalize()


SESSIONS = {
    function.__name__: function
    for function in (
        finished, killed, killed_resumed, killed_while_encoding, crashed_in_batches, full_disk, two_writers,
        not_a_number,
    )
}  # fmt: skip


def repair(root: Path, die_at: int | None = None, most_bytes: int | None = None) -> None:
    """`armchair repair`, killed at its change number `die_at` of the disk, or with files limited in size."""
    from armchair_datasets.repair.repair import repair as run

    if most_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    changes = _count_changes(die_at)
    run(root)
    print(json.dumps({"changes": changes}), flush=True)


def _count_changes(die_at: int | None) -> list[str]:
    """Listens to every change of the disk that Python makes from now on, before it is made."""
    changes: list[str] = []

    def listen(event: str, arguments: tuple) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in ("os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir"):
            changes.append(event)
            if len(changes) == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(listen)
    return changes


def add_one(root: Path, episode: int) -> None:
    """What an owner does next: resume with stock LeRobot and record one more episode."""
    dataset = resume(root)
    save(dataset, episode)
    dataset.finalize()


def run(session: str, root: str, **options) -> None:
    (SESSIONS | {"repair": repair, "add_one": add_one})[session](Path(root), **options)


def serve() -> None:
    import lerobot.datasets  # noqa: F401 - before the first fork, as it takes seconds

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                run(**json.loads(line))
                code = 0
            except BaseException:
                traceback.print_exc()
                code = 1
            sys.stderr.flush()
            os._exit(code)
        print(json.dumps({"child": child}), flush=True)
        print(json.dumps({"status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}), flush=True)


if __name__ == "__main__":
    serve()
