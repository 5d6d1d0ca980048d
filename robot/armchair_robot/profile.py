"""The bench's profile, `armchair.toml`: which arms and cameras stand here, read by every command as its defaults.

It is looked for in the folder in which a command is typed, and nowhere else, so that nobody is surprised by one far
away. What is typed goes before it; naming another arm than the profile's sets all of it aside, for its ids, leader
and cameras belong to its own arm.
"""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictFloat, StrictStr, ValidationError

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError, unknown_name
from armchair_robot.arm_options import ArmOptions
from armchair_robot.bus.ports import resolve_port
from armchair_robot.devices.doubles import check_cameras, check_ports
from armchair_robot.safety.limits import Limits
from armchair_sim.tasks import get_task, task_names

NAME = "armchair.toml"
OFF = "off"  # how a limit is switched off: TOML has no word for nothing


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArmOnBench(_Strict):
    """One arm: `port` is a path, ``serial:`` and a USB adapter's serial number, or ``twin``; `id` as LeRobot's."""

    port: str
    id: str | None = None


class Profile(_Strict):
    """One bench. `cameras` are LeRobot's camera configurations by name, `limits` fields of `limits.Limits`."""

    task: str | None = None
    follower: ArmOnBench | None = None
    leader: ArmOnBench | None = None
    cameras: dict[str, dict[str, Any]] = {}
    limits: dict[str, StrictFloat | StrictStr] = {}


def read_profile(folder: Path | None = None) -> Profile | None:
    """Return the profile in `folder`, by default the one we are in; None if there is none.

    Raises:
        ArmchairError: if it cannot be understood; it names the nearest word that can.
    """
    path = (folder or Path()) / NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArmchairError(
            f"{path} is not TOML ({error}): mend that line, or write it anew with `{typed('setup')}`."
        ) from None
    try:
        profile = Profile.model_validate(found)
    except ValidationError as error:
        raise _sentence(path, error) from None
    _check_cameras(path, profile.cameras)
    try:
        check_ports(_place(profile.follower)[0], _place(profile.leader)[0])
        check_cameras(profile.cameras)
    except ArmchairError as error:
        raise ArmchairError(f"{path}: {error}") from None
    limits_of(profile)
    return profile


def chosen(profile: Profile | None, asked: ArmOptions) -> ArmOptions:
    """Return what was asked for, and for what was not the profile's, as long as its arm is meant.

    Raises:
        ArmchairError: as `ports.resolve_port`; if the leader would be at the arm's own port.
    """
    check_ports(asked.arm, asked.leader)
    if profile is None or not _is_meant(profile, asked.arm):
        return asked
    (port, id_), (leader, leader_id) = _place(profile.follower), _place(profile.leader)
    check_ports(asked.arm or port, asked.leader or leader)
    return replace(
        asked,
        arm=asked.arm or port,
        arm_id=asked.arm_id or id_,
        leader=asked.leader or leader,
        leader_id=asked.leader_id or (leader_id if asked.leader in (None, leader) else None),
        cameras=asked.cameras or camera_words(profile),
        task=asked.task or profile.task,
        limits=limits_of(profile),
    )


def camera_words(profile: Profile) -> str | None:
    """Return the cameras as LeRobot's `--robot.cameras` takes them; None if the profile names none."""
    return json.dumps(profile.cameras) if profile.cameras else None


def simulated_task(profile: Profile | None) -> str | None:
    """Return the simulated task whose name or sentence the profile's `task` is; None if it is a real table's."""
    said = profile and profile.task
    return next((name for name in task_names() if said in (name, get_task(name).instruction)), None)


def limits_of(profile: Profile | None) -> Limits:
    """Return the guard's limits with the profile's changes.

    Raises:
        ArmchairError: if there is no such limit, or it cannot have this value.
    """
    if profile is None:
        return Limits()
    known = {each.name: each for each in fields(Limits)}
    changes: dict[str, Any] = {}
    for name, value in profile.limits.items():
        if name not in known:
            raise unknown_name("limit", name, known)
        changes[name] = _limit(name, value, may_be_off=known[name].type is not float)
    return replace(Limits(), **changes)


def _limit(name: str, value: float | str, may_be_off: bool) -> float | None:
    if may_be_off and value == OFF:
        return None
    if isinstance(value, str) or not math.isfinite(value) or (value <= 0 and not may_be_off):
        right = f'a number, or "{OFF}"' if may_be_off else "a number above 0"
        raise ArmchairError(f"the limit {name} cannot be {value!r}: write {right} in {NAME}.")
    return value


def _place(arm: ArmOnBench | None) -> tuple[str | None, str | None]:
    return (arm.port, arm.id) if arm else (None, None)


def _is_meant(profile: Profile, arm: str | None) -> bool:
    port, _ = _place(profile.follower)
    if arm is None or port is None or arm == port:
        return True
    return "twin" not in (arm, port) and resolve_port(arm) == resolve_port(port)


def _sentence(path: Path, error: ValidationError) -> ArmchairError:
    """Return the first thing that is wrong, and the nearest word that is right."""
    first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")  # a mistyped word is also missing
    at = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        model: Any = Profile if len(at) == 1 else ArmOnBench
        where = f"{path}, [{at[0]}]" if len(at) > 1 else str(path)
        return ArmchairError(f"{where}: {unknown_name('setting', at[-1], model.model_fields)}")
    if first["type"] == "missing":
        return ArmchairError(
            f"{path}: {'.'.join(at)} is missing: add it, or write the file anew with `{typed('setup')}`."
        )
    return ArmchairError(f"{path}: {'.'.join(at)} cannot be {first['input']!r} ({first['msg'].lower()}).")


def _check_cameras(path: Path, cameras: Mapping[str, Mapping[str, Any]]) -> None:
    """By the fields of LeRobot's configurations: its own error names neither the camera nor the nearest word."""
    for name, camera in cameras.items():
        where = f"{path}, [cameras.{name}]"
        kinds = _camera_kinds(kind := str(camera.get("type")))
        if kind not in kinds:
            raise ArmchairError(f"{where}: {unknown_name('type of camera', kind, kinds)}")
        known = {"type", *(each.name for each in fields(kinds[kind]))}
        if wrong := [word for word in camera if word not in known]:
            raise ArmchairError(f"{where}: {unknown_name('setting', wrong[0], known)}")


def _camera_kinds(wanted: str) -> dict[str, type]:
    """Return LeRobot's configuration classes of cameras by type; other people's plugins are looked for if need be."""
    from lerobot.cameras.configs import CameraConfig
    from lerobot.cameras.opencv import OpenCVCameraConfig  # noqa: F401 - so that its name is known, as in LeRobot
    from lerobot.cameras.realsense import RealSenseCameraConfig  # noqa: F401
    from lerobot.cameras.zmq import ZMQCameraConfig  # noqa: F401
    from lerobot.utils.import_utils import register_third_party_plugins

    from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig  # noqa: F401

    if wanted not in CameraConfig.get_known_choices():
        register_third_party_plugins()  # seconds
    return CameraConfig.get_known_choices()
