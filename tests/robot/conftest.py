"""Stock LeRobot drivers whose servos are objects in this process, and a gamepad that SDL itself makes up.

No hardware, no root.
"""

import ctypes
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.devices import last_observation
from armchair_robot.devices.armchair_so101 import ArmchairSO101, ArmchairSO101Leader
from armchair_robot.devices.arms import let_go
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_sim.twin.bench import Bench
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.servos.encoder import calibration

STICKS = ("LEFTX", "LEFTY", "RIGHTX", "RIGHTY", "TRIGGERLEFT", "TRIGGERRIGHT")  # SDL's order
BUTTONS = {"A": 0, "X": 2, "Y": 3, "LEFTSHOULDER": 9, "DPAD_UP": 11, "DPAD_DOWN": 12}
_GAMEPAD, _REST = 1, {"TRIGGERLEFT": -32768, "TRIGGERRIGHT": -32768}


class VirtualPad:
    """What SDL_JoystickAttachVirtual (SDL 2.0.14 and newer) makes."""

    def __init__(self, sdl: ctypes.CDLL) -> None:
        self._sdl = sdl
        self._place = sdl.SDL_JoystickAttachVirtual(_GAMEPAD, 6, 15, 0)
        assert self._place >= 0, "this SDL makes no virtual gamepads"
        sdl.SDL_JoystickOpen.restype = ctypes.c_void_p
        self._pad = ctypes.c_void_p(sdl.SDL_JoystickOpen(self._place))
        self.set()

    def set(self, *pressed: str, **axes: float) -> None:
        """Only these buttons are down, and these axes away from their rest; -1 to 1, triggers 0 to 1."""
        for number, name in enumerate(STICKS):
            value = axes.get(name, 0.0)
            raw = int(value * 65535) - 32768 if name in _REST else int(value * 32767)
            self._sdl.SDL_JoystickSetVirtualAxis(self._pad, number, ctypes.c_int16(raw))
        for name, number in BUTTONS.items():
            self._sdl.SDL_JoystickSetVirtualButton(self._pad, number, ctypes.c_uint8(name in pressed))

    def unplug(self) -> None:
        self._sdl.SDL_JoystickDetachVirtual(self._place)


@pytest.fixture
def pair(tmp_path):
    """(follower, leader, their buses): connected, the follower's motors on. Nothing moves unless a test moves it."""
    (tmp_path / "twin.json").write_text(json.dumps(calibration()))
    bench = Bench("reach", 0, "still", 8.0, {})
    devices, buses = [], []
    kinds = (
        (ArmchairSO101, ArmchairSO101Config, bench.follower),
        (ArmchairSO101Leader, ArmchairSO101LeaderConfig, bench.leader),
    )
    for kind, config, arm in kinds:
        bus = Bus(arm.memories)
        device = kind(config(port="in this process", id="twin", calibration_dir=tmp_path))
        use_transport(
            device.bus, lambda bus=bus: FeedTransport(lambda data: b"".join(reply.data for reply in bus.feed(data)))
        )
        device.connect()
        devices.append(device)
        buses.append(bus)
    yield *devices, *buses
    for device in devices:
        let_go(device)


@pytest.fixture
def sdl():
    """The SDL library that pygame uses. In its wheels for Linux it lies beside it."""
    pygame = pytest.importorskip("pygame", reason="the extra `gamepad` is not installed")
    found = list((Path(pygame.__file__).parents[1] / "pygame.libs").glob("libSDL2-2*"))
    if not found:
        pytest.skip("pygame brought no SDL of its own")
    last_observation.forget()
    return ctypes.CDLL(str(found[0]))


@pytest.fixture
def plug_in(sdl) -> Callable[[], VirtualPad]:
    """Plugs in a pad at rest and returns it; SDL must have begun."""
    return lambda: VirtualPad(sdl)
