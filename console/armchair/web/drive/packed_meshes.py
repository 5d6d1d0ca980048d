"""The packed meshes of a model, as the page fetches them once: small integers, and the table's picture."""

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import cv2
import mujoco
import numpy as np

_LARGEST = 2**15 - 1
_JPEG_QUALITY = 82


class PackedMeshes:
    """The meshes of some geoms, and `top`, the picture of the table's top (uint8[H, W, 3]).

    `content` is JSON, compressed by gzip; `version` changes with it. Arrays are little-endian, in base64: `positions`
    int16 in `unit` metres (some 20 micrometres), `normals` int8, `faces` uint16, and where there is a texture `uvs`
    uint16.
    """

    def __init__(self, model: mujoco.MjModel, geoms: Sequence[int], top: np.ndarray) -> None:
        picture = cv2.imencode(".jpg", top[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
        unit = max(float(np.abs(_vertices(model, geom)).max()) for geom in geoms) / _LARGEST
        said = {"unit": unit, "meshes": [_packed(model, geom, unit) for geom in geoms], "top": _text(picture)}
        self.content = gzip.compress(json.dumps(said, separators=(",", ":")).encode(), mtime=0)
        self.version = hashlib.sha256(self.content).hexdigest()[:16]


def _packed(model: mujoco.MjModel, geom: int, unit_m: float) -> dict[str, Any]:
    normals = _rows(model, geom, "normal") @ _turn(model, geom).T
    found = {
        "positions": _text((_vertices(model, geom) / unit_m).round().astype("<i2")),
        "normals": _text((normals * 127).round().astype("<i1")),
        "faces": _text(_rows(model, geom, "face").astype("<u2")),
    }
    if model.mesh_texcoordadr[model.geom_dataid[geom]] >= 0:
        found["uvs"] = _text((_rows(model, geom, "texcoord") * 65535).round().astype("<u2"))
    return found


def _vertices(model: mujoco.MjModel, geom: int) -> np.ndarray:
    """Return a geom's vertices in its body's frame, [N, 3] in metres: MuJoCo has moved the mesh to its middle."""
    return _rows(model, geom, "vert") @ _turn(model, geom).T + model.geom_pos[geom]


def _turn(model: mujoco.MjModel, geom: int) -> np.ndarray:
    turn: np.ndarray = np.zeros(9)
    mujoco.mju_quat2Mat(turn, model.geom_quat[geom])
    return turn.reshape(3, 3)


def _rows(model: mujoco.MjModel, geom: int, kind: str) -> np.ndarray:
    start, count = (int(getattr(model, f"mesh_{kind}{word}")[model.geom_dataid[geom]]) for word in ("adr", "num"))
    return getattr(model, f"mesh_{kind}")[start : start + count]


def _text(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()
