"""The 3-D scene that the page draws: the fine meshes of MuJoCo's model once, and where each body is, at every asking.

The twin shows where everything is. Of a real arm only its joints are known: it is drawn alone on the table.
"""

from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from armchair.web.drive.packed_meshes import PackedMeshes
from armchair_core.so101 import kinematics
from armchair_sim.scene.fine.finishes import FINISHES
from armchair_sim.scene.fine.level import FINE_GROUP, take_colours
from armchair_sim.scene.world import build_model, dress
from armchair_sim.tasks import get_task
from armchair_sim.twin.cameras.frames import State, StateSlot

_AT_TABLE_M = 0.02  # a grasp point so low is at the table


class Scene3D:
    """The arm and its table. `task` is a simulated task's name. `folder` is a running twin's; None for a real arm."""

    def __init__(self, task: str, folder: Path | None) -> None:
        self._task, self._folder = get_task(task), folder
        self._model = build_model(self._task, fine=True)
        self._data = mujoco.MjData(self._model)
        self._slot: StateSlot | None = None
        bodies = self._model.nbody if folder else 2 + len(kinematics.LINKS)  # world, base, links; the task's come last
        self._bodies = range(bodies)
        seen = np.flatnonzero((self._model.geom_group == FINE_GROUP) & (self._model.geom_bodyid < bodies))
        self._geoms = [int(geom) for geom in seen if self._model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_MESH]
        # What the geoms look like, in their bodies' frames, in the order of `shapes`.
        self.meshes = PackedMeshes(self._model, self._geoms, take_colours(self._model, self._model))
        self.scene = -1  # which one is shown: its colours differ
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)
        # From what the twin's front camera shows to its eye, a unit vector in the arm's frame: a camera looks along -z.
        self.front = _list(self._data.cam_xmat[self._model.camera("front").id].reshape(3, 3)[:, 2])

    def shapes(self) -> dict[str, Any]:
        """Return the bodies' names, geoms with their surfaces (all 0 to 1), and where the arm's marks are (metres)."""
        m = self._model
        take_colours(m, m)
        return {
            "bodies": [m.body(body).name for body in self._bodies],
            "geoms": [
                {
                    "body": int(m.geom_bodyid[geom]), "rgba": _list(m.geom_rgba[geom]),
                    "roughness": finish.roughness, "metallic": finish.metallic,
                }
                for geom, finish in ((geom, FINISHES[m.mat(m.geom_matid[geom]).name]) for geom in self._geoms)
            ],
            "meshes": self.meshes.version,
            "tip": {"body": m.body("gripper").id, "at": list(kinematics.TIP_M)},
            "reach": {
                "at": [kinematics.PAN_X_M, 0.0], "radius": round(_reach_m(), 4),
                "pan": float(kinematics.JOINT_HIGH_RAD[0]),
            },
        }  # fmt: skip

    def poses(self, units: list[float] | None) -> list[list[float]]:
        """Return x y z in metres and w x y z for each body; `units` are the joints as read, in LeRobot's units."""
        state = self._state()
        if state is not None:
            self._data.qpos[:] = state.qpos
            self._data.mocap_pos[:], self._data.mocap_quat[:] = state.mocap_pos, state.mocap_quat
            self._dress(state.scene)
        elif units is not None:
            self._data.qpos[:6] = kinematics.units_to_rad(np.array(units))
        mujoco.mj_kinematics(self._model, self._data)
        return [_list(np.append(self._data.xpos[body], self._data.xquat[body])) for body in self._bodies]

    def _dress(self, scene: int) -> None:
        if scene != self.scene:
            self.scene = scene
            dress(self._model, self._task, scene)

    def _state(self) -> State | None:
        if self._folder is None:
            return None
        if self._slot is None or self._slot.closed:
            try:
                self._slot = StateSlot.open(self._folder / "state")
            except FileNotFoundError:
                return None
        return self._slot.read()


def _reach_m() -> float:
    """Return how far from the pan axis the grasp point gets at the table's height, with the arm stretched."""
    lifts = np.linspace(0, kinematics.JOINT_HIGH_RAD[1], 300)
    poses = [kinematics.forward_kinematics(np.array([0, lift, kinematics.STRAIGHT_ELBOW_RAD, 0, 0])) for lift in lifts]
    return max(kinematics.radius(pose.x, pose.y) for pose in poses if pose.z < _AT_TABLE_M)


def _list(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]
