"""One open page: what it was sent last, and how much of that it has shown.

Invariant: no more than WINDOW payloads are on their way to a page. A slow one therefore gets fewer, never later ones.

A payload is binary, little-endian: uint32 and that many bytes of JSON for this viewer alone (its number, the pictures),
uint32 and that many bytes of JSON that all get, then the JPEGs, as long as the first JSON says.
"""

import json
import struct
import time
from dataclasses import dataclass, field

from fastapi import WebSocket

from armchair.web.access.visitors import Role
from armchair.web.drive.camera_stream import CameraStream

WINDOW = 2
TITLES: dict[Role, str] = {"teacher": "Teacher", "student": "Student", "view": "Guest"}
_SILENT_S = 2.0  # a page that nobody looks at says once a second what it has seen
_MESSAGES_S = 150  # a page at 30 payloads, 20 commands and as many clicks as fingers can make says less


@dataclass(eq=False)
class Viewer:
    """An open page. `name` is what others read, `owner` stands for the visitor, `heard_s` is on `time.monotonic`."""

    line: WebSocket
    id: int
    role: Role
    owner: str = ""
    heard_s: float = field(default_factory=time.monotonic)
    sent: int = 0
    seen: int = 0
    _shown: dict[str, int] = field(default_factory=dict)  # the number of each camera's picture that was sent last
    _second: int = 0
    _said: int = 0

    @property
    def name(self) -> str:
        """What others call it."""
        return f"{TITLES[self.role]} {self.id}"

    @property
    def is_silent(self) -> bool:
        """Whether nothing was heard for longer than a page that lives is silent."""
        return time.monotonic() - self.heard_s > _SILENT_S

    @property
    def is_ready(self) -> bool:
        """Whether it has shown enough of what it was sent."""
        return self.sent - self.seen < WINDOW

    def has_shown(self, number: int) -> None:
        """Count all payloads up to this one as shown; one that was never sent means nothing."""
        if number <= self.sent:
            self.seen = max(self.seen, number)

    def talks_too_much(self) -> bool:
        """Return whether it says more than a page does; to be asked once a message."""
        second = int(time.monotonic())
        self._said = self._said + 1 if second == self._second else 1
        self._second = second
        return self._said > _MESSAGES_S

    def payload(self, state: bytes, cameras: CameraStream) -> bytes:
        """Return the next one: `state`, and each camera's picture if it is a new one."""
        now_s = time.perf_counter()
        self.sent += 1
        listed, jpegs = [], []
        for name in cameras.names:
            newest = cameras.newest(name)
            if newest is not None and self._shown.get(name) != newest.number:
                self._shown[name] = newest.number
                listed.append({"camera": name, "bytes": len(newest.jpeg), "age_s": round(now_s - newest.captured_s, 3)})
                jpegs.append(newest.jpeg)
        head = json.dumps({"number": self.sent, "pictures": listed}).encode()
        return b"".join((struct.pack("<I", len(head)), head, struct.pack("<I", len(state)), state, *jpegs))


async def refuse(line: WebSocket, code: int, words: str) -> None:
    """Say why, and hang up."""
    await line.send_json({"error": words})
    await line.close(code)
