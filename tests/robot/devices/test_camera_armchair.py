"""The twin's camera through LeRobot's eyes: its contract, and how it fails."""

import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from lerobot.cameras.configs import CameraConfig
from lerobot.cameras.utils import make_cameras_from_configs
from lerobot.utils.errors import DeviceAlreadyConnectedError, DeviceNotConnectedError

from armchair_robot.devices.camera_armchair import ArmchairCamera
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig
from armchair_sim.twin import runtime
from armchair_sim.twin.cameras.frames import FrameSlot


class Filming:
    """Writes pictures of one colour, its counter, as a camera process does: at some 100 a second."""

    def __init__(self, slot: FrameSlot) -> None:
        self.slot = slot
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._film)
        self._thread.start()

    def _film(self) -> None:
        while not self._stop.wait(0.01):
            if self.slot.fault == "none":
                self.slot.write(np.full((480, 640, 3), (self.slot.counter + 1) % 256, np.uint8))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(runtime.FOLDER_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def slot(folder):
    return FrameSlot.create(runtime.frames_path(folder, "front"), 480, 640)


@pytest.fixture
def filming(slot):
    filming = Filming(slot)
    yield filming
    filming.stop()


@pytest.fixture
def camera(filming):
    with ArmchairCamera(ArmchairCameraConfig(name="front")) as camera:
        yield camera


def test_lerobot_makes_it_from_its_config():
    config = CameraConfig.get_choice_class("armchair")(name="wrist")
    (camera,) = make_cameras_from_configs({"wrist": config}).values()
    assert type(camera) is ArmchairCamera
    assert (camera.height, camera.width, camera.fps) == (480, 640, 30)
    assert not camera.is_connected


def test_pictures_are_rgb_arrays_of_ones_own(camera):
    for picture in (camera.read(), camera.async_read(), camera.read_latest()):
        assert picture.shape == (480, 640, 3) and picture.dtype == np.uint8
        assert picture.min() == picture.max()
        picture[:] = 0  # nobody else's


def test_async_read_returns_no_picture_twice(camera):
    values = [int(camera.async_read(timeout_ms=5000)[0, 0, 0]) for _ in range(20)]
    assert all(later != earlier for earlier, later in pairwise(values))


def test_read_waits_for_the_next_picture(camera, slot):
    before = slot.counter
    camera.read()
    assert camera._seen > before


def test_read_latest_may_repeat_itself(camera, filming, slot):
    filming.stop()
    slot.write(np.full((480, 640, 3), 77, np.uint8))
    assert (camera.read_latest(max_age_ms=60_000) == 77).all()
    assert (camera.read_latest(max_age_ms=60_000) == 77).all()


def test_bgr(slot):
    camera = ArmchairCamera(ArmchairCameraConfig(name="front", color_mode="bgr"))
    camera.connect(warmup=False)
    slot.write(np.broadcast_to(np.array([1, 2, 3], np.uint8), (480, 640, 3)))
    assert camera.read_latest(max_age_ms=60_000)[0, 0].tolist() == [3, 2, 1]


def test_frozen_times_out_as_a_hung_driver_does(camera, slot):
    slot.set_fault("frozen")
    time.sleep(0.05)
    camera.read_latest(max_age_ms=60_000)
    with pytest.raises(TimeoutError, match=r"sent no new picture within 150 ms: it has the fault 'frozen'"):
        camera.async_read(timeout_ms=150)
    with pytest.raises(TimeoutError, match=r"ms old, more than the 100 ms allowed: it has the fault 'frozen'"):
        camera.read_latest(max_age_ms=100)
    assert camera.is_connected
    slot.set_fault("none")
    assert camera.async_read(timeout_ms=5000).shape == (480, 640, 3)


def test_frozen_at_connect(filming, slot):
    slot.set_fault("frozen")
    time.sleep(0.05)
    camera = ArmchairCamera(ArmchairCameraConfig(name="front"))
    with pytest.raises(TimeoutError, match="frozen"):
        camera.connect()
    assert not camera.is_connected


def test_gone_while_in_use(camera, slot):
    slot.set_fault("gone")
    time.sleep(0.05)
    camera.read_latest(max_age_ms=60_000)
    with pytest.raises(TimeoutError, match="gone"):
        camera.async_read(timeout_ms=50)


def test_gone_cannot_be_opened_or_found(filming, slot):
    slot.set_fault("gone")
    assert ArmchairCamera.find_cameras() == []
    with pytest.raises(ConnectionError, match="plug it in"):
        ArmchairCamera(ArmchairCameraConfig(name="front")).connect()


def test_a_twin_that_ends_says_so(camera, filming, slot):
    filming.stop()
    slot.close()
    for look in (camera.read, camera.async_read, camera.read_latest):
        with pytest.raises(RuntimeError, match="its twin ended: start `armchair twin`"):
            look()


def test_a_twin_that_was_killed_times_out(camera, filming):
    filming.stop()
    camera.read_latest(max_age_ms=60_000)
    with pytest.raises(TimeoutError, match="see whether `armchair twin` still runs"):
        camera.async_read(timeout_ms=50)


def test_connecting_twice_and_reading_unconnected(filming):
    camera = ArmchairCamera(ArmchairCameraConfig(name="front"))
    for look in (camera.read, camera.async_read, camera.read_latest, camera.disconnect):
        with pytest.raises(DeviceNotConnectedError):
            look()
    camera.connect()
    with pytest.raises(DeviceAlreadyConnectedError):
        camera.connect()
    camera.disconnect()
    camera.connect(warmup=False)
    assert camera.is_connected


def test_nothing_yet(slot):
    camera = ArmchairCamera(ArmchairCameraConfig(name="front"))
    camera.connect(warmup=False)
    with pytest.raises(RuntimeError, match="no picture yet"):
        camera.read_latest()


def test_no_twin(folder):
    with pytest.raises(ConnectionError, match="start one with `armchair twin`"):
        ArmchairCamera(ArmchairCameraConfig(name="front")).connect()


def test_a_wrong_name_is_answered_with_the_nearest(slot):
    with pytest.raises(ConnectionError, match="did you mean 'front'"):
        ArmchairCamera(ArmchairCameraConfig(name="frnt")).connect()


def test_modes_it_does_not_have(filming):
    with pytest.raises(RuntimeError, match="use width: 640, height: 480"):
        ArmchairCamera(ArmchairCameraConfig(name="front", width=320, height=240)).connect()
    with pytest.raises(ValueError, match="use fps: 30"):
        ArmchairCameraConfig(name="front", fps=60)


def test_sizes_left_open_are_the_twins(filming):
    with ArmchairCamera(ArmchairCameraConfig(name="front", width=None, height=None, fps=None)) as camera:
        assert (camera.width, camera.height, camera.fps) == (640, 480, 30)


def test_another_twins_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(runtime.FOLDER_VARIABLE, str(tmp_path / "default"))
    (tmp_path / "other").mkdir()
    FrameSlot.create(runtime.frames_path(tmp_path / "other", "front"), 480, 640)
    camera = ArmchairCamera(ArmchairCameraConfig(name="front", folder=tmp_path / "other"))
    camera.connect(warmup=False)
    assert camera.is_connected


def test_find_cameras(slot, folder):
    FrameSlot.create(runtime.frames_path(folder, "wrist"), 96, 96)
    front, wrist = ArmchairCamera.find_cameras()
    assert (front["type"], front["id"], wrist["id"]) == ("armchair", "front", "wrist")
    assert front["default_stream_profile"]["width"] == 640
