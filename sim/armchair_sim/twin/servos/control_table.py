"""The control table of one servo as bytes: what the wire reads and writes, and what outlives a power cycle. No I/O.

The EPROM's lock, as the vendor documents it: a setting written while `Lock` is 0 is kept; written while `Lock`
is 1 it works until the power goes and is forgotten then. What the servo writes itself (`memory[name] = value`)
does not ask the lock.

A goal that is written switches the torque on, whatever Torque_Enable said, and whichever instruction wrote it:
    Goal_Position: measured on an STS3215 by feetech-cli (README, "Torque"; simulator.py, `apply_write`), which saw
                   the same of no write to Lock, Homing_Offset or Acceleration; huggingface/lerobot issue 3585;
                   WayneKennedy/wk-robotics (projects/soarm101/docs/test-log.md, 2026-09-12). Feetech's own examples
                   (SCServo_Linux, examples/SMS_STS) move servos by WritePosEx and never switch the torque on.
    Goal_Velocity in mode 1: measured by mathzxw2002/ubrobot, "even writing 0"; the vendor's example WriteSpe.
    Goal_Time in mode 2: a guess, by likeness.

Not documented, and chosen here: a written value outside its register's range is not taken, as if that register
had not been part of the write; unlisted addresses read 0.
"""

from collections.abc import Mapping
from operator import index

from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.sts3215.registers import REGISTERS, Register

_SPAN = 256  # an address is one byte
_ALWAYS_WAKES, _WAKES_IN_MODE = "Goal_Position", {1: "Goal_Velocity", 2: "Goal_Time"}
_KEPT = {name: register for name, register in REGISTERS.items() if register.kept}
_AT: list[tuple[Register, ...]] = [
    tuple(register for register in REGISTERS.values() if register.address <= address < register.end)
    for address in range(_SPAN)
]


class ControlTable:
    """The control table of one STS3215. Values are decoded numbers in the units of the register table."""

    def __init__(self, saved: Mapping[str, int] | None = None) -> None:
        """Power a servo on with these EPROM contents; what is not named has its factory value.

        Raises:
            ArmchairError: if a name is not a register of the EPROM, or a value is outside its range.
        """
        self._eprom = bytearray(_SPAN)
        for register in _KEPT.values():
            self._eprom[register.address : register.end] = register.encode(register.default)
        for name, value in (saved or {}).items():
            register = _checked(name, value)
            self._eprom[register.address : register.end] = register.encode(value)
        self.power_cycle()

    def power_cycle(self) -> None:
        """Switch off and on: settings as saved, everything else as the factory has it, no REG_WRITE waiting."""
        self._bytes = bytearray(self._eprom)
        for register in REGISTERS.values():
            if not register.kept:
                self._bytes[register.address : register.end] = register.encode(register.default)
        self._written: set[str] = set()
        self._held: tuple[int, bytes] | None = None
        self["Torque_Limit"] = self["Max_Torque_Limit"]

    def eprom(self) -> dict[str, int]:
        """Return what the next power cycle will start with, by register name; `ControlTable(saved=...)` takes it."""
        return {name: register.decode(self._eprom[register.address : register.end]) for name, register in _KEPT.items()}

    def factory_reset(self) -> None:
        """Give every setting but the id its factory value, for good; control registers stay as they are."""
        for name, register in _KEPT.items():
            if register.writable and name != "ID":
                self[name] = register.default
                self._written.add(name)

    # --- the servo's own side -------------------------------------------------------------------------------
    def __getitem__(self, name: str) -> int:
        """A register's value."""
        register = REGISTERS[name]
        return register.decode(self._bytes[register.address : register.end])

    def __setitem__(self, name: str, value: int) -> None:
        """Set any register, read-only ones too, for good if it is in the EPROM; ValueError if it does not fit."""
        register = REGISTERS[name]
        raw = register.encode(index(value))
        self._bytes[register.address : register.end] = raw
        if register.kept:
            self._eprom[register.address : register.end] = raw

    def take_written(self) -> set[str]:
        """Return the registers that the wire wrote since the last call, whether or not their value changed."""
        written, self._written = self._written, set()
        return written

    # --- the wire's side ------------------------------------------------------------------------------------
    def read(self, address: int, count: int) -> bytes:
        """Return `count` bytes from `address` on; what lies in a gap or past the end reads 0."""
        return bytes(self._bytes[address : address + count]).ljust(count, b"\0")

    def write(self, address: int, data: bytes) -> None:
        """Write bytes from `address` on; what falls on a gap, a read-only register or past the end is ignored."""
        new = self._bytes.copy()
        new[address : address + len(data)] = data
        touched = {register.name: register for place in _AT[address : address + len(data)] for register in place}
        for register in touched.values():
            raw = new[register.address : register.end]
            if register.writable and register.low <= register.decode(raw) <= register.high:
                self._take(register, raw)
        if touched.keys() & {_ALWAYS_WAKES, _WAKES_IN_MODE.get(self["Operating_Mode"])} and self["Torque_Enable"] != 1:
            self["Torque_Enable"] = 1
            self._written.add("Torque_Enable")

    def _take(self, register: Register, raw: bytearray) -> None:
        self._bytes[register.address : register.end] = raw
        self._written.add(register.name)
        if register.kept and not self["Lock"]:
            self._eprom[register.address : register.end] = raw

    def hold(self, address: int, data: bytes) -> None:
        """REG_WRITE: keep a write for `act`; a servo keeps one, the newest."""
        self._held = address, data

    def act(self) -> None:
        """ACTION: do the write that is held, if there is one."""
        if self._held is not None:
            self.write(*self._held)
            self._held = None


def _checked(name: str, value: int) -> Register:
    if name not in _KEPT:
        raise unknown_name("register in the EPROM", name, _KEPT)
    register = _KEPT[name]
    if not register.low <= value <= register.high:
        nearest = register.low if value < register.low else register.high
        raise ArmchairError(
            f"{name} cannot be {value}, it takes {register.low} to {register.high}: write {nearest} instead."
        )
    return register
