"""The text of `armchair.toml`: TOML for its owner to read and change, with comments. No I/O.

A new file is written with comments of ours; in one that is there, only values change, and its owner's comments stay.
"""

import json
import re
import tomllib
from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from armchair_robot.profile import ArmOnBench, Profile

_ABOUT_PORT = 'a path such as "/dev/ttyACM0", or "serial:" and the USB adapter\'s serial number'
_ABOUT_ID = "the name of its calibration file, as LeRobot's --robot.id and --teleop.id"
_HEAD = "# and options go before it. LeRobot's calibration files are not touched by changing an id here."

_AGAINST_HEADER = re.compile(r"^([^#\n].*)\n(?=\[)", re.MULTILINE)  # a line that stands against the next table


def text_of(profile: Profile) -> str:
    """Return a new file, with comments for those who edit it by hand."""
    blocks = [
        f"# What stands on this bench. What is asked of Armchair in this folder takes it as its defaults,\n{_HEAD}"
    ]
    blocks.append(
        _line("task", profile.task, "A cube lies on the table: pick it up.", "the sentence that policies are given")
    )
    blocks.append(_arm_block("follower", profile.follower))
    blocks.append(_arm_block("leader", profile.leader))
    for name, camera in profile.cameras.items():
        blocks.append(f"[cameras.{_key(name)}]  # LeRobot's own words for a camera\n{_pairs(camera)}")
    blocks.append(f"[limits]  # only what shall differ from the guard's own\n{_pairs(profile.limits)}".rstrip())
    return "\n\n".join(blocks) + "\n"


def changed_text(before: str, profile: Profile) -> str:
    """Return the file `before`, changed so that it means `profile`: what lasts keeps its place and its comments.

    A file that is broken, or so unusual that this fails, is written anew.
    """
    try:
        document = tomlkit.parse(before)
        _set(document, _content(profile), tables=2)
        text = _AGAINST_HEADER.sub(r"\1\n\n", document.as_string().rstrip() + "\n")
        means = Profile.model_validate(tomllib.loads(text))
    except (TOMLKitError, tomllib.TOMLDecodeError, ValidationError):
        return text_of(profile)
    return text if _content(means) == _content(profile) else text_of(profile)


def _content(profile: Profile) -> dict[str, Any]:
    """Return the values that the file has, and no others."""
    return {
        key: {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value
        for key, value in profile.model_dump().items()
        if value not in (None, {})
    }


def _set(table: MutableMapping[str, Any], wanted: Mapping[str, Any], tables: int) -> None:
    """Let `table` hold `wanted` and nothing else; mappings down to a depth of `tables` are tables of their own."""
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        there = table.get(key)
        if tables and isinstance(value, Mapping):
            if not isinstance(there, MutableMapping):
                table[key] = tomlkit.table()
                there = table[key]
            _set(there, value, tables - 1)
        elif _plain(there) != value:
            table[key] = tomlkit.parse(f"value = {_value(value)}")["value"]


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _arm_block(kind: str, arm: ArmOnBench | None) -> str:
    lines = [f"[{kind}]", f'port = "serial:5A46081234"  # {_ABOUT_PORT}', f'id = "my_{kind}"  # {_ABOUT_ID}']
    if arm is None:
        return "\n".join(f"# {line}" for line in lines)
    return f"{lines[0]}\nport = {_value(arm.port)}  # {_ABOUT_PORT}\n{_line('id', arm.id, f'my_{kind}', _ABOUT_ID)}"


def _line(key: str, value: Any, example: str, about: str) -> str:
    return f"{key} = {_value(value)}  # {about}" if value is not None else f"# {key} = {_value(example)}  # {about}"


def _pairs(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{_key(key)} = {_value(value)}" for key, value in values.items() if value is not None)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    """Return TOML for what JSON can say, too; a mapping as an inline table."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    # JSON leaves DEL as it is, and TOML forbids it.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
