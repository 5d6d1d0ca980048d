"""The arms: a follower and a leader as stock LeRobot devices, opened, and let go of again whatever happens.

Where the twin runs it is found by its name; a real arm by its port. Nothing here is a robot of our own: what is
opened is LeRobot's `Robot` and `Teleoperator`. LeRobot, and PyTorch with it, is imported when something is opened, and
not before: the console's server knows arms and opens none.
"""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError, reason_of
from armchair_core.so101 import kinematics
from armchair_core.so101.joints import JOINTS
from armchair_robot.bus import port_lock
from armchair_robot.bus.ports import resolve_port, why_unusable
from armchair_robot.bus.reasons import why
from armchair_robot.bus.registers import DEVICE_ERRORS, bus_of, flush, switch_off
from armchair_robot.devices.doubles import check_cameras
from armchair_sim.twin import runtime

if TYPE_CHECKING:
    from lerobot.robots.so_follower import SO101Follower
    from lerobot.teleoperators.so_leader import SO101Leader

    from armchair_robot.devices.armchair_so101 import ArmchairSO101, ArmchairSO101Leader

TWIN = "twin"
_TRIES = 3  # a busy machine can miss the 50 ms that LeRobot gives a servo; a dead servo misses them every time
_ASLEEP_S = 0.001  # it is woken by the answer; this only bounds how much longer than LeRobot it waits for none


def twin_note() -> dict[str, Any]:
    """Return what the running twin says about itself (ports, cameras, task, folder).

    Raises:
        ArmchairError: if none runs.
    """
    note = runtime.read_note(runtime.runtime_dir())
    if note is None:
        raise ArmchairError(f"no twin runs: start one in another terminal with `{typed('twin')}`, then try again.")
    return note


def twin_runs() -> bool:
    """Return whether a twin runs on this computer."""
    return runtime.read_note(runtime.runtime_dir()) is not None


def check_task(note: dict[str, Any], task: str | None) -> None:
    """Refuse a task that was asked for and is not the running twin's, whose `note` this is.

    Raises:
        ArmchairError: if it is another.
    """
    if task not in (None, note["task"], note["instruction"]):
        raise ArmchairError(
            f"the twin that runs has the task {note['task']}, not {task}: stop it, and start one with "
            f"`{typed('twin', '--task', task)}`."
        )


def port_of(where: str, arm: str) -> str:
    """Return the port of an arm (``follower`` or ``leader``) at `where`: ``twin``, a port, or ``serial:`` and a number.

    Raises:
        ArmchairError: if no twin runs, or no adapter with that number is plugged in.
    """
    return twin_note()["ports"][arm] if where == TWIN else resolve_port(where)


def check_port(port: str) -> None:
    """Refuse a port that is not there, or that this user may not open.

    Raises:
        ArmchairError: which of the two, and what to do about it.
    """
    if os.name == "posix" and "://" not in port and (why := why_unusable(port)):
        raise ArmchairError(why)


def open_follower(where: str, cameras: str | None = None, arm_id: str | None = None) -> "ArmchairSO101":
    """Connect the follower at `where`: as `port_of` takes it. Its motors are on afterwards.

    `cameras` is written as for LeRobot's `--robot.cameras`; the twin's own are taken by themselves. `arm_id` names
    the calibration, as LeRobot's `--robot.id`.

    Raises:
        ArmchairError: if it does not answer, is not calibrated, is used by another program, or a camera does not open.
    """
    from armchair_robot.devices.armchair_so101 import ArmchairSO101
    from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config

    note, port = twin_note() if where == TWIN else None, port_of(where, "follower")
    follower = ArmchairSO101(ArmchairSO101Config(port=port, id=arm_id, cameras=camera_configs(note, cameras)))
    if note:
        _calibrate(follower, note["calibration"]["follower"])
    _connect(follower, where, _calibrate_line("--arm", where, arm_id))
    return follower


def open_leader(where: str, arm_id: str | None = None) -> "ArmchairSO101Leader":
    """Connect the leader at `where`: as `port_of` takes it.

    Raises:
        ArmchairError: if it does not answer, is not calibrated, or is used by another program.
    """
    from armchair_robot.devices.armchair_so101 import ArmchairSO101Leader
    from armchair_robot.devices.config_armchair_so101 import ArmchairSO101LeaderConfig

    note, port = twin_note() if where == TWIN else None, port_of(where, "leader")
    leader = ArmchairSO101Leader(ArmchairSO101LeaderConfig(port=port, id=arm_id))
    if note:
        _calibrate(leader, note["calibration"]["leader"])
    _connect(leader, where, _calibrate_line("--leader", where, arm_id))
    return leader


def standing(robot: "SO101Follower") -> np.ndarray:
    """Return where the arm is, float32[6] in its units. No picture is waited for.

    Raises:
        ArmchairError: if a servo does not answer.
    """
    try:
        flush(robot)
        found = robot.bus.sync_read("Present_Position", num_retry=_TRIES)
    except DEVICE_ERRORS as error:
        raise ArmchairError(f"the arm cannot be read, because {why(robot.bus, error)}.") from error
    return np.array([found[motor] for motor in JOINTS], np.float32)


def move_to(device: "SO101Follower | SO101Leader", port: str) -> None:
    """Let a device that was let go of look for its arm at `port`, where it is plugged in now."""
    device.config.port = device.bus.port = device.bus.port_handler.port_name = port


def reopen(device: "SO101Follower | SO101Leader") -> None:
    """Connect a device again that was let go of. A follower's motors are on afterwards.

    Raises:
        ArmchairError: as `open_follower`.
    """
    port = str(device.bus.port)
    _connect(
        device, port, _calibrate_line("--leader" if "Leader" in type(device).__name__ else "--arm", port, device.id)
    )


def let_go(device: Any) -> list[str]:
    """Switch every motor off, one by one, close the line and the cameras; return the motors that did not answer.

    Stock LeRobot stops at the first motor that does not answer and leaves the others on (lerobot 0.6.1,
    motors/motors_bus.py, `disable_torque`). Never raises for a device that is gone. A teleoperator without motors is
    disconnected.
    """
    bus, silent = bus_of(device), []
    if bus is None:
        with suppress(Exception):
            device.disconnect()
    elif bus.is_connected:
        silent = [motor for motor in bus.motors if not switch_off(bus, motor)]
        with suppress(Exception):
            bus.disconnect(disable_torque=False)
        port_lock.release(str(bus.port))
    for camera in getattr(device, "cameras", {}).values():
        with suppress(Exception):
            camera.disconnect()
    return silent


def calibrated_range(robot: "SO101Follower") -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the joints as the arm's calibration has them, two float32[6] in the arm's units.

    A joint that was calibrated as a full turn, as LeRobot does with wrist_roll, ends where the SO-101's does; so do all
    joints of an arm without a calibration.
    """
    bus = bus_of(robot)
    calibration = (bus and bus.calibration) or {}
    low, high = kinematics.ACTION_LOW.copy(), kinematics.ACTION_HIGH.copy()
    for joint, motor in enumerate(JOINTS[:5]):  # the gripper's 0 to 100 is its calibration
        found = calibration.get(motor)
        if found is not None and found.range_max - found.range_min < kinematics.TICKS_PER_TURN - 1:
            high[joint] = (found.range_max - found.range_min) / 2 * 360 / (kinematics.TICKS_PER_TURN - 1)
            low[joint] = -high[joint]
    return low, high


def camera_configs(note: Mapping[str, Any] | None, cameras: str | None) -> dict[str, Any]:
    """Return LeRobot's configuration of each camera, written as for its commands; the twin's own if nothing is written.

    Raises:
        ArmchairError: if what is written cannot be understood.
    """
    if cameras == "{}":
        return {}  # and no plugin is looked for: that takes 100 MB
    from lerobot.cameras.configs import CameraConfig

    from armchair_robot.devices.config_camera_armchair import ArmchairCameraConfig

    if cameras is None:
        return {name: ArmchairCameraConfig(name=name) for name in (note or {"cameras": ()})["cameras"]}
    import draccus
    import yaml
    from lerobot.cameras.opencv import OpenCVCameraConfig  # noqa: F401 - so that its name is known
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    try:
        written = yaml.safe_load(cameras)
        configs = {name: draccus.decode(CameraConfig, config) for name, config in written.items()}
    except Exception as error:  # draccus has many, and every one is about what was typed
        raise ArmchairError(
            f"the cameras {cameras!r} cannot be read ({reason_of(error)}): write them as for LeRobot, "
            "'{front: {type: opencv, index_or_path: 0, width: 640, height: 480, fps: 30}}'."
        ) from None
    check_cameras(written)
    return configs


def _calibrate(device: Any, calibration: dict[str, dict[str, int]]) -> None:
    """The twin knows its own calibration: no file of the user's is read or written."""
    from lerobot.motors import MotorCalibration

    device.calibration = {motor: MotorCalibration(**values) for motor, values in calibration.items()}
    device.bus.calibration = device.calibration


def _calibrate_line(option: str, where: str, arm_id: str | None) -> str:
    # Without an id LeRobot looks for None.json, and this command would write another name's file.
    return typed("calibrate", option, where, "--id", str(arm_id))


def _connect(device: Any, where: str, calibrate: str) -> None:
    """Connect and hold on to the port, or let go of all of it."""
    port = str(device.bus.port)
    check_port(port)
    try:
        _try_to_connect(device, port)
        if where == TWIN and not _is_calibrated(device):  # somebody has calibrated it since: its servos know
            device.calibration = device.bus.calibration = device.bus.read_calibration()
        if not _is_calibrated(device):
            raise ArmchairError(f"the arm at {where} is not calibrated under this id: type `{calibrate}` first.")
    except BaseException as error:
        reason = why(bus_of(device), error) if isinstance(error, DEVICE_ERRORS) else None
        let_go(device)
        port_lock.release(port)
        if reason:
            raise ArmchairError(f"the arm at {where} cannot be opened, because {reason}.") from error
        raise


def _is_calibrated(device: Any) -> bool:
    """LeRobot reads eighteen registers for it, and asks each servo once."""
    for _ in range(_TRIES - 1):
        with suppress(*DEVICE_ERRORS):
            return device.is_calibrated
        flush(device)
    return device.is_calibrated


def _try_to_connect(device: Any, port: str) -> None:
    for attempt in range(_TRIES):
        try:
            port_lock.take(port)
            device.connect(calibrate=False)
            _sleep_until_answered(device)
            return
        except DEVICE_ERRORS:
            if attempt == _TRIES - 1:
                raise
            let_go(device)
            time.sleep(0.3)


def _sleep_until_answered(device: Any) -> None:
    """Wait for a servo asleep. scservo_sdk asks the port without a pause (port_handler.py, `timeout=0`), and whoever is
    always awake is put last by the system when it counts: half of the loop's processor time went into it.
    """
    if (bus := bus_of(device)) is not None:
        bus.port_handler.ser.timeout = _ASLEEP_S
