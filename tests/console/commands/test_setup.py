"""`armchair setup` and `armchair setup-motors`, on servos in this process; and the latter once as it is typed."""

import importlib.util
import json
import logging
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from armchair.commands.bench import arms as setup_arms
from armchair.commands.bench import setup as setup_dialogue
from armchair.commands.bench.setup_motors import setup_motors_step
from armchair.terminal.questions import Questions
from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_core.so101.kinematics import START
from armchair_robot.bus.ports import Port
from armchair_robot.calibration import files
from armchair_robot.calibration import limp_arm as line
from armchair_robot.calibration.session import read_servos

PORTS = {"tcp://127.0.0.1:1": "leader", "tcp://127.0.0.1:2": "follower"}  # the buses lead to servos in this process
LEADER, FOLLOWER = PORTS
ARMCHAIR = Path(sys.executable).parent / "armchair"


@pytest.fixture
def make_shop(tmp_path, monkeypatch, steady_driver):
    path = Path(__file__).parents[2] / "robot" / "calibration" / "conftest.py"
    spec = importlib.util.spec_from_file_location("workshop", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    real_bus, made = line.make_bus, []
    monkeypatch.setattr("scservo_sdk.MAX_ID", 20)  # how many motors a search of LeRobot's waits for
    monkeypatch.setattr("armchair_robot.bus.probe._ROLL_CALL_S", 0.05)
    monkeypatch.setenv("ARMCHAIR_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(files, "HF_LEROBOT_CALIBRATION", tmp_path)
    monkeypatch.chdir(tmp_path)

    def make(new: bool = False):
        shop = module.Workshop(new)
        made.append(shop)

        def make_bus(port):
            bus = real_bus("in this process")
            bus.model_baudrate_table = {"sts3215": {1_000_000: 0}}  # a search takes a second a speed
            shop.plug(PORTS[port], bus)
            return bus

        monkeypatch.setattr(line, "make_bus", make_bus)
        return shop

    yield make
    for shop in made:
        shop.close()


class Owner(Questions):
    """Answers in order, then as by default, and plugs in what is asked for."""

    def __init__(self, shop, *answers: str) -> None:
        super().__init__(yes=False)
        self.shop, self.answers, self.heard = shop, list(answers), []
        self.plugs_in: dict[str, list[str]] = {}  # instead of what is asked for

    def enter(self, sentence: str) -> None:
        self.heard.append(sentence)
        asked = next((joint for joint in kinematics.JOINTS if f" {joint}'s" in sentence), None)
        joints = self.plugs_in.get(asked, [asked]) if asked else kinematics.JOINTS
        memories = [self.shop.memories()[kinematics.JOINTS.index(joint)] for joint in joints]
        self.shop.buses["follower"].memories = memories

    def text(self, question: str, default: str = "") -> str:
        self.heard.append(question)
        return self.answers.pop(0) if self.answers else default

    def sure(self, question: str, default: bool = True) -> bool:
        return {"y": True, "n": False, "": default}[self.text(question)]


def ids(shop) -> list[int]:
    return [memory["ID"] for memory in shop.memories()]


# --- setup-motors ---------------------------------------------------------------------------------------------
def test_a_new_arm_gets_its_ids(make_shop, capsys):
    shop = make_shop(new=True)
    setup_motors_step("follower", FOLLOWER, None, Owner(shop))
    assert ids(shop) == [1, 2, 3, 4, 5, 6]
    said = capsys.readouterr().out
    assert said.index("gripper has id 6") < said.index("shoulder_pan has id 1")
    assert f"armchair calibrate --arm {FOLLOWER}" in said


def test_it_goes_on_where_it_was_left(make_shop):
    shop = make_shop(new=True)
    owner = Owner(shop, "n")
    owner.plugs_in = {"wrist_flex": []}
    with pytest.raises(ArmchairError, match="motor does not answer"):
        setup_motors_step("follower", FOLLOWER, None, owner)
    assert ids(shop) == [1, 1, 1, 1, 5, 6]
    owner = Owner(shop)
    setup_motors_step("follower", FOLLOWER, None, owner)
    assert "gripper, wrist_roll got their ids before" in owner.heard[0]
    assert "wrist_flex's motor (id 4) alone" in owner.heard[1]
    assert ids(shop) == [1, 2, 3, 4, 5, 6]
    noted = json.loads((Path("state") / "setup-motors.json").read_text())
    assert noted == {}, "what is finished is forgotten"


def test_two_motors_at_once_are_refused_and_asked_for_again(make_shop, capsys):
    shop = make_shop(new=True)
    owner = Owner(shop, "y", "n")
    owner.plugs_in = {"gripper": ["gripper", "wrist_roll"]}
    with pytest.raises(ArmchairError, match="unplug all but one"):
        setup_motors_step("follower", FOLLOWER, "gripper", owner)
    assert ids(shop) == [1] * 6
    assert len(owner.heard) == 4, "plug in, try again?, plug in, try again?"
    assert "unplug all but one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bit", "registers", "says"),
    [
        (1, {"Present_Voltage": 35}, "the supply gives 3.5 V, too little"),
        (1, {"Present_Voltage": 121, "Max_Voltage_Limit": 80}, "the supply gives 12.1 V, too much"),
        (4, {}, "the motor is too hot"),
        (32, {}, "the motor is overloaded"),
    ],
)
def test_a_motor_with_an_alarm_says_why_and_keeps_its_id(make_shop, capfd, caplog, bit, registers, says):
    caplog.set_level(logging.WARNING)  # as in a process of its own; a test before this one may have asked for more
    shop = make_shop(new=True)
    gripper = shop.memories()[5]
    shop.bench.follower.step = lambda: None  # which would see that all is well
    for name, value in {"Status": bit, **registers}.items():
        gripper[name] = value
    with pytest.raises(ArmchairError, match=says):
        setup_motors_step("follower", FOLLOWER, "gripper", Owner(shop, "n"))
    assert ids(shop) == [1] * 6
    assert not caplog.records, "nor does LeRobot's log say anything"
    assert "RxPacket" not in "".join(capfd.readouterr())


def test_anothers_motor_is_not_given_a_new_id_unasked(make_shop):
    shop = make_shop()
    owner = Owner(shop, "n", "n")
    owner.plugs_in = {"gripper": ["elbow_flex"]}
    with pytest.raises(ArmchairError, match="this is elbow_flex's motor"):
        setup_motors_step("follower", FOLLOWER, "gripper", owner)
    assert ids(shop) == [1, 2, 3, 4, 5, 6]


def test_one_motor_alone(make_shop):
    shop = make_shop()
    shop.memories()[2]["ID"] = 42
    setup_motors_step("follower", FOLLOWER, "elbow_flex", Owner(shop))
    assert ids(shop) == [1, 2, 3, 4, 5, 6]


# --- setup ----------------------------------------------------------------------------------------------------
def read() -> dict:
    return tomllib.loads(Path("armchair.toml").read_text())


@pytest.fixture
def bench(make_shop, monkeypatch):
    """Two arms on two ports, no cameras; a hand moves the follower when it is asked to."""
    shop = make_shop()
    ports = [Port(LEADER, "USB adapter", "5A1"), Port(FOLLOWER, "USB adapter")]
    monkeypatch.setattr(setup_arms, "_usable_ports", lambda: ports)
    monkeypatch.setattr("lerobot.cameras.opencv.OpenCVCamera.find_cameras", lambda: shop.cameras)
    monkeypatch.setattr(setup_arms, "_lasting_name", lambda port: port.path)
    shop.cameras = []

    def say(text: str) -> None:
        if "Move the FOLLOWER" in text:
            shop.bench.follower.lead(START + np.array([20, 0, 0, 0, 0, 0]))
        print(text)

    monkeypatch.setattr(setup_arms, "say", say)
    return shop


def test_the_arm_that_moves_is_the_follower(bench):
    owner = Owner(bench, "my_arm", "hers", "Lift the cube.")
    setup_dialogue.setup_step(None, None, owner)
    assert read() == {
        "task": "Lift the cube.",
        "follower": {"port": FOLLOWER, "id": "my_arm"},
        "leader": {"port": LEADER, "id": "hers"},
        "limits": {},
    }
    assert not any(memory["Torque_Enable"] for memory in bench.memories())


@pytest.mark.parametrize("pulled", [FOLLOWER, None])
def test_arms_without_power_are_told_apart_by_their_plugs(bench, monkeypatch, pulled):
    monkeypatch.setattr(setup_arms, "_open_all", lambda *_: [])
    monkeypatch.setattr(setup_dialogue, "_ids_that_fit", lambda *_: [])
    ports, owner = setup_arms._usable_ports(), Owner(bench, "y", "my_arm", "hers")
    out = "Pull the FOLLOWER's USB plug"
    there = lambda: [port for port in ports if not (out in owner.heard[-1] and port.path == pulled)]  # noqa: E731
    monkeypatch.setattr(setup_arms, "find_ports", there)
    if pulled is None:
        with pytest.raises(ArmchairError, match="0 of 2 ports went away with that plug, not one"):
            setup_dialogue.setup_step(None, None, owner)
        return
    setup_dialogue.setup_step(None, None, owner)
    assert (read()["follower"]["port"], read()["leader"]["port"]) == (FOLLOWER, LEADER)
    assert "Plug it in again." in owner.heard


def test_the_id_that_fits_the_servos_is_offered(bench):
    arm = bench.arm()
    files.write(files.path_of("follower", "blue"), read_servos(arm))
    files.write(files.path_of("follower", "a_stranger"), {})
    arm.bus.disconnect(disable_torque=False)
    setup_dialogue.setup_step(FOLLOWER, None, Owner(bench))
    assert read()["follower"] == {"port": FOLLOWER, "id": "blue"}


def test_cameras_are_named_or_left_out(bench):
    profile = {"width": 640, "height": 480, "fps": 30.0}
    bench.cameras = [{"id": f"/dev/video{number}", "default_stream_profile": profile} for number in range(3)]
    setup_dialogue.setup_step(FOLLOWER, None, Owner(bench, "mine", "front", "-", "hand"))
    cameras = read()["cameras"]
    assert list(cameras) == ["front", "hand"]
    assert cameras["hand"] == {"type": "opencv", "index_or_path": "/dev/video2", "width": 640, "height": 480, "fps": 30}


def test_a_file_that_is_there_is_never_lost(bench):
    Path("armchair.toml").write_text("# mine\n")
    setup_dialogue.setup_step(FOLLOWER, None, Owner(bench))
    assert Path("armchair.toml").read_text() == "# mine\n", "the default is no"
    setup_dialogue.setup_step(FOLLOWER, None, Owner(bench, "y", "mine"))
    assert read()["follower"]["id"] == "mine"
    assert [path.read_text() for path in Path().glob("armchair.toml.old-*")] == ["# mine\n"]


def test_what_its_owner_wrote_stays(bench):
    before = """# Bench 3. Ask Anna before you change the limits.
[limits]
speed_deg_s = 90  # Anna's rule

[follower]
port = "/dev/gone"  # the black one
"""
    Path("armchair.toml").write_text(before)
    setup_dialogue.setup_step(FOLLOWER, None, Owner(bench, "y", "mine"))
    written = Path("armchair.toml").read_text()
    assert read()["limits"] == {"speed_deg_s": 90} and read()["follower"] == {"port": FOLLOWER, "id": "mine"}
    assert written.splitlines()[:3] == before.splitlines()[:3]
    assert f'port = "{FOLLOWER}"  # the black one' in written
    assert [path.read_text() for path in Path().glob("armchair.toml.old-*")] == [before]


def test_names_outlive_a_change_of_plugs():
    assert setup_arms._lasting_name(Port("/dev/ttyACM0", "USB adapter", "5A46")) == "serial:5A46"
    assert setup_arms._lasting_name(Port("/dev/ttyACM0", "USB adapter")) == "/dev/ttyACM0"


# --- as typed -------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.real_time
@pytest.mark.skipif(sys.platform != "linux", reason="a pty that carries 1 Mbaud")
def test_the_twins_new_arm_and_its_bench_as_typed(tmp_path):
    environment = {
        **os.environ, "ARMCHAIR_RUNTIME": str(tmp_path / "run"), "ARMCHAIR_STATE": str(tmp_path / "state"),
        "HF_LEROBOT_HOME": str(tmp_path / "home"),
    }  # fmt: skip

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=400)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    command = [ARMCHAIR, "twin", "--json", "--no-cameras", "--hand", "still", "--new-arm"]
    twin = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert twin.stdout.readline()
        run(ARMCHAIR, "setup", "--arm", "twin", "--yes")
        dry = run(ARMCHAIR, "setup-motors", "--dry-run").splitlines()
        assert [line.split()[0] for line in dry] == ["lerobot-setup-motors"] * 2, "the profile names both arms"
        assert "All six motors answer" in run(ARMCHAIR, "setup-motors", "--arm", "twin", "--yes")
    finally:
        twin.terminate()
        twin.wait(timeout=20)
    eprom = json.loads((tmp_path / "run" / "eprom.json").read_text())
    assert [servo["ID"] for servo in eprom["follower"]] == [1, 2, 3, 4, 5, 6]
    assert [servo["ID"] for servo in eprom["leader"]] == [1] * 6
