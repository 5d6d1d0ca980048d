"""The news as one page is told them: what is not as it was told last. No I/O.

Most of what pages show stays as it is for minutes, and thirty pages are told ten times a second. A line loses nothing
and changes no order, so a page need not say what it has: it is what it was sent.
"""

import json
from collections.abc import Mapping
from typing import Any

Parts = dict[str, bytes]  # JSON by name; what belongs to the arm is named "arm." and its own name
_ARM = "arm."


def in_parts(news: Mapping[str, Any]) -> Parts:
    """Return the news of all pages in parts that change by themselves."""
    own = {f"{_ARM}{name}": value for name, value in news["arm"].items()}
    return {name: _json(value) for name, value in own.items()} | {
        name: _json(value) for name, value in news.items() if name != "arm"
    }


def changes(parts: Parts, told: Parts) -> bytes:
    """Return, as JSON, what a page lacks that was told `told`: ``{"arm": {...}, ...}``.

    ``gone`` lists what is no longer said of the arm.
    """
    new = {name: part for name, part in parts.items() if told.get(name) != part}
    arm = _joined({name.removeprefix(_ARM): part for name, part in new.items() if name.startswith(_ARM)})
    rest = {name: part for name, part in new.items() if not name.startswith(_ARM)}
    gone = [name.removeprefix(_ARM) for name in told if name not in parts]
    return _joined({"arm": arm, **rest} | ({"gone": _json(gone)} if gone else {}))


def _joined(parts: Mapping[str, bytes]) -> bytes:
    return b"{" + b",".join(_json(name) + b":" + part for name, part in parts.items()) + b"}"


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
