"""The control table of the STS3215: every register's place, limits, factory value and meaning.

`firmware_notes/registers.csv` holds it; this module reads it and writes the page beside it
(`python -m armchair_core.sts3215.registers`). Names, addresses, sizes and sign bits are those of LeRobot 0.6.1
(motors/feetech/tables.py), which a test checks. No hardware was at hand: `source` says where a default and its
limits come from.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from armchair_core.errors import ArmchairError

_SOURCES = {
    "lerobot": "LeRobot 0.6.1 says or relies on it",
    "vendor": "Feetech's published memory table, not checked on hardware here",
    "chosen": "not public or not the same on every servo: the twin's own choice",
}
_AREAS = {
    "eprom": "settings: survive power-off if written while Lock is 0",
    "ram": "control: forgotten at power-off",
    "present": "what the servo reports",
    "factory": "factory parameters: kept like settings",
}


@dataclass(frozen=True)
class Register:
    """One register. `low`, `high` and `default` are decoded values, counted in `unit` where there is one."""

    address: int
    size: int  # bytes, low byte first
    name: str
    area: str  # eprom, ram, present or factory
    writable: bool  # from the wire
    sign_bit: int | None  # sign and magnitude: the bit that says "negative"
    low: int
    high: int
    default: int
    unit: str
    source: str  # of the default and the limits: lerobot, vendor or chosen
    meaning: str

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.size

    @property
    def kept(self) -> bool:
        """Whether it has a place in the EPROM."""
        return self.area in ("eprom", "factory")

    def decode(self, raw: bytes | bytearray) -> int:
        """Return the value of its `size` bytes."""
        value = int.from_bytes(raw, "little")
        if self.sign_bit is None:
            return value
        magnitude = value & ((1 << self.sign_bit) - 1)
        return -magnitude if value >> self.sign_bit & 1 else magnitude

    def encode(self, value: int) -> bytes:
        """Return the `size` bytes of a value.

        Raises:
            ValueError: if the value does not fit into them.
        """
        largest = (1 << (self.size * 8 if self.sign_bit is None else self.sign_bit)) - 1
        if not (0 if self.sign_bit is None else -largest) <= value <= largest:
            raise ValueError(f"{value} does not fit into {self.name}, which holds up to {largest}.")
        sign = 1 << self.sign_bit if value < 0 and self.sign_bit is not None else 0
        return (abs(value) | sign).to_bytes(self.size, "little")


def _notes() -> Path:
    """The repository's firmware_notes, if this is the repository."""
    return Path(__file__).parents[3] / "firmware_notes"


def _read() -> dict[str, Register]:
    packed = Path(__file__).with_name("registers.csv")  # where a wheel has it
    path = packed if packed.exists() else _notes() / "registers.csv"
    with path.open(newline="", encoding="utf-8") as file:
        registers = [_register(row) for row in csv.DictReader(file)]
    return {register.name: register for register in registers}


def _register(row: dict[str, str]) -> Register:
    return Register(
        address=int(row["address"]),
        size=int(row["size"]),
        name=row["name"],
        area=row["area"],
        writable=row["writable"] == "yes",
        sign_bit=int(row["sign_bit"]) if row["sign_bit"] else None,
        low=int(row["low"]),
        high=int(row["high"]),
        default=int(row["default"]),
        unit=row["unit"],
        source=row["source"],
        meaning=row["meaning"],
    )


REGISTERS = _read()  # by name, in address order
MODEL_NUMBER = REGISTERS["Model_Number"].default
LARGEST_OFFSET_TICKS = REGISTERS["Homing_Offset"].high  # LeRobot fails at one more (SO-ARM100 issue 116)
# The keys of a joint in LeRobot's calibration file, and the registers that hold the same.
CALIBRATION_REGISTERS = {
    "homing_offset": "Homing_Offset",
    "range_min": "Min_Position_Limit",
    "range_max": "Max_Position_Limit",
}


def page() -> str:
    """Return the page for people, in Markdown."""
    lines = [
        "# The STS3215's registers",
        "",
        "Made from `registers.csv` by `python -m armchair_core.sts3215.registers`: change that file, not this page.",
        "Two bytes stand low byte first. A sign bit means sign and magnitude, not two's complement. A value outside",
        "the range is not taken. Addresses that are not listed read 0. Nothing here was checked on hardware; the",
        "source of each default and range is",
        "",
        *(f"- *{name}*: {meaning}." for name, meaning in _SOURCES.items()),
    ]
    for area, meaning in _AREAS.items():
        lines += ["", f"## {area}: {meaning}", "", _HEAD, "|---|---|---|---|---|---|---|---|---|---|"]
        lines += [_row(register) for register in REGISTERS.values() if register.area == area]
    return "\n".join(lines) + "\n"


_HEAD = "| address | bytes | name | written by the host | sign bit | range | factory value | unit | source | meaning |"


def _row(register: Register) -> str:
    cells = (
        register.address, register.size, register.name, "yes" if register.writable else "no",
        "" if register.sign_bit is None else register.sign_bit, f"{register.low} to {register.high}",
        register.default, register.unit, register.source, register.meaning,
    )  # fmt: skip
    return f"| {' | '.join(str(cell) for cell in cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def main() -> None:
    """Rewrite firmware_notes/registers.md."""
    if not _notes().is_dir():
        raise ArmchairError("there is no firmware_notes folder here: run this in a checkout of the repository.")
    (_notes() / "registers.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except ArmchairError as error:
        raise SystemExit(f"error: {error}") from None
