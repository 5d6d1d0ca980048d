"""Every line that we print for LeRobot's own commands, read by LeRobot's own parsers. Nothing is run."""

import json
import runpy
import shlex
import sys
from pathlib import Path

import draccus
import pytest
from typer.testing import CliRunner

from armchair.cli import app
from armchair.commands.twin import stock_commands
from armchair.terminal import lerobot_command
from armchair_core import lerobot_advice

CAMERAS = json.dumps({"front": {"type": "opencv", "index_or_path": 0, "width": 640, "height": 480, "fps": 30}})
FOLLOWER = lerobot_command.arm_words("follower", "/dev/ttyACM0", "mine")
LEADER = lerobot_command.arm_words("leader", "/dev/ttyACM1", "mine_too")


@pytest.fixture(scope="module", autouse=True)
def plugins():
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()


def words_of(lines: list[str]) -> tuple[str, list[str]]:
    """The command and its words; what follows is for people."""
    assert all(line.startswith("# ") and line.endswith(".") for line in lines[1:])
    command, *words = shlex.split(lines[0])
    return command, words


def parse(config: type, command: str, lines: list[str]):
    found, words = words_of(lines)
    assert found == command and (Path(sys.executable).parent / command).exists()
    return draccus.parse(config, args=words)


def wrapped(config: type, command: str, lines: list[str], monkeypatch):
    """As `lerobot.configs.parser.wrap` does, which reads paths of policies from the command line itself."""
    from lerobot.configs import parser

    found, words = words_of(lines)
    assert found == command and (Path(sys.executable).parent / command).exists()
    monkeypatch.setattr(sys, "argv", [command, *words])

    def run(cfg: config):
        return cfg

    return parser.wrap()(run)()


@pytest.mark.parametrize("kind", ["follower", "leader"])
@pytest.mark.parametrize("port", ["/dev/ttyACM0", "tcp://127.0.0.1:5101"])
def test_calibrate_and_setup_motors(kind, port):
    from lerobot.scripts.lerobot_calibrate import CalibrateConfig
    from lerobot.scripts.lerobot_setup_motors import SetupConfig

    device = parse(CalibrateConfig, "lerobot-calibrate", lerobot_command.calibrate(kind, port, "my arm")).device
    assert (device.port, device.id) == (port, "my arm")
    assert parse(SetupConfig, "lerobot-setup-motors", lerobot_command.setup_motors(kind, port)).device.port == port
    assert "cannot do one" in lerobot_command.calibrate(kind, port, "mine", "gripper")[1]
    assert "cannot do one" in lerobot_command.setup_motors(kind, port, "gripper")[1]


def test_teleoperate_and_record(monkeypatch):
    from lerobot.scripts.lerobot_record import RecordConfig
    from lerobot.scripts.lerobot_teleoperate import TeleoperateConfig

    read = wrapped(
        TeleoperateConfig, "lerobot-teleoperate", lerobot_command.teleoperate(FOLLOWER, LEADER, fps=30), monkeypatch
    )
    assert (read.robot.id, read.teleop.id, read.fps) == ("mine", "mine_too", 30)
    follower = lerobot_command.arm_words("follower", "/dev/ttyACM0", "mine", CAMERAS)
    dataset = lerobot_command.DatasetOptions("me/pens", "Put the pen in.", 5, 20, 5.5, Path("pens"), append=True)
    lines = lerobot_command.record(follower, LEADER, dataset)
    read = wrapped(RecordConfig, "lerobot-record", lines, monkeypatch)
    assert read.robot.cameras["front"].width == 640
    assert (read.dataset.single_task, read.dataset.reset_time_s, read.resume) == ("Put the pen in.", 5.5, True)
    assert read.dataset.push_to_hub is False
    assert lerobot_command.record_in_simulation()[0].startswith("# LeRobot has no command")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["train", "data", "--out", "x", "--seed", 3], "lerobot-train --dataset.repo_id=armchair/data"),
        (["eval", "expert", "--out", "x"], "# LeRobot judges policies only, and expert is none."),
        (["doctor"], "lerobot-find-port\n# LeRobot finds a port by unplugging"),
    ],
)
def test_dry_run_of_what_needs_no_arm(words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [*map(str, words), "--dry-run"])
    assert done.exit_code == 0
    assert done.stdout.startswith(says)
    assert list(tmp_path.iterdir()) == []


def test_dry_run_of_eval_names_the_folder_and_the_task(holding_policy, tmp_path, monkeypatch):
    from lerobot.configs.eval import EvalPipelineConfig

    words = ["eval", str(holding_policy), "--task", "lift", "--out", str(tmp_path / "x"), "--dry-run"]
    done = CliRunner().invoke(app, words)
    read = wrapped(EvalPipelineConfig, "lerobot-eval", done.stdout.splitlines(), monkeypatch)
    assert (read.env.task, read.eval.n_episodes, read.policy.type) == ("lift", 200, "nano")
    assert read.seed == 100_000
    assert not (tmp_path / "x").exists()
    assert "the task's own time" in CliRunner().invoke(app, [*words, "--episode-time", "30"]).stdout.splitlines()[-1]
    line, *_, last = CliRunner().invoke(app, [*words, "--suite", "robust"]).stdout.splitlines()
    assert "--eval.n_episodes=50" in line and "varies nothing" in last


def test_push():
    line, comment = lerobot_command.push("dataset", Path("my data"), "me/lift", public=False)
    words = shlex.split(line)
    assert words[:2] == ["python", "-c"]
    compile(words[2], "typed", "exec")
    assert words[2].endswith("LeRobotDataset('me/lift', root='my data').push_to_hub(private=True)")
    assert comment.startswith("# It is sent as it is")
    assert lerobot_command.push("policy", Path("p"), "me/p", public=False)[0] == "hf upload me/p p . --private"
    assert lerobot_command.push("policy", Path("p"), "me/p", public=True)[0] == "hf upload me/p p ."


def test_what_the_twin_prints(monkeypatch):
    from lerobot.scripts.lerobot_record import RecordConfig
    from lerobot.scripts.lerobot_teleoperate import TeleoperateConfig

    note = {"ports": {"follower": "/run/x/follower", "leader": "/run/x/leader"}, "cameras": {"front": "", "wrist": ""},
            "instruction": "Pick up the red cube."}  # fmt: skip
    teleoperate, record = stock_commands(note, float("inf"))
    wrapped(TeleoperateConfig, "lerobot-teleoperate", [teleoperate], monkeypatch)
    read = wrapped(RecordConfig, "lerobot-record", [record], monkeypatch)
    assert set(read.robot.cameras) == {"front", "wrist"}
    assert read.dataset.episode_time_s == 30


def test_train_and_run(tmp_path, monkeypatch):
    from lerobot.configs.train import TrainPipelineConfig
    from lerobot.rollout import RolloutConfig

    from armchair_policies.nano.configuration_nano import NanoConfig

    NanoConfig(device="cpu").save_pretrained(tmp_path / "policy")
    read = wrapped(
        TrainPipelineConfig, "lerobot-train", lerobot_command.train(Path("data"), tmp_path / "out", 3), monkeypatch
    )
    assert (read.policy.type, read.seed, read.dataset.root) == ("nano", 3, "data")
    assert "--steps=7" in lerobot_command.train(Path("data"), tmp_path / "out", steps=7)[0]
    assert "train_config.json" in lerobot_command.train(Path("data"), tmp_path / "out", resume=True)[0]
    lines = lerobot_command.run(FOLLOWER, tmp_path / "policy", "Push.", 20)
    read = wrapped(RolloutConfig, "lerobot-rollout", lines, monkeypatch)
    assert (read.task, read.duration, read.policy.type) == ("Push.", 20, "nano")


ODD = Path("Müllers Daten/it's the first")


@pytest.mark.parametrize(
    ("line", "kind", "field"),
    [
        (lerobot_advice.merge([ODD, Path("b")], Path("both of them")), "merge", {"roots": [str(ODD), "b"]}),
        (lerobot_advice.delete_episodes(ODD, [0, 12], Path("out")), "delete_episodes", {"episode_indices": [0, 12]}),
        (lerobot_advice.remove_columns(ODD, ["shoved"], Path("out")), "remove_feature", {"feature_names": ["shoved"]}),
    ],
)
def test_what_our_sentences_advise_for_a_dataset(line, kind, field):
    from lerobot.scripts.lerobot_edit_dataset import EditDatasetConfig

    read = parse(EditDatasetConfig, "lerobot-edit-dataset", [line])
    assert read.operation.type == kind and {name: getattr(read.operation, name) for name in field} == field
    assert read.root in (None, str(ODD)) and read.new_repo_id.count("/") == 1


def test_what_our_sentences_advise_for_an_older_dataset(monkeypatch):
    from argparse import ArgumentParser

    from lerobot.scripts import convert_dataset_v21_to_v30 as converter

    program, *words = shlex.split(lerobot_advice.convert(ODD))
    assert program == "python" and words[:2] == ["-m", converter.__name__]
    read = []
    monkeypatch.setattr(sys, "argv", ["converter", *words[2:]])
    monkeypatch.setattr(
        ArgumentParser, "parse_args", lambda parser: read.extend(parser.parse_known_args()) or sys.exit()
    )
    with pytest.raises(SystemExit):
        runpy.run_path(converter.__file__, run_name="__main__")
    found, unknown = read
    assert not unknown and found.root == str(ODD) and not found.push_to_hub
