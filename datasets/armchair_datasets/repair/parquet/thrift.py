"""Thrift's compact protocol, as much as Parquet's page headers and footers use. No I/O.

A struct is `{field id: (type, value)}`, a list `(type, [value, …])`, so that what was read can be written again
without knowing what it means. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

import struct
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
INTEGERS = (I16, I32, I64)

Struct = dict[int, tuple[int, Any]]


class Reader:
    """Reads values from `data`, beginning at `position`, which moves on behind what was read."""

    def __init__(self, data: memoryview, position: int = 0) -> None:
        self._data = data
        self.position = position

    def struct(self) -> Struct:
        """Read one struct.

        Raises:
            ValueError: if there is none at this place.
        """
        fields: Struct = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            fields[number] = (head & 15, self._value(head & 15))
        return fields

    def _value(self, kind: int, in_list: bool = False) -> Any:
        if kind in (TRUE, FALSE):
            return self._byte() == TRUE if in_list else kind == TRUE
        if kind in INTEGERS:
            return self._zigzag()
        if kind == BINARY:
            return self._bytes(self._varint())
        if kind == LIST:
            head = self._byte()
            count = self._varint() if head >> 4 == 15 else head >> 4
            return head & 15, [self._value(head & 15, in_list=True) for _ in range(count)]
        if kind == STRUCT:
            return self.struct()
        if kind == BYTE:
            return self._byte()
        if kind == DOUBLE:
            return struct.unpack("<d", self._bytes(8))[0]
        raise ValueError(f"no value of the type {kind} is expected here")  # Parquet has neither maps nor sets

    def _bytes(self, count: int) -> bytes:
        self.position += count
        if self.position > len(self._data):
            raise ValueError("the data ends within a value")
        return bytes(self._data[self.position - count : self.position])

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("an integer has more than 64 bits")

    def _zigzag(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)


def write_struct(fields: Struct) -> bytes:
    """Return the bytes of a struct."""
    out, last = bytearray(), 0
    for number, (kind, value) in sorted(fields.items()):
        if kind in (TRUE, FALSE):
            kind = TRUE if value else FALSE
        step = number - last
        out += bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _varint(_zigzag(number))
        if kind not in (TRUE, FALSE):
            out += _write(kind, value)
        last = number
    return bytes(out + b"\0")


def _write(kind: int, value: Any) -> bytes:
    if kind in (TRUE, FALSE):  # in a list
        return bytes([TRUE if value else FALSE])
    if kind in INTEGERS:
        return _varint(_zigzag(value))
    if kind == BINARY:
        return _varint(len(value)) + value
    if kind == LIST:
        of, values = value
        head = bytes([len(values) << 4 | of]) if len(values) < 15 else bytes([0xF0 | of]) + _varint(len(values))
        return head + b"".join(_write(of, each) for each in values)
    if kind == STRUCT:
        return write_struct(value)
    return bytes([value]) if kind == BYTE else struct.pack("<d", value)


def _zigzag(value: int) -> int:
    return value << 1 ^ value >> 63


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
