"""A follower with a real wire and real faults in this process, for the doctor to examine."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from armchair_robot.bus import probe
from armchair_robot.bus.transports import use_transport
from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig
from armchair_robot.doctor.camera_checks import CameraExamination, examine_camera
from armchair_robot.doctor.examination import Examination, examine, open_bus
from armchair_sim.scene.world import TIMESTEP_S
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.cameras.frames import FrameSlot
from armchair_sim.twin.faults import Breaker
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.line.half_duplex import HalfDuplexLine


class Port:
    """A twin's port whose other end is in this process."""

    address = "in this process"

    def __init__(self) -> None:
        self.there = bytearray()
        self.back = bytearray()
        self.plugged, self.written, self.vanishes_after = True, 0, None

    def receive(self) -> bytes:
        data = bytes(self.there)
        self.there.clear()
        return data

    def send(self, data: bytes) -> None:
        self.back += data

    def plug(self) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False


class WireLine:
    """What the SDK uses of a serial port, on a twin's wire: late and lost answers included."""

    def __init__(self, ward: "Ward", handler) -> None:
        """`handler` is the SDK's port handler, which alone knows how fast it speaks."""
        self._ward, self._wire, self._port, self._handler = ward, ward.wire, ward.wire.port, handler
        self._check()

    def _check(self) -> None:
        if not self._port.plugged or self._port.written == self._port.vanishes_after:
            raise FileNotFoundError(2, "No such file or directory", self._port.address)

    @property
    def in_waiting(self) -> int:
        self._check()
        self._wire.send_due(time.monotonic())
        return len(self._port.back)

    def read(self, size: int) -> bytes:
        if size and not self.in_waiting:
            time.sleep(0.001)
        data = bytes(self._port.back[:size])
        del self._port.back[:size]
        return data

    def write(self, data: Sequence[int]) -> int:
        self._check()
        self._port.there += bytes(data)
        self._port.written += 1
        self._wire.bus.host_baud = self._handler.getBaudRate()
        self._ward.catch_up()
        self._wire.hear(time.monotonic())
        self._ward.arm.take_writes()
        return len(data)

    def flush(self) -> None:
        pass

    def reset_input_buffer(self) -> None:
        self.in_waiting  # noqa: B018 - what is due comes first
        self._port.back.clear()

    def close(self) -> None:
        pass


class Cameras:
    """The cameras' slots, with a thread that draws as the twin's camera process does."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.slots = {name: FrameSlot.create(folder / f"{name}.frames", 480, 640) for name in ("front", "wrist")}
        self._picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._draw)
        self._thread.start()

    def _draw(self) -> None:
        while not self._end.wait(1 / 30):
            for slot in self.slots.values():
                if slot.fault in ("none", "black"):
                    slot.write(self._picture * (slot.fault == "none"))

    def close(self) -> None:
        self._end.set()
        self._thread.join()


class Ward:
    """A follower that was calibrated and connected by LeRobot, what can break it, and the doctor."""

    def __init__(self, folder) -> None:
        self.arm = Bench("reach", 0, "still", 8.0, {}).follower
        self.wire = HalfDuplexLine(Bus(self.arm.memories), Port(), paced=False)
        self.cameras = Cameras(folder)
        self.breaker = Breaker(self.arm, self.wire, self.cameras)
        self.note = {"ports": {"follower": Port.address}, "calibration": {"follower": self.arm.calibration()}}
        self.lives_since_s: float | None = None  # by the clock; None while only `settle` moves it
        self.settle()

    def catch_up(self) -> None:
        """Let the time pass that has passed since a driver last said something."""
        if self.lives_since_s is not None:
            steps = int((time.monotonic() - self.lives_since_s) / TIMESTEP_S)
            self.lives_since_s += steps * TIMESTEP_S
            self.settle(steps)

    def settle(self, steps: int = 40) -> None:
        for _ in range(steps):
            self.arm.step()

    def bus(self):
        self.wire.port.written = 0
        bus = open_bus(Port.address)
        self.connect(bus)
        return bus

    def connect(self, bus) -> None:
        """Let a bus of LeRobot's speak to this arm."""
        use_transport(bus, lambda: WireLine(self, bus.port_handler))

    def examine(self, reads: int = 40, note: bool = True, arm_id: str | None = None) -> Examination:
        return examine(self.bus(), arm_id, self.note if note else None, reads)

    def look(self) -> list[CameraExamination]:
        return [
            examine_camera(name, ArmchairCameraConfig(name=name, folder=self.cameras.folder))
            for name in self.cameras.slots
        ]


@pytest.fixture(scope="module")
def _ward(tmp_path_factory):
    ward = Ward(tmp_path_factory.mktemp("ward"))
    yield ward
    ward.cameras.close()


@pytest.fixture
def ward(_ward, monkeypatch):
    """Healthy at the start of every test."""
    monkeypatch.setattr(probe, "_ROLL_CALL_S", 0.05)  # nobody here needs the whole 0.8 s to answer,
    monkeypatch.setattr(probe, "_LATE_WITHIN_S", 0.04)  # and the twin's late answer comes 25 ms after LeRobot's time
    saved = [memory.eprom() for memory in _ward.arm.memories]
    memories = list(_ward.wire.bus.memories)
    yield _ward
    _ward.breaker.mend()
    _ward.wire.port.vanishes_after = _ward.lives_since_s = None
    _ward.wire.bus.memories = memories
    for servo, (memory, eprom) in enumerate(zip(_ward.arm.memories, saved, strict=True)):
        for name, value in eprom.items():
            memory[name] = value
        _ward.arm.power_cycle(servo)
    _ward.settle()
