"""The check of a camera, whether it sends pictures, through LeRobot's own Camera class."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

_PICTURES = 10
_WITHIN_MS = 1000
_BLACK = 4  # of 255: a sensor in the dark has more noise than this in its brightest pixels


@dataclass(frozen=True)
class CameraExamination:
    """What came of `_PICTURES` reads. `state` is good, gone, frozen or black; `said` is LeRobot's own error."""

    name: str
    state: str
    said: str = ""
    width: int = 0
    height: int = 0
    rate_hz: float = 0.0
    wanted_hz: float = 0.0


def examine_camera(name: str, config: Any) -> CameraExamination:
    """Open a camera with its LeRobot config, read a few pictures, and close it."""
    from lerobot.cameras import make_cameras_from_configs

    camera = None
    try:
        camera = make_cameras_from_configs({name: config})[name]
        camera.connect()
        began_s = time.perf_counter()
        pictures = [camera.async_read(timeout_ms=_WITHIN_MS) for _ in range(_PICTURES)]
        rate_hz = _PICTURES / (time.perf_counter() - began_s)
    except TimeoutError as error:
        return CameraExamination(name, "frozen", _said(error))
    except Exception as error:  # every camera class has its own; whatever it is, there is no picture
        return CameraExamination(name, "gone", _said(error))
    finally:
        if camera is not None and camera.is_connected:
            camera.disconnect()
    height, width = pictures[0].shape[:2]
    black = all(np.percentile(picture, 99.9) < _BLACK for picture in pictures)
    return CameraExamination(name, "black" if black else "good", "", width, height, rate_hz, float(config.fps or 0))


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
