"""A page with something in every view: the arm, its cameras and its jobs are made up."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from armchair.web.drive.arm_choice import ArmChoice
from armchair.web.drive.camera_stream import CameraStream
from armchair.web.drive.cameras import Shot
from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.results import save_result, summarise, write_outcomes
from armchair_robot.loop.episode import Outcome
from armchair_robot.safety.limits import Limits
from armchair_sim.env import ArmchairEnv

LONG = "a-policy-with-a-name-of-nearly-sixty-letters-and-no-space-in-it"


class Painted:
    """A camera that shows one picture again and again."""

    shared_in = None

    def __init__(self, name: str, pixels: np.ndarray) -> None:
        self.name, self._pixels = name, pixels

    def next(self, within_s: float) -> Shot:
        time.sleep(1 / 15)
        return Shot(self._pixels, time.perf_counter())

    def close(self) -> None:
        """It has nothing to let go of."""


def evaluation(folder: Path, policy: str, every: int) -> None:
    """20 scenes of which one in `every` went wrong."""
    folder.mkdir(parents=True)
    words = ["success" if n % every else "missed the cube" for n in range(20)]
    outcomes = [Outcome(100_000 + n, said == "success", 50, said) for n, said in enumerate(words)]
    write_outcomes(outcomes, folder)
    save_result(summarise(Candidate(policy, "lift", None, 96, 96), {}, outcomes, 1.0, "armchair eval"), folder)


def training(folder: Path, slope: float) -> None:
    folder.mkdir()
    steps = np.arange(10, 1600, 10)
    losses = 0.9 * np.exp(-steps * slope) + 0.05
    rows = [
        f"{step},{step / 4},{loss:.4f},0.001,{'' if step % 200 else round(1.4 * loss, 4)}"
        for step, loss in zip(steps.tolist(), losses, strict=True)
    ]
    (folder / "loss.csv").write_text("\n".join(["step,elapsed_s,loss,learning_rate,val_loss", *rows]) + "\n")


def job(number: int, kind: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "number": number, "kind": kind, "title": f"Judge {LONG} in 50 scenes, as report-{number}",
        "line": f"armchair eval {LONG}", "out": f"report-{number}", "owner": "", "state": state, "words": "",
        "stage": "", "fraction": 0.0, "note": "", "left_s": None, "began_s": time.time() - 100, "ended_s": None,
    } | more  # fmt: skip


def jobs() -> list[dict[str, Any]]:
    title = "Train nano on lift-by-hand for 8 minutes, as policy-2"
    return [
        job(4, "eval", "running", stage="judging", fraction=0.4, left_s=75.0),
        job(3, "train", "running", title=title, out="policy-0", stage="training", fraction=0.7, left_s=130.0),
        job(2, "record", "done", title="The expert shows lift 50 times", out="lift-expert", ended_s=time.time()),
        job(1, "eval", "failed", words="there is no policy of this name any more.", ended_s=time.time()),
    ]


@pytest.fixture(scope="session")
def pictures() -> dict[str, np.ndarray]:
    """What the twin's cameras see, by their names."""
    env = ArmchairEnv("lift", height=480, width=640)
    seen, _ = env.reset(seed=100_003)
    env.close()
    return {name: np.ascontiguousarray(pixels) for name, pixels in seen["pixels"].items()}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory, pictures, serve_folder) -> Iterator[SimpleNamespace]:
    from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
    from armchair_datasets.recording.simulated.record import record

    folder = tmp_path_factory.mktemp("furnished")
    for name in ("lift-by-hand", "a-dataset-of-the-fourth-form-with-a-long-name"):
        record(SimulatedRecordingRequest("reach", "expert", 2, None, folder / name, workers=1))
    for number, every in enumerate((3, 5)):
        evaluation(folder / f"report-{number}", LONG if number else "lift", every)
        training(folder / f"policy-{number}", 0.004 / (number + 1))
    note = {"folder": str(folder / "twin"), "cameras": [*pictures], "task": "lift", "hand": "expert",
            "instruction": "Pick up the red cube."}  # fmt: skip
    choice = ArmChoice("twin", None, Limits(), "lift", note)
    with pytest.MonkeyPatch.context() as patch:
        painted = {name: Painted(name, pixels) for name, pixels in pictures.items()}
        patch.setattr("armchair.web.drive.camera_stream.open_sources", lambda _: painted)
        with serve_folder(folder, choice=choice) as page, closing(CameraStream(pictures)) as stream:
            page.cell.cameras = stream
            page.cell.twin_status = {"scene": 3, "success": False, "faults": ["brown-out"]}
            page.jobs.status = jobs
            page.long_name = LONG
            yield page
