"""The faults of the twin, by name: on the line, in a servo, at the cameras, at the plug."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from armchair_core.errors import unknown_name
from armchair_core.so101.joints import JOINTS
from armchair_core.sts3215.registers import LARGEST_OFFSET_TICKS, REGISTERS
from armchair_sim.twin.line.half_duplex import WIRE_FAULTS, HalfDuplexLine

if TYPE_CHECKING:  # not at run time: to list the faults must not load MuJoCo
    from armchair_sim.twin.cameras.process import CameraProcess
    from armchair_sim.twin.servos.follower import Follower

_SERVO_FAULTS = {
    "dead-servo": "One servo is dead: it neither answers nor holds.",
    "duplicate-id": "Two servos have the same id and answer over each other.",
    "wrong-id": "One servo has an id that nobody expects.",
    "firmware-mismatch": "One servo has a newer firmware than the others, which LeRobot refuses.",
    "overload": "Something blocks a joint: its servo overloads when it has to move, and goes weak.",
    "overheat": "One servo is too hot and lets go.",
    "position-wrap": "One servo's middle was set wrong, so that its position jumps from 4095 to 0 on the way.",
}
_CAMERA_FAULTS = {
    "camera-frozen": "A camera hangs: its driver is there, but no new picture comes.",
    "camera-black": "A camera sends black pictures, as with the lens cap on.",
    "camera-gone": "A camera is unplugged.",
}
_SUPPLY_FAULTS = {
    "brown-out": "The power supply is too weak: its voltage has sunk to 3.5 V.",
    "unplugged": "The follower's USB cable is pulled: its port is gone.",
}
SERVO_FAULT_NAMES, CAMERA_FAULT_NAMES = tuple(_SERVO_FAULTS), tuple(_CAMERA_FAULTS)  # which need a place
FAULTS = {**WIRE_FAULTS, **_SERVO_FAULTS, **_CAMERA_FAULTS, **_SUPPLY_FAULTS}

_HOT_C, _BROWN_V = 85.0, 3.5
_STRANGE_ID = 42


class Breaker:
    """Breaks a follower and mends it again. Faults of the EPROM never outlive `mend`."""

    def __init__(self, arm: "Follower", wire: HalfDuplexLine, cameras: "CameraProcess | None") -> None:
        self._arm, self._wire, self._cameras = arm, wire, cameras
        self._repairs: dict[str, Callable[[], None]] = {}

    def names(self) -> list[str]:
        """Return what is broken now, and where."""
        return [*sorted(self._repairs), *sorted(self._wire.faults)]

    def set(self, name: str, at: str = "") -> None:
        """Break something; `at` is a joint or a camera, elbow_flex or front unless given.

        Raises:
            ArmchairError: if there is no such fault, joint or camera; it names the nearest.
        """
        if name not in FAULTS:
            raise unknown_name("fault", name, FAULTS)
        if name in WIRE_FAULTS:
            self._wire.faults.add(name)
            return
        at = self._place(name, at)
        key = f"{name} at {at}" if at else name
        if key not in self._repairs:
            break_it = getattr(self, "_" + name.replace("-", "_"), None)
            self._repairs[key] = break_it(at) if break_it else self._camera(name, at)

    def mend(self) -> None:
        """Repair everything."""
        self._wire.faults.clear()
        while self._repairs:
            self._repairs.popitem()[1]()

    def _place(self, name: str, at: str) -> str:
        if name in _SERVO_FAULTS:
            return _one_of("joint", at or "elbow_flex", JOINTS)
        if name in _CAMERA_FAULTS:
            return _one_of("camera", at or "front", self._cameras.slots if self._cameras else ())
        return ""

    # --- each breaks one thing and returns how to mend it -----------------------------------------------------
    def _dead_servo(self, joint: str) -> Callable[[], None]:
        servo = JOINTS.index(joint)
        memory = self._arm.memories[servo]
        self._arm.power_cycle(servo)
        self._wire.silent.append(memory)
        return lambda: self._wire.silent.remove(memory)

    def _duplicate_id(self, joint: str) -> Callable[[], None]:
        neighbour = self._arm.memories[JOINTS.index(joint) - 1]
        return self._with_register(joint, "ID", neighbour["ID"])

    def _wrong_id(self, joint: str) -> Callable[[], None]:
        return self._with_register(joint, "ID", _STRANGE_ID)

    def _firmware_mismatch(self, joint: str) -> Callable[[], None]:
        name = "Firmware_Minor_Version"
        return self._with_register(joint, name, self._arm.memories[JOINTS.index(joint)][name] + 1)

    def _position_wrap(self, joint: str) -> Callable[[], None]:
        return self._with_register(joint, "Homing_Offset", LARGEST_OFFSET_TICKS)

    def _with_register(self, joint: str, name: str, value: int) -> Callable[[], None]:
        memory, register = self._arm.memories[JOINTS.index(joint)], REGISTERS[name]
        before = memory[name]

        def put(value: int) -> None:
            memory[name] = value
            memory.write(register.address, register.encode(value))  # so that the arm hears of it
            self._arm.take_writes()

        put(value)
        return lambda: put(before)

    def _overload(self, joint: str) -> Callable[[], None]:
        servo = JOINTS.index(joint)
        self._arm.jam(servo)
        return lambda: self._arm.jam(servo, jammed=False)

    def _overheat(self, joint: str) -> Callable[[], None]:
        servo, temperatures = JOINTS.index(joint), self._arm.electrics.temperature_c
        temperatures[servo] = _HOT_C
        return lambda: temperatures.__setitem__(servo, self._arm.electrics.ambient_c)

    def _brown_out(self, _: str) -> Callable[[], None]:
        electrics = self._arm.electrics
        before, electrics.supply_v = electrics.supply_v, _BROWN_V
        return lambda: setattr(electrics, "supply_v", before)

    def _unplugged(self, _: str) -> Callable[[], None]:
        self._wire.port.unplug()
        return self._wire.port.plug

    def _camera(self, name: str, camera: str) -> Callable[[], None]:
        assert self._cameras is not None, "`_place` refuses a camera's fault where there are none"
        slot = self._cameras.slots[camera]
        slot.set_fault(name.removeprefix("camera-"))
        return lambda: slot.set_fault("none")


def _one_of(kind: str, name: str, choices: Collection[str]) -> str:
    if name not in choices:
        raise unknown_name(kind, name, choices)
    return name
