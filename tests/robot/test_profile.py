"""armchair.toml: written, read, mistyped, and set aside."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from armchair_core.errors import ArmchairError
from armchair_robot.arm_options import ArmOptions
from armchair_robot.profile import ArmOnBench, Profile, chosen, limits_of, read_profile, simulated_task
from armchair_robot.profile_toml import changed_text, text_of
from armchair_robot.safety.limits import Limits

BENCH = """
task = "Put the pen into the cup."
[follower]
port = "/dev/ttyACM0"
id = "mine"
[leader]
port = "/dev/ttyACM1"
id = "mine_too"
[cameras.front]
type = "opencv"
index_or_path = 0
width = 640
height = 480
fps = 30
[limits]
speed_deg_s = 90
table_m = "off"
"""


def read(folder, text: str) -> Profile:
    (folder / "armchair.toml").write_text(text)
    return read_profile(folder)


def places(options: ArmOptions) -> tuple:
    return options.arm, options.arm_id, options.leader, options.leader_id


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "armchair.toml").write_text('task = "lift"\n', encoding="utf-8-sig")
    assert read_profile(tmp_path).task == "lift"


def test_no_file_no_profile(tmp_path, monkeypatch):
    assert read_profile(tmp_path) is None
    (tmp_path / "armchair.toml").write_text(BENCH)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert read_profile() is None, "only the folder itself is looked into"
    monkeypatch.chdir(tmp_path)
    assert read_profile().follower.id == "mine"


def test_a_bench_is_every_commands_default(tmp_path):
    profile = read(tmp_path, BENCH)
    got = chosen(profile, ArmOptions())
    assert places(got) == ("/dev/ttyACM0", "mine", "/dev/ttyACM1", "mine_too")
    assert got.task == "Put the pen into the cup."
    assert got.limits == Limits(speed_deg_s=90, table_m=None)
    from armchair_robot.devices.arms import camera_configs

    assert camera_configs(None, got.cameras)["front"].width == 640, "LeRobot's own class takes them"


def test_what_is_typed_goes_before_it(tmp_path):
    got = chosen(read(tmp_path, BENCH), ArmOptions(arm_id="blue", leader="/dev/ttyACM7", task="Push."))
    assert places(got) == ("/dev/ttyACM0", "blue", "/dev/ttyACM7", None)
    assert got.task == "Push."


@pytest.mark.parametrize(
    ("task", "name"), [("place", "place"), ("Touch the red ball.", "reach"), ("Put the pen into the cup.", None)]
)
def test_its_task_is_the_simulations_if_there_is_such_a_one(tmp_path, task, name):
    assert simulated_task(read(tmp_path, f"task = '{task}'")) == name
    assert simulated_task(None) is None


@pytest.mark.parametrize("arm", ["twin", "/dev/ttyACM9"])
def test_another_arm_sets_it_aside(tmp_path, arm):
    got = chosen(read(tmp_path, BENCH), ArmOptions(arm=arm))
    assert got == chosen(None, ArmOptions(arm=arm))
    assert got.limits == Limits()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("taks = 'x'", "no setting called 'taks': did you mean 'task'"),
        ("[folower]\nport = 'a'", "did you mean 'follower'"),
        ("[follower]\nprot = 'a'", r"\[follower\]: .*did you mean 'port'"),
        ("[follower]\nid = 'a'", r"follower\.port"),
        ("[follower]\nport = 5", r"follower\.port cannot be 5"),
        ("[limits]\nspeed_deg = 5", "did you mean 'speed_deg_s'"),
        ("[limits]\nspeed_deg_s = -1", "a number above 0"),
        ("[limits]\nspeed_deg_s = nan", "a number above 0"),
        ("[limits]\nspeed_deg_s = 'off'", "a number above 0"),
        ("[limits]\nspeed_deg_s = true", r"limits\.speed_deg_s"),
        ("[cameras.front]\ntype = 'opncv'", "did you mean 'opencv'"),
        ("[cameras.front]\ntype = 'opencv'\nwith = 640", "did you mean 'width'"),
        ("[cameras.front]\nwidth = 640", "no type of camera"),
        ("task = ", "is not TOML"),
    ],
)
def test_mistakes_get_one_sentence(tmp_path, text, says):
    with pytest.raises(ArmchairError, match=says) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_what_is_written_can_be_read_and_says_what_it_is():
    profile = Profile(follower=ArmOnBench(port="serial:5A46", id="mine"))
    text = text_of(profile)
    assert Profile.model_validate(tomllib.loads(text)) == profile
    assert '# task = "' in text and "# [leader]" in text and "[limits]" in text


words = some.text(min_size=1).filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text))
arms = some.builds(ArmOnBench, port=words, id=some.none() | words)
values = some.recursive(
    some.booleans() | some.integers(-(2**53), 2**53) | some.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(words, inner, max_size=2),
    max_leaves=5,
)


profiles = some.builds(
    Profile,
    task=some.none() | words,
    follower=some.none() | arms,
    leader=some.none() | arms,
    cameras=some.dictionaries(words, some.dictionaries(words, values, max_size=3), max_size=2),
    limits=some.dictionaries(words, some.floats(allow_nan=False, allow_infinity=False), max_size=2),
)


@given(profiles)
def test_any_profile_survives_its_file(profile):
    assert Profile.model_validate(tomllib.loads(text_of(profile))) == profile


@given(profiles, profiles)
def test_any_profile_can_take_the_place_of_any_other(before, after):
    assert Profile.model_validate(tomllib.loads(changed_text(text_of(before), after))) == after


def test_a_changed_file_keeps_its_owners_comments_and_order():
    before = """# The bench in the cellar.

[leader]  # the blue one
id = "old"      # see the label
port = "/dev/ttyACM1"

# do not go faster than this
[limits]
speed_deg_s = 90  # Anna's rule

[follower]
port = "/dev/ttyACM0"

[cameras.front]
type = "opencv"  # the one with the red tape
index_or_path = 0
"""
    profile = Profile(
        task="Lift the pen.",
        follower=ArmOnBench(port="serial:5A46", id="mine"),
        leader=ArmOnBench(port="/dev/ttyACM1", id="new"),
        cameras={"front": {"type": "opencv", "index_or_path": 2}, "wrist": {"type": "opencv", "index_or_path": 1}},
        limits={"speed_deg_s": 90.0},
    )
    assert (
        changed_text(before, profile)
        == """# The bench in the cellar.
task = "Lift the pen."

[leader]  # the blue one
id = "new"      # see the label
port = "/dev/ttyACM1"

# do not go faster than this
[limits]
speed_deg_s = 90  # Anna's rule

[follower]
port = "serial:5A46"
id = "mine"

[cameras.front]
type = "opencv"  # the one with the red tape
index_or_path = 2

[cameras.wrist]
type = "opencv"
index_or_path = 1
"""
    )


@pytest.mark.parametrize("before", ["port = ", "taks = 1", "cameras = 'two'", 'follower = {port = "x"}'])
def test_a_file_that_cannot_be_changed_is_written_anew(before):
    profile = Profile(follower=ArmOnBench(port="serial:5A46", id="mine"), cameras={"front": {"type": "opencv"}})
    assert Profile.model_validate(tomllib.loads(changed_text(before, profile))) == profile


def test_without_a_profile_the_guards_own_limits():
    assert limits_of(None) == Limits()
