"""A camera has one owner, and a recorder in another process sees its pictures all the same."""

import io
import time

import numpy as np
import pytest
from lerobot.cameras.camera import Camera
from lerobot.cameras.configs import CameraConfig
from PIL import Image

from armchair.web.drive.camera_stream import CameraStream
from armchair_core.errors import ArmchairError
from armchair_robot.devices.camera_armchair import ArmchairCamera
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig


@CameraConfig.register_subclass("made_up")
class MadeUpConfig(CameraConfig):
    pass


class MadeUp(Camera):
    """Every picture is brighter than the one before; it can be opened once."""

    def __init__(self, sends: bool = True) -> None:
        super().__init__(MadeUpConfig(fps=30, width=8, height=6))
        self.sends, self.opened, self.count, self.latest_timestamp, self._open = sends, 0, 0, None, False

    @property
    def is_connected(self) -> bool:
        return self._open

    @staticmethod
    def find_cameras() -> list:
        return []

    def connect(self, warmup: bool = True) -> None:
        self.opened, self._open = self.opened + 1, True

    def read(self) -> np.ndarray:
        return self.async_read()

    def async_read(self, timeout_ms: float = 200) -> np.ndarray:
        if not self.sends:
            time.sleep(0.05)
            raise TimeoutError
        time.sleep(0.01)
        self.count, self.latest_timestamp = self.count + 1, time.perf_counter()
        return np.full((6, 8, 3), self.count % 256, np.uint8)

    read_latest = async_read

    def disconnect(self) -> None:
        self._open = False


@pytest.fixture
def open_pictures(monkeypatch):
    opened = []

    def open_pictures(camera: Camera) -> CameraStream:
        monkeypatch.setattr("lerobot.cameras.utils.make_cameras_from_configs", lambda configs: {"front": camera})
        opened.append(CameraStream({"front": None}))
        return opened[-1]

    yield open_pictures
    for pictures in opened:
        pictures.close()


def test_who_records_sees_what_the_page_sees(open_pictures, tmp_path):
    camera = MadeUp()
    pictures = open_pictures(camera)
    lent = pictures.lend(tmp_path)["front"]
    reader = ArmchairCamera(ArmchairCameraConfig(name=lent.name, folder=lent.folder, width=None, height=None))
    reader.connect()
    first, second = reader.async_read(2000).copy(), reader.async_read(2000)
    assert first.shape == (6, 8, 3) and second[0, 0, 0] != first[0, 0, 0]
    assert 0 <= time.perf_counter() - reader.latest_timestamp < 1, "its age is the camera's"
    assert camera.opened == 1
    pictures.take_back()
    with pytest.raises((RuntimeError, TimeoutError)):
        for _ in range(20):
            reader.async_read(100)
    assert list(tmp_path.iterdir()) == []


def test_a_camera_that_sends_nothing_cannot_be_lent(open_pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("armchair.web.drive.camera_stream._LEND_WITHIN_S", 0.2)
    with pytest.raises(ArmchairError, match="the camera front sends no picture"):
        open_pictures(MadeUp(sends=False)).lend(tmp_path)


@pytest.mark.parametrize(("large", "kind", "least", "most"), [(True, "JPEG", 14, 100), (False, "WEBP", 1, 13)])
def test_large_pictures_are_as_many_as_there_are_and_small_ones_ten_a_second(open_pictures, large, kind, least, most):
    pictures, seen = open_pictures(MadeUp()), {}  # it sends 100 a second
    while not pictures.newest("front", large):
        time.sleep(0.01)
    end_s = time.monotonic() + 1.0
    while time.monotonic() < end_s:
        newest = pictures.newest("front", large)
        seen[newest.captured_s] = newest.image
        time.sleep(0.002)
    assert {Image.open(io.BytesIO(image)).format for image in seen.values()} == {kind}
    assert least <= len(seen) <= most
