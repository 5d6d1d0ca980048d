"""A tiny world in which only the pictures say what to do, for the tests of nano and of its training.

A red disc on grey stands somewhere, and the two joints of the arm are to move to where it stands, whatever
their own positions say. Cameras may have any size; all of them see the same scene.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from armchair_policies.nano.configuration_nano import NanoConfig

FPS = 10
TASK = "point at the disc"
JOINTS = ["left.pos", "right.pos"]
RANGE_DEG = 40.0
FRONT = {"front": (96, 96)}


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Batches this small gain nothing from threads, and lose much when tests share the cores."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("armchair_policies.training.nano.threads.MOST_THREADS", 1)
        yield


def draw_disc(place: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 [height, width, 3] with a red disc centred at `place` (x, y in 0 to 1, kept off the border)."""
    y, x = np.mgrid[0:height, 0:width]
    center_x, center_y = (0.15 + 0.7 * place) * (width, height)
    distance = np.hypot((x - center_x) / width, (y - center_y) / height)
    inside = np.clip((0.1 - distance) * 20 + 0.5, 0, 1)[..., None]
    return ((1 - inside) * 110 + inside * np.array([220, 40, 40])).astype(np.uint8)


def wanted_action_deg(place: np.ndarray) -> np.ndarray:
    """The joints that belong to a disc, float32[2] in degrees."""
    return ((place - 0.5) * 2 * RANGE_DEG).astype(np.float32)


@pytest.fixture(scope="session")
def record_discs(tmp_path_factory) -> Callable[..., Path]:
    """Writes a LeRobotDataset with LeRobot's own writer: one place of the disc an episode."""

    def record(
        episodes: int = 3, frames: int = 6, cameras: dict | None = None, episodes_per_file: int | None = None,
        task: str = TASK,
    ):  # fmt: skip
        from lerobot.datasets.lerobot_dataset import LeRobotDataset

        cameras, rng = cameras or FRONT, np.random.default_rng(0)
        root = tmp_path_factory.mktemp("discs") / "dataset"
        dataset = LeRobotDataset.create("armchair/discs", FPS, _features(cameras), root=root, robot_type="so_follower")
        for episode in range(episodes):
            place = rng.uniform(size=2)
            for _ in range(frames):
                dataset.add_frame({**_frame(place, cameras, rng), "task": task})
            dataset.save_episode()
            if episodes_per_file and (episode + 1) % episodes_per_file == 0:
                dataset.meta.info.video_files_size_in_mb = 1e-9  # the next episode opens a new file
        dataset.finalize()
        return root

    return record


@pytest.fixture(scope="session")
def discs(record_discs) -> Path:
    """A dataset of 3 episodes of 6 frames, seen by one camera of 96 x 96 pixels. Do not write into it."""
    return record_discs()


def _frame(place: np.ndarray, cameras: dict[str, tuple[int, int]], rng: np.random.Generator) -> dict:
    pictures = {f"observation.images.{name}": draw_disc(place, *size) for name, size in cameras.items()}
    state = rng.normal(0, RANGE_DEG, 2).astype(np.float32)
    action = wanted_action_deg(place)
    return {**pictures, "observation.state": state, "action": action}


def _features(cameras: dict[str, tuple[int, int]]) -> dict[str, dict]:
    joints = {"dtype": "float32", "shape": (2,), "names": JOINTS}
    names = ["height", "width", "channels"]
    pictures = {
        f"observation.images.{name}": {"dtype": "video", "shape": (*size, 3), "names": names}
        for name, size in cameras.items()
    }
    return {"observation.state": joints, "action": joints, **pictures}


@pytest.fixture(scope="session")
def make_config() -> Callable[..., NanoConfig]:
    """Builds the config of an arm of two joints seen by `cameras`."""

    def make(cameras: dict[str, tuple[int, int]] | None = None, **fields) -> NanoConfig:
        from lerobot.utils.feature_utils import dataset_to_policy_features

        inputs = dataset_to_policy_features(_features(cameras or FRONT))
        outputs = {"action": inputs.pop("action")}
        return NanoConfig(input_features=inputs, output_features=outputs, device="cpu", **fields)

    return make


@pytest.fixture(scope="session")
def make_batch() -> Callable[..., dict[str, torch.Tensor]]:
    """Builds normalised examples of the tiny world, each with its own disc, for `NanoPolicy.forward`."""

    def make(config: NanoConfig, count: int, seed: int = 0) -> dict[str, torch.Tensor]:
        rng = np.random.default_rng(seed)
        places = rng.uniform(size=(count, 2))
        batch = {
            name: torch.from_numpy(np.stack([draw_disc(place, *feature.shape[1:]) for place in places]))
            .permute(0, 3, 1, 2)
            .contiguous()
            for name, feature in config.image_features.items()
        }
        action = torch.from_numpy(wanted_action_deg(places) / RANGE_DEG)
        return {
            **batch,
            "observation.state": torch.from_numpy(rng.normal(size=(count, 2)).astype(np.float32)),
            "action": action[:, None].repeat(1, config.chunk_size, 1),
            "action_is_pad": torch.zeros(count, config.chunk_size, dtype=torch.bool),
        }

    return make
