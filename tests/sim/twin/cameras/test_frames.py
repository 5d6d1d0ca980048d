"""Pictures and states between processes: newest wins, never half of one."""

import subprocess
import sys
import time

import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_sim.twin.cameras.frames import CAMERA_FAULTS, FrameSlot, StateSlot

WRITE_FLAT_OUT = (
    "import sys, numpy as np; from pathlib import Path; from armchair_sim.twin.cameras.frames import FrameSlot\n"
    "slot = FrameSlot.open(Path(sys.argv[1]))\n"
    "while not slot.closed: slot.write(np.full((480, 640, 3), slot.counter % 251, np.uint8))\n"
)
READ_ONCE = (
    "import sys; from pathlib import Path; from armchair_sim.twin.cameras.frames import FrameSlot\n"
    "print(FrameSlot.open(Path(sys.argv[1])).read().counter)\n"
)


@pytest.fixture
def slot(tmp_path):
    return FrameSlot.create(tmp_path / "front.frames", 480, 640)


def picture(value: int) -> np.ndarray:
    return np.full((480, 640, 3), value, np.uint8)


def test_reader_sees_what_was_written(slot):
    reader = FrameSlot.open(slot.path)
    assert reader.read() is None and reader.counter == 0
    pixels = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    before_s = time.monotonic()
    slot.write(pixels)
    frame = reader.read()
    np.testing.assert_array_equal(frame.pixels, pixels)
    assert before_s <= frame.captured_s <= time.monotonic()
    assert abs(frame.wall_s - time.time()) < 60
    assert (reader.name, reader.height, reader.width, frame.counter) == ("front", 480, 640, 1)


def test_newest_wins_and_earlier_copies_stay(slot):
    reader = FrameSlot.open(slot.path)
    slot.write(picture(1))
    first = reader.read()
    for value in range(2, 12):
        slot.write(picture(value))
    assert (reader.read().pixels == 11).all() and reader.read().counter == 11
    assert (first.pixels == 1).all()


def test_capture_time_is_when_the_shutter_opened(slot):
    second_ago_ns = time.monotonic_ns() - 1_000_000_000
    slot.write(picture(1), second_ago_ns)
    frame = slot.read()
    assert frame.captured_s == second_ago_ns / 1e9
    assert 0.9 < time.time() - frame.wall_s < 60


def test_no_picture_is_torn(slot):
    """A writer in another process overwrites as fast as it can; every picture read must be of one colour."""
    reader = FrameSlot.open(slot.path)
    writer = subprocess.Popen([sys.executable, "-c", WRITE_FLAT_OUT, str(slot.path)])
    try:
        counters = []
        deadline_s = time.monotonic() + 30
        while len(set(counters)) < 60 and time.monotonic() < deadline_s:
            if frame := reader.read():
                assert (frame.pixels == (frame.counter - 1) % 251).all()
                counters.append(frame.counter)
    finally:
        slot.close()
        assert writer.wait(30) == 0
    assert counters == sorted(counters) and len(set(counters)) == 60


def test_a_reader_that_ends_takes_nothing_away(slot):
    """Python 3.12's own shared memory is removed by the first reader that exits."""
    slot.write(picture(7))
    for _ in range(2):
        command = [sys.executable, "-c", READ_ONCE, str(slot.path)]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "1"
    assert (FrameSlot.open(slot.path).read().pixels == 7).all()


def test_a_new_slot_leaves_the_readers_of_the_old_one_alone(slot):
    """As after a twin that was killed: what is mapped stays whole, even if the new one is smaller."""
    slot.write(picture(3))
    reader = FrameSlot.open(slot.path)
    FrameSlot.create(slot.path, 96, 96).write(np.zeros((96, 96, 3), np.uint8))
    assert (reader.read().pixels == 3).all()
    assert FrameSlot.open(slot.path).read().pixels.shape == (96, 96, 3)


def test_closing_tells_the_readers_and_removes_the_file(slot):
    reader = FrameSlot.open(slot.path)
    assert not reader.closed
    slot.close()
    slot.close()
    assert reader.closed and not slot.path.exists()
    with pytest.raises(FileNotFoundError):
        FrameSlot.open(slot.path)


def test_an_open_slot_can_be_read_by_nobody_else(slot):
    if sys.platform != "win32":
        assert slot.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("harm", ["empty", "text", "version", "cut", "state"])
def test_another_file_is_refused(slot, harm):
    content = bytearray(slot.path.read_bytes())
    if harm == "version":
        content[8] += 1
    new = {"empty": b"", "text": b"hello" * 1000, "version": content, "cut": content[:-1], "state": None}[harm]
    if harm == "state":
        StateSlot.create(slot.path, 13, 0)
    else:
        slot.path.write_bytes(new)
    with pytest.raises(ArmchairError, match="stop the twin and start it again"):
        FrameSlot.open(slot.path)


def test_faults_are_set_by_anybody_and_seen_by_all(slot):
    for fault in CAMERA_FAULTS:
        FrameSlot.open(slot.path).set_fault(fault)
        assert slot.fault == fault
    with pytest.raises(ArmchairError, match="did you mean 'frozen'"):
        slot.set_fault("freezing")


@pytest.mark.parametrize("nmocap", [0, 2])
def test_state_round_trip(tmp_path, nmocap):
    slot = StateSlot.create(tmp_path / "state", 13, nmocap)
    reader = StateSlot.open(tmp_path / "state")
    assert reader.read() is None
    rng = np.random.default_rng(0)
    qpos, pos, quat = rng.normal(size=13), rng.normal(size=(nmocap, 3)), rng.normal(size=(nmocap, 4))
    slot.write(qpos, pos, quat, 2**31 - 1)
    state = reader.read()
    np.testing.assert_array_equal(state.qpos, qpos)
    np.testing.assert_array_equal(state.mocap_pos, pos)
    np.testing.assert_array_equal(state.mocap_quat, quat)
    assert state.scene == 2**31 - 1
    assert state.counter == 1 and state.captured_s <= time.monotonic()


def test_when_the_newest_was_captured_is_known_without_reading_it(tmp_path):
    slot = FrameSlot.create(tmp_path / "front.frames", 4, 6)
    assert slot.captured_s is None
    slot.write(np.zeros((4, 6, 3), np.uint8), captured_ns=2_500_000_000)
    assert slot.captured_s == slot.read().captured_s == 2.5
