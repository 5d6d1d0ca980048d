"""The follower as the page's process opens it: patiently, for a twin shares its computer with the browser."""

import time

from armchair.web.arm.orders import ArmSpec
from armchair_core.errors import ArmchairError
from armchair_robot.bus.registers import DEVICE_ERRORS
from armchair_robot.devices.armchair_so101 import ArmchairSO101
from armchair_robot.devices.arms import TWIN, open_follower
from armchair_robot.devices.camera_armchair import ArmchairCamera

_TRIES, _AGAIN_S = 3, 1.0
_TWIN_RETRIES, _TWIN_PATIENCE_MS = 12, 5000  # late is not lost


def open_patiently(spec: ArmSpec, cameras: str | None = "{}") -> ArmchairSO101:
    """Return the follower, connected; its cameras are the page's, unless a policy is to see.

    A machine that has just started all of this misses the 50 ms that LeRobot gives a servo.

    Raises:
        ArmchairError: as `open_follower`.
    """
    robot = _opened(spec, cameras)
    if spec.where == TWIN:
        robot.config.num_read_retries = _TWIN_RETRIES
        for camera in robot.cameras.values():  # the guard lets the arm wait for a picture that is late
            if isinstance(camera, ArmchairCamera):
                camera.patience_ms = _TWIN_PATIENCE_MS
    return robot


def _opened(spec: ArmSpec, cameras: str | None) -> ArmchairSO101:
    for _ in range(_TRIES - 1):
        try:
            return open_follower(spec.where, cameras, spec.arm_id)
        except ArmchairError as error:
            if not isinstance(error.__cause__, DEVICE_ERRORS):
                raise
            time.sleep(_AGAIN_S)
    return open_follower(spec.where, cameras, spec.arm_id)
