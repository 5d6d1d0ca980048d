"""For all tests."""

import gc
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from filelock import ReadWriteLock

import armchair_sim  # noqa: F401 - before MuJoCo, so that it draws without a screen

# A process that wakes up every 5 ms and writes down, by the common clock, when it was woken much too late.
_WITNESS = """
import time
while True:
    before_s = time.monotonic()
    time.sleep(0.005)
    late_s = time.monotonic() - before_s - 0.005
    if late_s > 0.02:
        print(time.monotonic(), late_s, flush=True)
"""
_RERUNS = 2
# Whoever comes through `uv run` is shown commands with `uv run`; the tests expect them without.
os.environ.pop("UV_RUN_RECURSION_DEPTH", None)


@pytest.fixture(scope="module")
def steady_driver():
    """For tests that hold a stock driver in this process, which gives a servo 50 ms to answer.

    After hundreds of tests a full garbage collection takes longer than that, and the driver would then report
    servos as missing that have long since answered.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def holding_policy(tmp_path_factory) -> Path:
    """An untrained nano policy with both cameras that holds the arm where episodes start, within a degree or so."""
    import torch
    from lerobot.configs import FeatureType, PolicyFeature
    from lerobot.policies.factory import make_pre_post_processors

    from armchair_core.so101.kinematics import START
    from armchair_policies.nano.configuration_nano import NanoConfig
    from armchair_policies.nano.modeling_nano import NanoPolicy

    torch.manual_seed(0)
    cameras = {
        f"observation.images.{name}": PolicyFeature(FeatureType.VISUAL, (3, 32, 32)) for name in ("front", "wrist")
    }
    config = NanoConfig(
        input_features=cameras | {"observation.state": PolicyFeature(FeatureType.STATE, (6,))},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (6,))},
        device="cpu", keypoints=4, hidden_dim=16, image_size=32,
    )  # fmt: skip
    six = {"mean": torch.tensor(START).float(), "std": torch.full((6,), 0.3)}
    folder = tmp_path_factory.mktemp("holding")
    NanoPolicy(config).save_pretrained(folder)
    for processor in make_pre_post_processors(config, dataset_stats={"action": six, "observation.state": six}):
        processor.save_pretrained(folder)
    return folder


def goes_by_the_clock(item) -> bool:
    """A stock driver's 50 ms are real time."""
    return "steady_driver" in item.fixturenames or item.get_closest_marker("real_time") is not None


def pytest_collection_modifyitems(config, items):
    """By the clock: what fails while this very machine stood still is tried again."""
    for item in filter(goes_by_the_clock, items):
        item.add_marker(pytest.mark.flaky(reruns=_RERUNS, condition=config.stash[_WITNESS_KEY].saw_a_standstill))
    # The whole chain first: with `-n 2` the longest file would otherwise begin last and be waited for.
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """With `-n 2` others wait while a test goes by the clock."""
    lock = item.config.stash[_LOCK_KEY]
    with lock.write_lock() if goes_by_the_clock(item) else lock.read_lock():
        return (yield)


_WITNESS_KEY, _LOCK_KEY, _SHARED_KEY = pytest.StashKey(), pytest.StashKey(), pytest.StashKey()
_SHARED = "ARMCHAIR_TESTS_SHARED"  # the folder of all processes of this run


def pytest_configure(config):
    config.stash[_WITNESS_KEY] = _Witness()
    if "PYTEST_XDIST_WORKER" not in os.environ:  # who is one inherits the name
        config.stash[_SHARED_KEY] = tempfile.TemporaryDirectory(prefix="armchair-tests-")
        os.environ[_SHARED] = config.stash[_SHARED_KEY].name
    os.environ["ARMCHAIR_STATE"] = str(Path(os.environ[_SHARED], "state"))  # and not this user's own
    config.stash[_LOCK_KEY] = ReadWriteLock(Path(os.environ[_SHARED], "lock"))


def pytest_unconfigure(config):
    config.stash[_WITNESS_KEY].close()
    config.stash[_LOCK_KEY].close()
    if _SHARED_KEY in config.stash:
        config.stash[_SHARED_KEY].cleanup()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.config.stash[_WITNESS_KEY].began_s = time.monotonic()


class _Witness:
    """Knows whether the machine kept any process waiting during the present test."""

    def __init__(self) -> None:
        self._notes = tempfile.NamedTemporaryFile()  # noqa: SIM115 - open as long as the tests run
        self._process = subprocess.Popen([sys.executable, "-S", "-c", _WITNESS], stdout=self._notes)
        self.began_s = time.monotonic()

    def saw_a_standstill(self, _error: BaseException) -> bool:
        times = (float(line.split()[0]) for line in Path(self._notes.name).read_text().splitlines())
        return any(moment > self.began_s for moment in times)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._notes.close()
