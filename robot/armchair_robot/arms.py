"""Open a follower and a leader as stock LeRobot devices, and let go of them again, whatever happens.

Where the twin runs it is found by its name; a real arm by its port. Nothing here is a robot of our own: what is
opened is LeRobot's `Robot` and `Teleoperator`.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from armchair_sim.errors import ArmchairError
from armchair_sim.twin import runtime

if TYPE_CHECKING:
    from lerobot.robots import Robot
    from lerobot.teleoperators import Teleoperator

TWIN = "twin"
_TRIES = 3  # a busy machine can miss the 50 ms that LeRobot gives a servo; a dead servo misses them every time
_OFF_TRIES = 5


def twin_note() -> dict[str, Any]:
    """What the running twin says about itself (ports, cameras, task, folder).

    Raises:
        ArmchairError: if none runs.
    """
    note = runtime.read_note(runtime.runtime_dir())
    if note is None:
        raise ArmchairError("no twin runs: start one in another terminal with `armchair twin`, then try again.")
    return note


def open_follower(where: str, cameras: str | None = None, arm_id: str | None = None) -> "Robot":
    """Connect the follower at `where`: ``twin`` or a port. Its motors are on afterwards.

    `cameras` is written as for LeRobot's `--robot.cameras`; the twin's own are taken by themselves. `arm_id` names
    the calibration, as LeRobot's `--robot.id`.

    Raises:
        ArmchairError: if it does not answer, is not calibrated, or a camera does not open.
    """
    from lerobot.robots import make_robot_from_config

    from armchair_robot.config_armchair_so101 import ArmchairSO101Config

    note = twin_note() if where == TWIN else None
    port = note["ports"]["follower"] if note else where
    config = ArmchairSO101Config(port=port, id=arm_id, cameras=_camera_configs(note, cameras))
    follower = make_robot_from_config(config)
    if note:
        _calibrate(follower, note["calibration"]["follower"])
    _connect(follower, where, f"lerobot-calibrate --robot.type=so101_follower --robot.port={port} --robot.id={arm_id}")
    return follower


def open_leader(where: str, arm_id: str | None = None) -> "Teleoperator":
    """Connect the leader at `where`: ``twin`` or a port.

    Raises:
        ArmchairError: if it does not answer or is not calibrated.
    """
    from lerobot.teleoperators import make_teleoperator_from_config

    from armchair_robot.config_armchair_so101 import ArmchairSO101LeaderConfig

    note = twin_note() if where == TWIN else None
    port = note["ports"]["leader"] if note else where
    leader = make_teleoperator_from_config(ArmchairSO101LeaderConfig(port=port, id=arm_id))
    if note:
        _calibrate(leader, note["calibration"]["leader"])
    _connect(leader, where, f"lerobot-calibrate --teleop.type=so101_leader --teleop.port={port} --teleop.id={arm_id}")
    return leader


def let_go(device: Any) -> list[str]:
    """Switch every motor off, one by one, close the line and the cameras; return the motors that did not answer.

    Stock LeRobot stops at the first motor that does not answer and leaves the others on (lerobot 0.6.1,
    motors/motors_bus.py, `disable_torque`). Never raises for a device that is gone.
    """
    bus, silent = device.bus, []
    if bus.is_connected:
        for motor in bus.motors:
            try:
                bus.write("Torque_Enable", motor, 0, num_retry=_OFF_TRIES)
                bus.write("Lock", motor, 0, num_retry=_OFF_TRIES)
            except Exception:  # whatever it was, the other motors come first
                silent.append(motor)
        with suppress(Exception):
            bus.disconnect(disable_torque=False)
    for camera in getattr(device, "cameras", {}).values():
        with suppress(Exception):
            camera.disconnect()
    return silent


def flush(device: Any) -> None:
    """Forget what came too late, before the next reading.

    One reply after LeRobot has stopped waiting makes all later readings one cycle old, for ever: scservo_sdk's
    `clearPort` flushes what is to be sent, not what was received.
    """
    device.bus.port_handler.ser.reset_input_buffer()


def _camera_configs(note: Mapping[str, Any] | None, cameras: str | None) -> dict[str, Any]:
    from lerobot.cameras.configs import CameraConfig

    from armchair_robot.config_camera_armchair import ArmchairCameraConfig

    if cameras is None:
        return {name: ArmchairCameraConfig(name=name) for name in (note or {"cameras": ()})["cameras"]}
    import draccus
    import yaml
    from lerobot.cameras.opencv import OpenCVCameraConfig  # noqa: F401 - so that its name is known
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    try:
        return {name: draccus.decode(CameraConfig, config) for name, config in yaml.safe_load(cameras).items()}
    except Exception as error:  # draccus has many, and every one is about what was typed
        raise ArmchairError(
            f"the cameras {cameras!r} cannot be read ({str(error).splitlines()[0]}): write them as for LeRobot, "
            "'{front: {type: opencv, index_or_path: 0, width: 640, height: 480, fps: 30}}'."
        ) from None


def _calibrate(device: Any, calibration: dict[str, dict[str, int]]) -> None:
    """The twin knows its own calibration: no file of the user's is read or written."""
    from lerobot.motors import MotorCalibration

    device.calibration = {motor: MotorCalibration(**values) for motor, values in calibration.items()}
    device.bus.calibration = device.calibration


def _connect(device: Any, where: str, calibrate: str) -> None:
    for attempt in range(_TRIES):
        try:
            device.connect(calibrate=False)
            break
        except Exception as error:
            let_go(device)
            if attempt == _TRIES - 1 or not isinstance(error, (ConnectionError, RuntimeError, TimeoutError)):
                raise _sentence(error, where) from error
            time.sleep(0.3)
    if not device.is_calibrated:
        let_go(device)
        raise ArmchairError(f"the arm at {where} is not calibrated under this id: type `{calibrate}` first.")


def _sentence(error: Exception, where: str) -> Exception:
    """What a person can do about it; bugs stay what they are."""
    if not isinstance(error, (ConnectionError, RuntimeError, TimeoutError, OSError)):
        return error
    said = " ".join(str(error).split())
    return ArmchairError(
        f"the arm at {where} cannot be opened ({said[:200]}): look at its plug and its power, and see that no other "
        "program uses the port."
    )
