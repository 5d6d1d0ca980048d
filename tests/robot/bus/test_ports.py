"""Ports by name and number, and what keeps a user from opening one."""

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from armchair_core.errors import ArmchairError
from armchair_robot.bus.ports import find_ports, resolve_port, why_unusable
from armchair_sim.twin import runtime


@pytest.fixture
def adapters(monkeypatch, tmp_path):
    """One USB adapter and one port of the mainboard; no twin."""
    monkeypatch.setenv(runtime.FOLDER_VARIABLE, str(tmp_path))
    usb, mainboard = ListPortInfo("/dev/ttyACM0", True), ListPortInfo("/dev/ttyS0", True)
    usb.vid, usb.serial_number, usb.description = 0x1A86, "5A46", "USB Single Serial"
    monkeypatch.setattr(list_ports, "comports", lambda: [mainboard, usb])
    return tmp_path


def test_adapters_and_the_twin_are_found(adapters):
    assert [port.path for port in find_ports()] == ["/dev/ttyACM0"]
    runtime.write_note(adapters, {"ports": {"follower": "/x/follower", "leader": "/x/leader"}})
    assert [port.path for port in find_ports()] == ["/dev/ttyACM0", "/x/follower", "/x/leader"]


def test_a_serial_number_names_the_port_that_it_is_at_now(adapters):
    assert resolve_port("serial:5A46") == resolve_port("/dev/ttyACM0") == "/dev/ttyACM0"
    with pytest.raises(ArmchairError, match="serial:5A46 at /dev/ttyACM0"):
        resolve_port("serial:5A47")


def test_what_is_no_port_is_said(tmp_path):
    assert "there is no port" in why_unusable(str(tmp_path / "ttyACM0"))
    assert "not a serial port" in why_unusable(str(tmp_path))
    assert why_unusable("/dev/null") is None
