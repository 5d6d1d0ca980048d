"""How `armchair.toml` is written: TOML for its owner to read and change, with comments. No I/O."""

import json
from collections.abc import Mapping
from typing import Any

from armchair_robot.profile import ArmOnBench, Profile

_ABOUT_PORT = 'a path such as "/dev/ttyACM0", or "serial:" and the USB adapter\'s serial number'
_ABOUT_ID = "the name of its calibration file, as LeRobot's --robot.id and --teleop.id"
_HEAD = "# and options go before it. LeRobot's calibration files are not touched by changing an id here."


def text_of(profile: Profile) -> str:
    """The file, with comments for those who edit it by hand."""
    blocks = [
        f"# What stands on this bench. `armchair` commands typed in this folder take it as their defaults,\n{_HEAD}"
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
    """TOML for what JSON can say, too; a mapping as an inline table."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    # JSON leaves DEL as it is, and TOML forbids it.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
