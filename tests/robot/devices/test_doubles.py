"""One port for two arms, one camera under two names: refused in words wherever they are given."""

import pytest

from armchair_core.errors import ArmchairError
from armchair_robot.arm_options import ArmOptions
from armchair_robot.bus.ports import Port
from armchair_robot.devices import doubles
from armchair_robot.devices.arms import camera_configs
from armchair_robot.profile import chosen, read_profile

ONE_CAMERA = "{front: {type: opencv, index_or_path: 0, fps: 30, width: 640, height: 480}, wrist: {type: opencv, %s}}"


@pytest.fixture
def linked(tmp_path):
    """A port, and the link that names its adapter."""
    port, link = tmp_path / "ttyACM0", tmp_path / "usb-adapter"
    port.touch()
    link.symlink_to(port)
    return str(port), str(link)


def test_one_port_is_not_two_arms(linked):
    for one, other in (("/dev/ttyACM0", "/dev/ttyACM0"), linked, ("tcp://bench:8800", "tcp://bench:8800")):
        with pytest.raises(ArmchairError, match="the follower and the leader cannot both be at"):
            chosen(None, ArmOptions(one, leader=other))


def test_a_number_is_known_by_the_port_that_it_is_at(monkeypatch):
    there = [Port("/dev/ttyACM3", "adapter", "5A7A")]
    monkeypatch.setattr("armchair_robot.bus.ports.find_ports", lambda: there)
    with pytest.raises(ArmchairError, match="one port"):
        doubles.check_ports("serial:5A7A", "/dev/ttyACM3")
    doubles.check_ports("serial:5A7A", "serial:unplugged")


def test_what_is_two_stays_two(linked):
    for one, other in (("/dev/ttyACM0", "/dev/ttyACM1"), ("twin", "twin"), ("/dev/ttyACM0", None), (None, None)):
        doubles.check_ports(one, other)
        assert chosen(None, ArmOptions(one, leader=other)).leader == other


@pytest.mark.parametrize("again", ["index_or_path: 0", "index_or_path: '0'", "index_or_path: /dev/video0"])
def test_one_camera_is_not_two(again):
    with pytest.raises(ArmchairError, match="the cameras front and wrist are one camera"):
        camera_configs(None, ONE_CAMERA % again)


def test_two_cameras_of_one_kind_are_two():
    assert list(camera_configs(None, ONE_CAMERA % "index_or_path: 2")) == ["front", "wrist"]
    doubles.check_cameras({name: {"type": "armchair", "name": name} for name in ("front", "wrist")})
    doubles.check_cameras({name: {"type": "somebody's"} for name in ("front", "wrist")})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[follower]\nport = "/dev/a"\n[leader]\nport = "/dev/../dev/a"\n', "which is one port"),
        ('[cameras.front]\ntype = "opencv"\nindex_or_path = 1\n[cameras.top]\ntype = "opencv"\nindex_or_path = 1\n',
         "the cameras front and top are one camera"),
    ],
)  # fmt: skip
def test_a_bench_says_so_with_its_files_name(tmp_path, text, says):
    (tmp_path / "armchair.toml").write_text(text)
    with pytest.raises(ArmchairError, match=says) as refusal:
        read_profile(tmp_path)
    assert str(refusal.value).startswith(str(tmp_path / "armchair.toml"))
