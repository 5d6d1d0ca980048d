"""The 3-D scene that the page draws: the shapes of MuJoCo's model once, and where each body is, whenever it is asked.

The twin shows where everything is. Of a real arm only its joints are known: it is drawn alone on the table.
"""

from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from armchair_core.so101 import kinematics
from armchair_sim.scene.world import build_model, dress
from armchair_sim.tasks import get_task
from armchair_sim.twin.cameras.frames import State, StateSlot

_KINDS = {2: "sphere", 3: "capsule", 4: "ellipsoid", 5: "cylinder", 6: "box"}  # mjtGeom
_FARTHEST_GROUP = 2  # what lies in higher groups is not for the eye


class Scene3D:
    """The arm and its table. `task` is a simulated task's name. `folder` is a running twin's; None for a real arm."""

    def __init__(self, task: str, folder: Path | None) -> None:
        self._task, self._folder = get_task(task), folder
        self._model = build_model(self._task)
        self._data = mujoco.MjData(self._model)
        self._slot: StateSlot | None = None
        bodies = self._model.nbody if folder else 2 + len(kinematics.LINKS)  # world, base, links; the task's come last
        self._bodies = range(bodies)
        self.scene = -1  # which one is shown: its colours differ
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)
        # From what the twin's front camera shows to its eye, a unit vector in the arm's frame: a camera looks along -z.
        self.front = _list(self._data.cam_xmat[self._model.camera("front").id].reshape(3, 3)[:, 2])

    def shapes(self) -> dict[str, Any]:
        """Return the bodies' names, and geoms: metres, quaternions as w x y z, colours 0 to 1."""
        m = self._model
        return {
            "bodies": [m.body(body).name for body in self._bodies],
            "geoms": [
                {
                    "body": int(m.geom_bodyid[geom]), "kind": _KINDS[int(m.geom_type[geom])],
                    "size": _list(m.geom_size[geom]), "pos": _list(m.geom_pos[geom]), "quat": _list(m.geom_quat[geom]),
                    "rgba": _list(m.geom_rgba[geom]),
                }
                for geom in range(m.ngeom)
                if int(m.geom_bodyid[geom]) in self._bodies and int(m.geom_type[geom]) in _KINDS
                and m.geom_group[geom] <= _FARTHEST_GROUP and m.geom_rgba[geom][3] > 0
            ],
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


def _list(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]
