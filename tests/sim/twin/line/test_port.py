"""Ports carry bytes, vanish and come back."""

import os
import socket
import sys
from pathlib import Path

import pytest

from armchair_sim.twin.line.port import PtyPort, TcpPort

ptys = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ptys")


def receive_within(port, tries: int = 200) -> bytes:
    import time

    for _ in range(tries):
        if data := port.receive():
            return data
        time.sleep(0.01)
    return b""


@ptys
def test_a_pty_carries_bytes_both_ways_untouched(tmp_path):
    port = PtyPort(tmp_path / "follower")
    driver = os.open(port.address, os.O_RDWR | os.O_NOCTTY)
    everything = bytes(range(256))
    os.write(driver, everything)
    assert receive_within(port) == everything
    port.send(everything)
    assert os.read(driver, 1000) == everything
    os.close(driver)
    port.unplug()


@ptys
def test_a_ptys_name_outlives_the_terminal(tmp_path):
    port = PtyPort(tmp_path / "follower")
    before = Path(port.address).readlink()
    port.unplug()
    port.unplug()
    assert not os.path.lexists(port.address)
    assert port.filenos() == []
    assert port.receive() == b""
    port.send(b"to nobody")
    holding = PtyPort(tmp_path / "other")  # takes the number that was freed
    port.plug()
    assert Path(port.address).readlink() != before or holding.address != port.address
    driver = os.open(port.address, os.O_RDWR | os.O_NOCTTY)
    os.write(driver, b"again")
    assert receive_within(port) == b"again"
    os.close(driver)
    port.unplug()
    holding.unplug()


@ptys
def test_a_driver_may_come_and_go(tmp_path):
    port = PtyPort(tmp_path / "follower")
    for word in (b"one", b"two"):
        driver = os.open(port.address, os.O_RDWR | os.O_NOCTTY)
        os.write(driver, word)
        os.close(driver)
        assert receive_within(port) == word
    assert port.receive() == b""
    port.unplug()


def test_tcp_serves_one_driver_at_a_time():
    port = TcpPort()
    number = int(port.address.rpartition(":")[2])
    first = socket.create_connection(("127.0.0.1", number))
    first.sendall(b"hello")
    assert receive_within(port) == b"hello"
    second = socket.create_connection(("127.0.0.1", number))
    port.receive()
    assert second.recv(1) == b"", "a second driver is turned away"
    port.send(b"reply")
    assert first.recv(10) == b"reply"
    first.close()
    assert receive_within(port, 20) == b""
    third = socket.create_connection(("127.0.0.1", number))
    third.sendall(b"next")
    assert receive_within(port) == b"next"
    port.unplug()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", number), timeout=1)
