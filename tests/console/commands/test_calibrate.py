"""`armchair calibrate`, its questions and its keys, on servos in this process; and once as it is typed."""

import importlib.util
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from armchair.commands import calibrate
from armchair.commands.bench import calibrate_by_hand
from armchair.commands.bench.calibrate import calibrate_step
from armchair.terminal.questions import Questions
from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_robot.calibration import files, limp_arm
from armchair_robot.calibration.session import CalibrationSession, read_servos

HERE = "tcp://127.0.0.1:1"  # no port is opened: the bus leads to servos in this process
ARMCHAIR = Path(sys.executable).parent / "armchair"


def load_workshop():
    path = Path(__file__).parents[2] / "robot" / "calibration" / "conftest.py"
    spec = importlib.util.spec_from_file_location("workshop", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Workshop()


class Owner(Questions):
    """Answers in order, and moves the arm when asked to; `heard` is what was asked."""

    def __init__(self, shop, *answers: str, yes: bool = False) -> None:
        super().__init__(yes)
        self.shop, self.answers, self.heard = shop, list(answers), []

    def enter(self, sentence: str) -> None:
        self.heard.append(sentence)
        self.shop.to_middle()
        self.shop.sweep("gripper")

    def text(self, question: str, default: str = "") -> str:
        self.heard.append(question)
        return self.answers.pop(0) if self.answers else default

    def sure(self, question: str, default: bool = True) -> bool:
        return {"y": True, "n": False, "": default}[self.text(question)]


@pytest.fixture
def shop(tmp_path, monkeypatch, steady_driver):
    """The follower's gripper is to be calibrated; keys are what `press` says once the hands have swept it."""
    shop = load_workshop()
    monkeypatch.setattr(files, "HF_LEROBOT_CALIBRATION", tmp_path)

    def make_bus(port):
        bus = real_bus("in this process")
        shop.plug("follower", bus)
        return bus

    @contextmanager
    def keys():
        yield shop

    real_bus = limp_arm.make_bus
    monkeypatch.setattr(limp_arm, "make_bus", make_bus)
    monkeypatch.setattr(calibrate_by_hand, "keys", keys)
    shop.presses = ["\n"]
    shop.typed = lambda within_s: shop.presses.pop(0) if not shop.bench.guided else ""
    shop.path = tmp_path / "robots" / "so_follower" / "mine.json"
    shop.servos = read_servos(shop.arm())
    yield shop
    shop.close()


def eproms(shop) -> list[dict]:
    return [memory.eprom() for memory in shop.memories()]


def test_one_joint_is_redone(shop, capsys):
    files.write(shop.path, shop.servos)
    owner = Owner(shop, "y")
    calibrate_step("follower", HERE, "mine", ["gripper"], owner)
    assert "its file and its servos agree" in owner.heard[0]
    assert "Put gripper into the middle" in owner.heard[1]
    said = capsys.readouterr().out
    assert "gripper" in said and "not moved yet" in said and "done" in said
    after = files.read(shop.path)
    assert after["gripper"] != shop.servos["gripper"] and after["elbow_flex"] == shop.servos["elbow_flex"]
    assert shop.memories()[5]["Homing_Offset"] == after["gripper"].homing_offset
    assert [memory["Torque_Enable"] for memory in shop.memories()] == [0] * 6


def test_a_calibrated_arm_is_left_alone_by_default(shop):
    files.write(shop.path, shop.servos)
    before = eproms(shop)
    calibrate_step("follower", HERE, "mine", ["gripper"], Owner(shop))
    assert eproms(shop) == before and list(shop.path.parent.iterdir()) == [shop.path]


@pytest.mark.parametrize("key", ["q", "\x1b"])
def test_stopping_in_the_middle_writes_nothing(shop, key):
    files.write(shop.path, shop.servos)
    before, text = eproms(shop), shop.path.read_text()
    shop.presses = [key]
    with pytest.raises(KeyboardInterrupt):
        calibrate_step("follower", HERE, "mine", ["gripper"], Owner(shop, "y"))
    assert eproms(shop) == before and shop.path.read_text() == text
    assert [memory["Torque_Enable"] for memory in shop.memories()] == [0] * 6


def test_a_joint_that_is_redone_must_be_swept_again(shop):
    files.write(shop.path, shop.servos)
    shop.presses = ["6\n", "\n", "\n", "q"]
    with pytest.raises(KeyboardInterrupt):
        calibrate_step("follower", HERE, "mine", ["gripper"], Owner(shop, "y"))


def test_a_small_range_is_kept_at_the_second_enter(shop):
    session = CalibrationSession(shop.arm())
    session.take_middle()
    for sweep in session.sweeps.values():
        sweep.low, sweep.high = -300, 300
    person = calibrate_by_hand.Person(session)
    person.hear("\n")
    assert not person.done and "ENTER again keeps it" in person.hint()
    person.hear("\n")
    assert person.done
    session.sweeps["gripper"].redo()
    person = calibrate_by_hand.Person(session)
    person.hear("\n\n\n")
    assert not person.done, "a joint that never moved cannot be kept"


def test_two_arms_with_one_id(shop, capsys):
    """The file is another arm's, and the servos hold what is noted under another id."""
    files.write(files.path_of("follower", "blue"), shop.servos)
    files.write(shop.path, {**shop.servos, "gripper": replace(shop.servos["gripper"], homing_offset=99)})
    before = eproms(shop)
    calibrate_step("follower", HERE, "mine", list(kinematics.JOINTS), Owner(shop, "q"))
    said = capsys.readouterr().out
    assert "gripper: offset 99 in the file, 0 in the servo" in said
    assert "hold the calibration of blue" in said and "add --id blue" in said
    assert eproms(shop) == before


def test_a_files_numbers_can_be_given_back_to_the_arm(shop):
    noted = {**shop.servos, "gripper": replace(shop.servos["gripper"], homing_offset=99)}
    files.write(shop.path, noted)
    calibrate_step("follower", HERE, "mine", list(kinematics.JOINTS), Owner(shop, "w"))
    assert shop.memories()[5]["Homing_Offset"] == 99
    assert files.read(shop.path) == noted


def test_a_file_that_cannot_be_right_is_said(shop, capsys):
    swapped = replace(shop.servos["gripper"], range_min=2673, range_max=1421)
    files.write(shop.path, {**shop.servos, "gripper": swapped})
    calibrate_step("follower", HERE, "mine", ["gripper"], Owner(shop, "n"))
    assert "minimum and maximum swapped" in capsys.readouterr().out
    shop.path.write_text("{")
    owner = Owner(shop, "n")
    calibrate_step("follower", HERE, "mine", ["gripper"], owner)
    assert "is damaged" in owner.heard[0]


def test_an_older_lerobots_file_is_copied_never_moved(shop):
    old = shop.path.parents[1] / "so101_follower" / "mine.json"
    old.parent.mkdir(parents=True)
    old.write_text(files.text_of(shop.servos))
    owner = Owner(shop, "y", "n")
    calibrate_step("follower", HERE, "mine", list(kinematics.JOINTS), owner)
    assert files.read(shop.path) == files.read(old) == shop.servos
    assert "its file and its servos agree" in owner.heard[1]


def test_motors_that_hold_are_not_dropped_without_a_word(shop):
    files.write(shop.path, shop.servos)
    shop.memories()[1]["Torque_Enable"] = 1
    owner = Owner(shop)
    owner.enter = owner.heard.append
    calibrate_step("follower", HERE, "mine", ["gripper"], owner)
    assert "Hold the arm" in owner.heard[0]


def test_a_missing_servo_and_no_power(shop):
    everyone = shop.buses["follower"].memories
    shop.buses["follower"].memories = everyone[:2] + everyone[3:]
    with pytest.raises(ArmchairError, match=r"elbow_flex \(id 3\) .* setup-motors --arm .* --joint elbow_flex"):
        calibrate_step("follower", HERE, "mine", ["gripper"], Owner(shop))
    shop.buses["follower"].memories = []
    with pytest.raises(ArmchairError, match="power supply plugged in"):
        calibrate_step("follower", HERE, "mine", ["gripper"], Owner(shop))
    shop.buses["follower"].memories = everyone


def test_which_arms_are_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArmchairError, match="which arm"):
        calibrate.which(None, None, None)
    assert calibrate.which("twin", None, None) == [("follower", "twin", "armchair_twin")]
    (tmp_path / "armchair.toml").write_text('[follower]\nport = "/dev/a"\nid = "x"\n[leader]\nport = "/dev/b"\n')
    assert calibrate.which(None, None, None) == [("follower", "/dev/a", "x"), ("leader", "/dev/b", "my_leader")]
    assert calibrate.which(None, "/dev/c", None) == [("leader", "/dev/c", "my_leader")]
    assert calibrate.which("/dev/a", None, "y") == [("follower", "/dev/a", "y")]


def test_answers_are_read_from_whoever_is_there(monkeypatch, capsys):
    reader, writer = os.pipe()
    with os.fdopen(reader) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        os.write(writer, b"maybe\ny\n\nblue\nleft for the keys")
        ask = Questions(yes=False)
        assert ask.sure("Really?", default=False)
        assert ask.text("Name:", "mine") == "mine"
        assert ask.text("Name:", "mine") == "blue"
        from armchair.terminal.questions import Keys

        assert Keys().typed() == "left for the keys", "nothing typed ahead is lost"
        os.close(writer)
        with pytest.raises(ArmchairError, match="nobody is there"):
            ask.text("Name:")
    assert Questions(yes=True).sure("Really?", default=False)
    assert not Questions(yes=True).really("Really?")
    assert "y or n?" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.skipif(sys.platform != "linux", reason="stock LeRobot needs a pty that carries 1 Mbaud")
def test_the_twin_is_calibrated_as_typed_and_stock_lerobot_takes_it(tmp_path):
    environment = {**os.environ, "ARMCHAIR_RUNTIME": str(tmp_path / "run"), "HF_LEROBOT_HOME": str(tmp_path / "home")}

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=400)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    twin = subprocess.Popen(
        [ARMCHAIR, "twin", "--json", "--no-cameras", "--hand", "still"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port = json.loads(twin.stdout.readline())["ports"]["follower"]
        assert "lerobot-calibrate" in run(ARMCHAIR, "calibrate", "--arm", "twin", "--id", "mine", "--dry-run")
        said = run(ARMCHAIR, "calibrate", "--arm", "twin", "--id", "mine", "--yes")
        assert said.count(" done") == 5
        found = json.loads((tmp_path / "home/calibration/robots/so_follower/mine.json").read_text())
        for servo, joint in enumerate(kinematics.JOINTS):
            assert found[joint]["range_min"] == pytest.approx(kinematics.RANGE_MIN_TICKS[servo], abs=40)
            assert found[joint]["range_max"] == pytest.approx(kinematics.RANGE_MAX_TICKS[servo], abs=40)
        code = (
            "from lerobot.robots.so_follower import SO101Follower as F, SO101FollowerConfig as C;"
            f"f = F(C(port={port!r}, id='mine')); f.connect(); print(f.is_calibrated); f.disconnect()"
        )
        assert run(sys.executable, "-c", code).strip().endswith("True")
    finally:
        twin.terminate()
        twin.wait(timeout=20)
