"""What others write, and every command that reads a dataset: it does the right thing, or says one sentence.

Whichever it is, nothing changes unasked, no two commands contradict each other, and `check` finds what breaks training.
"""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair_core.dataset_format.layout import open_layout
from armchair_core.dataset_format.statistics import statistics_faults
from armchair_core.dataset_format.stock import training_obstacles
from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.completeness import check_complete
from armchair_datasets.push.content.payload import make_payload
from armchair_policies.training.nano.decoded_frames import decode_frames
from armchair_policies.training.nano.learner import nano_config
from armchair_policies.training.training_data import read_training_data

_SPEC = importlib.util.spec_from_file_location("strange_datasets", Path(__file__).with_name("strange_datasets.py"))
strange = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(strange)

COMMANDS = ("info", "check", "nano", "act", "remove", "push", "repair")
UNREPAIRED = COMMANDS[:-1]
VERSION, DAMAGED = "has LeRobot's version v.* and v3.0 is needed: ", "meta/info.json is damaged .* try `armchair repair"
TIMES = {
    "nano": r"holds \d+ of 18 frames, each looked for at its row's time",
    "act": "are not shown at their rows' times",
    "remove": "are not shown at their rows' times",
}
MENDED = "try `armchair repair|mend it with `armchair repair"  # what a repair puts right, and stock LeRobot needs
FOR_STOCK = {"act": MENDED, "push": MENDED}
# Which commands refuse what, and a piece of their sentence. All else is done, and done right.
REFUSED: dict[str, dict[str, str]] = {
    "slower video": TIMES,
    "video of 25": TIMES,
    "times of day": TIMES,
    "drifting times": TIMES | dict.fromkeys(("nano", "act"), "come 20 a second by their timestamps"),
    "fps unlike the rows'": dict.fromkeys(("nano", "act"), "come 30 a second .* fps 15: write the true one there")
    | {"remove": MENDED, "repair": "can be recovered"},
    "short video": {"nano": "holds 12 of 18", "act": TIMES["act"], "remove": MENDED},
    "times begun late": {"remove": "cannot be told apart without loss"},
    "mark": FOR_STOCK,
    "mark, utf-16": FOR_STOCK,
    "mark in stats": FOR_STOCK,
    "no axes' names": {"act": MENDED},
    "axes' names left out": {"act": MENDED},
    "axes' names of others": {"act": MENDED},
    "tasks in a column": FOR_STOCK,
    "tasks without pandas": FOR_STOCK,
    "tasks with a gap": FOR_STOCK,
    "tasks out of order": FOR_STOCK,
    "no tasks": dict.fromkeys(("info", "nano", "act", "remove", "push"), "tasks"),
    "v2.1": dict.fromkeys(COMMANDS, f"{VERSION}convert it with `python -m lerobot.scripts.convert_dataset_v21_to_v30 "),
    "v2.0": dict.fromkeys(COMMANDS, f"{VERSION}bring it to v2.1 first"),
    "v1.6": dict.fromkeys(COMMANDS, f"{VERSION}bring it to v2.1 first"),
    "v4.0": dict.fromkeys(COMMANDS, f"{VERSION}it was made with a newer LeRobot"),
    "no version's name": dict.fromkeys(COMMANDS, "its version is 3, which LeRobot never had"),
    "no version": dict.fromkeys(UNREPAIRED, DAMAGED),
    "no json": dict.fromkeys(UNREPAIRED, DAMAGED),
    "a list for info": dict.fromkeys(UNREPAIRED, DAMAGED),
    "no features": dict.fromkeys(UNREPAIRED, DAMAGED),
    "no statistics": {"act": MENDED},
    "statistics of less": {"act": MENDED},
    "statistics of nothing": {"act": MENDED},
    "no columns for rows": FOR_STOCK | {"remove": MENDED},
    "no places in videos": FOR_STOCK | dict.fromkeys(("check", "nano", "remove"), MENDED),
    "no table of episodes": dict.fromkeys(("check", "nano", "act", "remove", "push"), MENDED),
    "gap in the episodes": FOR_STOCK | {"remove": MENDED},
    "no data": dict.fromkeys(("check", "nano", "act", "remove", "push"), MENDED) | {"repair": "can be recovered"},
    "no video": {
        "nano": "cannot be read",
        "act": TIMES["act"],
        "remove": MENDED,
        "push": MENDED,
        "repair": "recovered",
    },
    "nan": dict.fromkeys(("nano", "act"), "not finite in episode 1 .*armchair repair") | {"remove": MENDED},
    "infinity": dict.fromkeys(("nano", "act"), "not finite in episode 1 .*armchair repair") | {"remove": MENDED},
    "a matrix for a state": dict.fromkeys(("nano", "act"), "has the shape 2 x 3"),
    "one number": {"act": "one number a frame: use --policy nano"},
    "no state": {"nano": "has no 'observation.state'"},
    "no camera": {"nano": "has no camera"},
    "no episodes": dict.fromkeys(("nano", "act", "push", "remove"), "holds no episodes") | {"repair": "record anew"},
    "depth": {"remove": "cannot be told apart without loss: use LeRobot's"},  # its HEVC, as LeRobot writes it
}
# What is refused because the policy wants something else: nothing is wrong with these datasets.
SOUND = {"one number", "no state", "no camera", "no episodes"}
NAMES = [*strange.BENT, *strange.RECORDED]
# To record one takes a second or two, so that most of those which are recorded anew wait for the slow run.
SOON = [*strange.BENT, "images", "one number"]
LATER = [pytest.param(name, marks=pytest.mark.slow) for name in NAMES if name not in SOON]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory) -> Path:
    """Where stock LeRobot's recordings are kept. Only for reading."""
    return tmp_path_factory.mktemp("recorded")


@pytest.fixture
def dataset(recorded, tmp_path, monkeypatch):
    """(name) -> the folder `data`, in which the process works."""

    def make(name: str) -> Path:
        monkeypatch.chdir(tmp_path)
        return strange.make(recorded, name, tmp_path / "data")

    return make


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def carry_out(*words: object) -> tuple[str | None, str]:
    """Run a command; return what it refused, None if it did its work, and all that it printed."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in (0, 1)
    return (done.stderr if done.exit_code else None), done.stdout


def refused(name: str, command: str, said: str | None) -> bool:
    """Check what a command said of a dataset against the table."""
    wanted = REFUSED.get(name, {}).get(command)
    if wanted is None:
        assert said is None
        return False
    assert said is not None, f"{command} takes it"
    assert re.fullmatch(r"error: [^\n]*\.\n", said), said
    assert re.search(wanted, said), said
    return True


def learnt_from(root: Path, first: int = 0) -> None:
    """Read a dataset as nano does, and compare every row with what was recorded, from the episode `first` on."""
    tables = read_training_data(root)
    config = nano_config(tables)
    assert config.robot_state_feature.shape == (tables.state.shape[1],)
    (key,) = tables.cameras
    seen = decode_frames(tables, 32)[key].float().mean(dim=(1, 2, 3)).numpy() - 60
    row = 0
    for episode, length in enumerate(tables.lengths.tolist(), first):
        for frame in range(length):
            assert tables.state[row, 0] == tables.action[row, 0] == 10 * episode + frame
            assert seen[row] == pytest.approx(strange.shade(episode, frame), abs=2.5)
            assert tables.sentences[tables.sentence[row]] == strange.TASKS[episode]
            row += 1
    assert row == len(tables.state)


def said_by(work, *args) -> str | None:
    """Return what a function refuses, as the command line prints it."""
    try:
        work(*args)
    except ArmchairError as error:
        return f"error: {error}\n"
    return None


@pytest.mark.parametrize("name", [*SOON, *LATER])
def test_what_only_reads(name, dataset):
    root = dataset(name)
    before = contents(root.parent)
    refused(name, "info", carry_out("info", "data")[0])
    fails = refused(name, "nano", said_by(learnt_from, Path("data"))) or "act" in REFUSED.get(name, {})
    said, printed = carry_out("check", "data", "--json")
    if not refused(name, "check", said) and fails and name not in SOUND:
        assert json.loads(printed)["level"] == "bad"
    assert contents(root.parent) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_prepares(name, dataset):
    root = dataset(name)
    before = contents(root.parent)
    act = ("--policy", "act", "--preset", "laptop", "--steps", 2, "--out", "policy", "--dry-run")
    refused(name, "act", carry_out("train", "data", *act)[0])
    refused(name, "push", said_by(lambda: check_complete(make_payload(Path("data"), "me/data"))))
    carry_out("repair", "data", "--dry-run")
    assert contents(root.parent) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_remove(name, dataset):
    root = dataset(name)
    before = contents(root.parent)
    if refused(name, "remove", carry_out("remove", "data", 0, "--yes")[0]):
        assert contents(root.parent) == before
    else:
        assert len(open_layout(root).episodes) == strange.EPISODES - 1
        if "nano" not in REFUSED.get(name, {}):
            learnt_from(root, first=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_repair(name, dataset):
    """What it mends is mended for stock LeRobot as well, and the damaged one is kept."""
    root = dataset(name)
    before = contents(root)
    if refused(name, "repair", carry_out("repair", "data")[0]):
        assert contents(root) == before
        return
    layout = open_layout(root)
    if layout.episodes:
        assert list(training_obstacles(layout)) == list(statistics_faults(root, layout.info.features)) == []
    changed = contents(root) != before
    assert root.with_name("data.broken").exists() == changed
    if changed and len(layout.episodes) == strange.EPISODES:
        learnt_from(root)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if "nano" not in REFUSED.get(name, {})])
def test_nano_trains(name, dataset):
    root = dataset(name)
    before = contents(root)
    said, _ = carry_out("train", "data", "--steps", 1, "--out", "policy")
    assert said is None and contents(root) == before
    facts = json.loads(Path("policy/checkpoints/last/pretrained_model/armchair.json").read_text())
    assert facts["fps"] == open_layout(root).info.fps


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("names in a list", strange.JOINTS), ("names as a mapping", strange.JOINTS), ("names too few", None)],
)
def test_the_joints_of_others_have_their_names(name, wanted, dataset):
    assert read_training_data(dataset(name)).joint_names == wanted
