"""Driving over the network with a real client on loopback: who may, what is taken, and what silence does."""

import json
import re
import socket
import time
from contextlib import ExitStack, contextmanager

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import START
from armchair_robot.devices import last_observation
from armchair_robot.teleoperators.config_people import ArmchairNetworkConfig
from armchair_robot.teleoperators.network.driver import DEADMAN_S, LEAVES_S, Hold, Jog, Wheel, read_command
from armchair_robot.teleoperators.network.network import ArmchairNetwork

LINKED = re.compile(r'(?:src|href)="([^"]+)"')
UP = {"type": "jog", "rates": [0, 0, 1, 0, 0, 0]}
DOWN = {"type": "jog", "rates": [0, 0, -1.0, 0, 0, 0], "speed": "slow"}


@contextmanager
def opened(folder, **options):
    last_observation.forget()
    hand = ArmchairNetwork(ArmchairNetworkConfig(port=0, calibration_dir=folder, **options))
    hand.connect()
    hand.begin_at(START)
    yield hand
    hand.disconnect()


@pytest.fixture(scope="module")
def hand(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("network")) as hand:
        yield hand


@pytest.fixture
def drive(hand):
    """Open a line to the hand; closed, and the wheel free again, after the test."""
    with ExitStack() as lines:

        def drive(address: str | None = None, **options):
            address = address or hand.links[0].replace("http", "ws") + "drive"
            return lines.enter_context(connect(address, proxy=None, **options))

        yield drive
    while hand.wheel.is_driven():
        time.sleep(0.005)


def say(line, message) -> dict:
    line.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
    return json.loads(line.recv(timeout=5))


def joints(hand) -> np.ndarray:
    return np.array(list(hand.get_action().values()))


def test_what_is_wished_moves_the_arm_and_silence_holds_it(hand, drive):
    line = drive()
    hand.get_action()
    before = joints(hand)
    for _ in range(4):
        assert "normal" in say(line, UP)["status"]
        time.sleep(0.02)
        moved = joints(hand)
    assert np.abs(moved - before).max() > 0.5
    time.sleep(DEADMAN_S + 0.05)
    held = joints(hand)
    time.sleep(0.05)
    np.testing.assert_array_equal(joints(hand), held)
    assert "holding still" in hand.status
    say(line, {"type": "hold"})
    time.sleep(0.02)
    np.testing.assert_array_equal(joints(hand), held)


def test_joint_targets_are_approached_not_jumped_to(hand, drive):
    line, goal = drive(), [0.0, -45.0, 35.0, 80.0, 0.0, 20.0]
    hand.begin_at(START)
    hand.get_action()
    say(line, {"type": "targets", "targets": goal, "speed": "fast"})
    time.sleep(0.02)
    first = joints(hand)
    assert 0 < np.abs(first - START).max() < 12
    for _ in range(20):
        say(line, {"type": "targets", "targets": goal, "speed": "fast"})
        time.sleep(0.03)
        joints(hand)
    np.testing.assert_allclose(joints(hand), goal, atol=0.05)


@pytest.mark.parametrize(
    "message",
    [
        "up", "", "[]", "{}", "null", b"\x00\x01", '{"type": "jog"}',
        '{"type": "jog", "rates": [0, 0, NaN, 0, 0, 0]}', '{"type": "jog", "rates": [0, 0, Infinity, 0, 0, 0]}',
        '{"type": "jog", "rates": [0, 0, 1e999, 0, 0, 0]}', '{"type": "jog", "rates": [0, 0, 1.01, 0, 0, 0]}',
        '{"type": "jog", "rates": [0, 0, 1, 0, 0]}', '{"type": "jog", "rates": [0, 0, "1", 0, 0, 0]}',
        '{"type": "jog", "rates": [0, 0, true, 0, 0, 0]}',
        '{"type": "jog", "rates": [0,0,1,0,0,0], "speed": "ludicrous"}',
        '{"type": "jog", "rates": [0,0,1,0,0,0], "torque": 9}', '{"type": "targets", "targets": [0,-50,30,85,0,1000]}',
        '{"type": "targets", "targets": [0,-50,30,85,0]}', '{"type": "shutdown"}',
    ],
)  # fmt: skip
def test_what_is_no_wish_ends_the_drive_and_holds(hand, drive, message):
    line = drive()
    say(line, UP)
    assert "error" in say(line, message)
    with pytest.raises(ConnectionClosed) as closed:
        line.recv(timeout=5)
    assert closed.value.rcvd.code == 1008
    assert hand.wheel.command(time.perf_counter()) is None


def test_a_message_that_is_too_large_ends_the_drive(hand, drive):
    line = drive()
    say(line, UP)
    line.send(json.dumps({**UP, "padding": "x" * 5000}))
    with pytest.raises(ConnectionClosed) as closed:
        line.recv(timeout=5)
    assert closed.value.rcvd.code == 1009
    while hand.wheel.is_driven():
        time.sleep(0.005)


def test_one_drives_at_a_time(hand, drive):
    first, second = drive(), drive()
    say(first, UP)
    assert "somebody else drives" in json.loads(second.recv(timeout=5))["error"]
    with pytest.raises(ConnectionClosed):
        second.recv(timeout=5)
    assert "status" in say(first, UP)
    first.close()
    while hand.wheel.is_driven():
        time.sleep(0.005)
    assert "status" in say(drive(), UP)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", "http://localhost:80"]
)
def test_other_web_pages_cannot_drive(drive, origin):
    with pytest.raises(InvalidStatus) as refused:
        drive(additional_headers={"Origin": origin})
    assert refused.value.response.status_code == 403


def test_the_own_page_can(hand, drive):
    origin = hand.links[0].rstrip("/")
    assert "status" in say(drive(additional_headers={"Origin": origin}), UP)


def test_another_host_name_leads_nowhere(hand):
    port = hand.links[0].rsplit(":", 1)[1].strip("/")
    for head in ("Host: evil.example", f"Host: 127.0.0.1:{port}\r\nHost: evil.example"):
        with socket.create_connection(("127.0.0.1", int(port))) as line:
            line.sendall(f"GET / HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n".encode())
            assert line.recv(100).split()[1] in (b"403", b"400")


def test_the_page_is_whole_and_asks_nobody_else(hand):
    page = httpx.get(hand.links[0], trust_env=False)
    assert page.status_code == 200
    parts = [httpx.get(hand.links[0] + name[1:], trust_env=False) for name in LINKED.findall(page.text)]
    assert len(parts) == 3 and all(part.status_code == 200 for part in parts)
    whole = "".join(part.text for part in (page, *parts)).replace("http://www.w3.org/", "")  # the names of SVG and XML
    assert "STOP" in whole
    assert "http://" not in whole and "https://" not in whole
    for part in (page, *parts):
        assert "frame-ancestors 'none'" in part.headers["content-security-policy"]
        assert "unsafe" not in part.headers["content-security-policy"]
    assert httpx.get(hand.links[0] + "docs", trust_env=False).status_code == 404


def test_on_the_local_network_a_token_is_needed(tmp_path, drive):
    with opened(tmp_path, lan=True) as hand:
        link, _, token = hand.links[0].partition("#")
        assert len(token) >= 12
        port = link.rsplit(":", 1)[1].strip("/")
        address = f"ws://127.0.0.1:{port}/drive"
        for wrong in ("", "?token=", "?token=x", f"?token={token}x"):
            with pytest.raises(InvalidStatus) as refused:
                drive(address + wrong)
            assert refused.value.response.status_code == 403
        assert "status" in say(drive(f"{address}?token={token}"), UP)
        assert token not in httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).text


def test_a_port_that_is_taken(hand, tmp_path):
    port = int(hand.links[0].rsplit(":", 1)[1].strip("/"))
    with pytest.raises(ArmchairError, match=f"port {port} cannot be taken, as .*: choose another"):
        ArmchairNetwork(ArmchairNetworkConfig(port=port, calibration_dir=tmp_path)).connect()


def test_the_wheel_is_free_again_when_its_driver_falls_silent():
    wheel = Wheel()
    assert wheel.take("ana", 0.0)
    assert wheel.steer("ana", Hold(type="hold"), 1.0)
    assert not wheel.take("ben", 1.0 + LEAVES_S * 0.9)
    assert wheel.take("ben", 1.0 + LEAVES_S * 1.1)
    assert wheel.command(1.0 + LEAVES_S * 1.1) is None, "ben has wished for nothing yet"
    assert not wheel.steer("ana", Hold(type="hold"), 5.0)
    wheel.leave("ana")
    assert wheel.is_driven()


@given(st.floats(0, 10))
def test_no_wish_outlives_the_deadman(age_s):
    wheel, wish = Wheel(), Jog(type="jog", rates=[0, 0, 1, 0, 0, 0])
    wheel.take("ana", 100.0)
    wheel.steer("ana", wish, 100.0)
    assert (wheel.command(100.0 + age_s) is wish) == (100.0 + age_s - 100.0 <= DEADMAN_S)


@given(st.text(max_size=80))
def test_any_text_is_a_wish_or_refused(text):
    with pytest.raises(ValidationError):
        read_command(text)
