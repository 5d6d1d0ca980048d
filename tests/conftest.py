"""For all tests."""

import copy
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from filelock import ReadWriteLock

import armchair_sim  # noqa: F401 - before MuJoCo, so that it draws without a screen
from armchair_core import command_line

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
_PATIENCE_MS = 400
_RERUNS, _PAUSE_S = 3, 3  # what made the machine stand still may be over by then
# Whoever comes through `uv run` is shown commands with `uv run`; the tests expect them without.
os.environ.pop("UV_RUN_RECURSION_DEPTH", None)
# Programs that no shell would find are shown with their places; the tests expect them without.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


@pytest.fixture(scope="module")
def steady_driver(request):
    """For tests that hold a stock driver in this process, which gives a servo 50 ms to answer.

    After hundreds of tests a full garbage collection takes longer than that, and the driver would then report
    servos as missing that have long since answered. On a machine that stands still longer, a test that is tried
    again has a driver with more patience.
    """
    from lerobot.motors.feetech import feetech

    from armchair_robot.bus.transports import TransportPort

    own = feetech.patch_setPacketTimeout

    def patient(port, packet_length: int) -> None:
        own(port, packet_length)
        port.packet_timeout += _PATIENCE_MS if request.session.stash[_TRIED_AGAIN_KEY] else 0

    gc.collect()
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feetech, "patch_setPacketTimeout", patient)
        patch.setattr(TransportPort, "setPacketTimeout", patient)
        yield
    gc.unfreeze()


def _complaint(words: Sequence[str], whole: bool = True) -> str | None:
    """What `armchair` has against these words: unknown commands and options, and unless more follow, missing ones."""
    from armchair.cli import COMMANDS, load_command

    name, *rest = words
    if name.startswith("-"):
        return None if words in (["--help"], ["--version"]) else f"no option {name}"
    if name not in COMMANDS:
        return f"no command {name}"
    command = load_command(name)
    while True:
        context = command.context_class(command, info_name=name)
        try:
            found, left, _ = command.make_parser(context).parse_args(list(rest))
            for parameter in command.params:
                value = found.get(parameter.name)
                if value not in (None, ()) and not (isinstance(value, str) and value in _PLACEHOLDERS):
                    alone = copy.copy(parameter)
                    alone.callback = None  # that asks whether the names exist
                    alone.process_value(context, value)
                elif value in (None, ()) and parameter.required and whole and "help" not in found:
                    return f"{name} misses {parameter.name}"
        except Exception as error:
            return f"{name}: {error}"
        if not left:
            return None
        if left[0] not in getattr(command, "commands", {}):
            return f"{name} takes no {left}"
        command, name, rest = command.commands[left[0]], left[0], left[1:]


_PLACEHOLDERS = ("…",)


@pytest.fixture(scope="session")
def complaint_about() -> Callable[..., str | None]:
    """What the command line of Armchair has against words behind `armchair`; None if it takes them. Runs nothing."""
    return _complaint


@pytest.fixture(scope="session")
def all_options() -> set[str]:
    """Every option of every command of Armchair."""
    from armchair.cli import COMMANDS, load_command

    commands = [load_command(name) for name in COMMANDS]
    commands += [inner for command in commands for inner in getattr(command, "commands", {}).values()]
    options = [parameter for command in commands for parameter in command.params]
    return {name for option in options for name in (*option.opts, *option.secondary_opts)} | {"--help", "--version"}


@pytest.fixture(autouse=True)
def every_line_is_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever line of ours any test makes, the command line must take it."""
    made, reachable = [], command_line.runnable

    def note(program: str, *words: object) -> str:
        if program == "armchair":
            made.append([command_line._word(word) for word in words])
        return reachable(program, *words)

    monkeypatch.setattr(command_line, "runnable", note)
    yield
    # Not before: some are made while a module is imported.
    advised = {" ".join(words): complaint for words in made if (complaint := _complaint(words))}
    assert not advised, "advised, but not taken"


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


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup():
    try:
        return (yield)
    finally:
        stand_among_others()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    try:
        return (yield)
    finally:
        stand_among_others()


def stand_among_others() -> None:
    """Let this process wait for its turn again, and with it all that it will start.

    SVT-AV1, by which stock LeRobot compresses, leaves the thread of a root's process at SCHED_FIFO 99. A twin that
    inherits that and a driver that does keep each other from answering.
    """
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def goes_by_the_clock(item) -> bool:
    """Whether nothing else may run meanwhile: a stock driver's 50 ms are real time."""
    return "steady_driver" in item.fixturenames or item.get_closest_marker("real_time") is not None


def pytest_collection_modifyitems(config, items):
    """By the clock: what fails while this very machine stood still is tried again.

    Files with such tests come last. Before them, two processes work side by side and none waits for the other.
    """
    for item in filter(goes_by_the_clock, items):
        stood_still = config.stash[_WITNESS_KEY].saw_a_standstill
        item.add_marker(pytest.mark.flaky(reruns=_RERUNS, reruns_delay=_PAUSE_S, condition=stood_still))
    last = {item.path for item in items if goes_by_the_clock(item)}
    # The whole chain first: with `-n 2` the longest file would otherwise begin last and be waited for.
    items.sort(key=lambda item: (item.path in last, item.path.parent != Path(__file__).parent))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """With `-n 2` others wait while a test goes by the clock."""
    lock = item.config.stash[_LOCK_KEY]
    with lock.write_lock() if goes_by_the_clock(item) else lock.read_lock():
        return (yield)


_WITNESS_KEY, _LOCK_KEY, _SHARED_KEY, _TRIED_AGAIN_KEY = (pytest.StashKey() for _ in range(4))
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
    item.session.stash[_TRIED_AGAIN_KEY] = getattr(item, "execution_count", 1) > 1  # pytest-rerunfailures


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
