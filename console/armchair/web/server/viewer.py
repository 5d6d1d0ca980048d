"""One open page: what it was sent last, and how much of that it has shown.

Invariant: no more than WINDOW payloads are on their way to a page. A slow one therefore gets fewer, never later ones.

A payload is binary, little-endian: uint32 and that many bytes of JSON for this viewer alone (its number, the pictures),
uint32 and that many bytes of JSON with the news since the payload before (see `news`), then the pictures, as long
as the first JSON says.
"""

import json
import math
import struct
import time
from dataclasses import dataclass, field

from fastapi import WebSocket

from armchair.web.access.visitors import Role
from armchair.web.drive.camera_stream import SMALL_PX, CameraStream
from armchair.web.server.news import Parts, changes

WINDOW = 2
_SLOW_S, _QUICK_S = 0.25, 0.1  # until a page has shown what it was sent: its line is slow; it is quick again
_NEWEST = 0.2  # weight of the newest of these times
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
    looks_at: dict[str, int] | None = None  # how wide it shows which camera, in its own pixels; None: it has not said
    has_slow_line: bool = False
    pictures_due_s: float = 0.0  # when it may be sent pictures again, on `time.monotonic`
    _told: Parts = field(default_factory=dict)
    _shown: dict[str, float] = field(default_factory=dict)  # when each camera took the picture that was sent last
    _sent_s: dict[int, float] = field(default_factory=dict)  # when the payloads left that are on their way
    _takes_s: float = 0.0
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
        left_s = self._sent_s.get(number)
        self._sent_s = {each: at_s for each, at_s in self._sent_s.items() if each > self.seen}
        if left_s is not None:
            self._takes_s += _NEWEST * (time.monotonic() - left_s - self._takes_s)
            self.has_slow_line = self._takes_s > (_QUICK_S if self.has_slow_line else _SLOW_S)

    @property
    def wants_large(self) -> bool:
        """Whether it shows a picture larger than small ones are."""
        return any(width > SMALL_PX for width in (self.looks_at or {}).values())

    def talks_too_much(self) -> bool:
        """Return whether it says more than a page does; to be asked once a message."""
        second = int(time.monotonic())
        self._said = self._said + 1 if second == self._second else 1
        self._second = second
        return self._said > _MESSAGES_S

    def payload(self, news: Parts, cameras: CameraStream, large_above_px: float, bytes_s: float = math.inf) -> bytes:
        """Return the next one: what is new, and a new picture of each camera that it shows.

        It is a large one where the page shows it wider than `large_above_px`. Pictures take at most `bytes_s` a second.
        """
        now_s = time.perf_counter()
        self.sent += 1
        self._sent_s[self.sent] = sent_s = time.monotonic()
        listed, images = [], []
        for name in cameras.names if sent_s >= self.pictures_due_s else ():
            if not (width_px := self.looks_at.get(name, 0) if self.looks_at is not None else SMALL_PX):
                continue
            newest = cameras.newest(name, width_px > large_above_px)
            if newest is not None and self._shown.get(name) != newest.captured_s:
                self._shown[name] = newest.captured_s
                listed.append(
                    {"camera": name, "bytes": len(newest.image), "age_s": round(now_s - newest.captured_s, 3)}
                )
                images.append(newest.image)
        takes_s = sum(map(len, images)) / bytes_s
        self.pictures_due_s = max(self.pictures_due_s, sent_s - takes_s) + takes_s
        head = json.dumps({"number": self.sent, "pictures": listed}, separators=(",", ":")).encode()
        told, self._told = changes(news, self._told), news
        return b"".join((struct.pack("<I", len(head)), head, struct.pack("<I", len(told)), told, *images))


async def refuse(line: WebSocket, code: int, words: str) -> None:
    """Say why, and hang up."""
    await line.send_json({"error": words})
    await line.close(code)
