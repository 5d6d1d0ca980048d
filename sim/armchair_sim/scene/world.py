"""The world: one table with the arm, two cameras and a task's objects. `reset(seed)`, `step(goal)`, look.

Everything that moves is MuJoCo; the servos' loop runs once a physics step. The same seed and the same goals
give the same floats, bit for bit, on one machine.
"""

from collections.abc import Sequence
from math import atan2
from typing import Protocol

import mujoco
import numpy as np

from armchair_core.so101 import kinematics
from armchair_sim.scene.arm_model import OBJECT_CONAFFINITY, OBJECT_CONTYPE, add_arm
from armchair_sim.scene.lighting import set_light
from armchair_sim.scene.pushes import Pushes
from armchair_sim.scene.servo import ServoBank, ServoConfig
from armchair_sim.scene.variation import NOMINAL, Variation, object_body

# A state counts when it has lasted: half a second at 30 Hz. A lucky touch does not.
HOLD_TICKS = 15

FPS = kinematics.FPS
STEPS_PER_TICK = 10
TIMESTEP_S = 1 / (FPS * STEPS_PER_TICK)
# What a scene may change of the model, and what of it follows from the object's shape.
_LOOK = ("cam_pos", "cam_quat", "geom_rgba", "geom_matid", "body_gravcomp")
_SHAPE = (
    "geom_type", "geom_size", "geom_rbound", "geom_aabb", "body_mass", "body_inertia", "body_subtreemass",
    "body_invweight0", "dof_invweight0", "dof_M0",
)  # fmt: skip
_START_SPREAD = np.array([15.0, 5.0, 5.0, 5.0, 10.0, 8.0])  # how far a scene may differ from START


class SceneTask(Protocol):
    """What the world asks of a task; `armchair_sim.task.Task` offers it and more."""

    colour_decides: bool

    def add_objects(self, spec: mujoco.MjSpec) -> None:
        """Add the task's bodies to the model that is about to be compiled."""

    def paint(self, model: mujoco.MjModel, seed: int) -> None:
        """Give the objects the colours of the scene of `seed`."""

    def place_objects(self, world: "World", rng: np.random.Generator) -> None:
        """Put the objects where this scene wants them; draws from `rng` alone."""

    def done(self, world: "World") -> bool:
        """Return whether the goal state holds now."""


def build_model(task: SceneTask, variation: Variation = NOMINAL, fine: bool = False) -> mujoco.MjModel:
    """Compile the table with the arm, the cameras and the objects of `task`; `fine` for people's eyes."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.timestep = TIMESTEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10  # a grasp that does not creep
    _add_room(spec)
    add_arm(spec)
    task.add_objects(spec)
    variation.shape(spec)
    if fine:
        from armchair_sim.scene.fine.level import add_fine_level  # made only where somebody looks

        add_fine_level(spec)
    return spec.compile()


def _add_room(spec: mujoco.MjSpec) -> None:
    # Shadows and multisampling cost a CPU ten times what the picture does: neither is drawn for the cameras.
    spec.visual.quality.offsamples = 0
    spec.visual.quality.shadowsize = 2048
    spec.visual.quality.numslices, spec.visual.quality.numstacks = 16, 8
    spec.visual.global_.offwidth, spec.visual.global_.offheight = 1280, 960
    spec.visual.headlight.specular[:] = 0.05
    spec.visual.map.znear, spec.visual.map.zfar = 0.02, 20
    spec.add_texture(
        name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX, builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.62, 0.68, 0.74], rgb2=[0.80, 0.82, 0.84], width=32, height=192,
    )  # fmt: skip
    room = spec.worldbody
    room.add_light(pos=(0.5, 0.5, 1.6), specular=[0.1] * 3, castshadow=True,
                   type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)  # fmt: skip
    room.add_geom(
        name="table", type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.45, 0.55, 0.02], pos=[0.25, 0, -0.02],
        rgba=[0.72, 0.66, 0.57, 1],
        contype=OBJECT_CONTYPE, conaffinity=OBJECT_CONAFFINITY, condim=4, friction=[0.8, 0.005, 0.0001],
    )  # fmt: skip
    room.add_geom(  # where objects land, with a margin
        name="mat", type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.105, 0.18, 0.0002], pos=[0.235, 0, 0],
        rgba=[0.27, 0.31, 0.35, 1], contype=0, conaffinity=0,
    )  # fmt: skip
    _add_front_camera(room)


def _add_front_camera(room: mujoco.MjsBody) -> None:
    eye, target = np.array([0.64, 0.24, 0.42]), np.array([0.175, 0.0, 0.075])
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross([0, 0, 1], back) / np.linalg.norm(np.cross([0, 0, 1], back))
    turn = np.column_stack([right, np.cross(back, right), back])
    quat = np.zeros(4)
    mujoco.mju_mat2Quat(quat, turn.ravel())
    room.add_camera(name="front", pos=eye, quat=quat, fovy=43)


def dress(model: mujoco.MjModel, task: SceneTask, seed: int) -> None:
    """Give `model` the light and the colours of the scene of `seed`."""
    set_light(model, seed)
    task.paint(model, seed)


class World[T: SceneTask]:
    """The simulated bench. Positions are metres and radians in the base frame unless a name says otherwise."""

    def __init__(self, task: T, servo: ServoConfig | None = None, variation: Variation = NOMINAL) -> None:
        self.task, self.variation, self.desk = task, variation, variation
        self.model = build_model(task, variation)
        self.data = mujoco.MjData(self.model)
        self._servo_config = servo or ServoConfig()
        self.servo = ServoBank(variation.servos(self._servo_config), TIMESTEP_S)
        self._look = {name: getattr(self.model, name).copy() for name in _LOOK}
        self.notes: set[str] = set()  # what a task wants to remember about this episode
        self._tip_id = self.model.site("tip").id
        self.reset(0)

    # --- the scene ------------------------------------------------------------------------------------------
    def reset(self, seed: int) -> None:
        """Set the scene of `seed`: where objects lie, how the arm stands and how it is lit."""
        rng = np.random.default_rng(seed)
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:6] = kinematics.units_to_rad(kinematics.START + rng.uniform(-_START_SPREAD, _START_SPREAD))
        self._set_scene(seed, rng)
        self.servo.reset(self.data.qpos[:6])

    def reset_objects(self, seed: int) -> None:
        """Set the scene of `seed` around the arm as it stands."""
        rng = np.random.default_rng(seed)
        rng.uniform(-_START_SPREAD, _START_SPREAD)  # what `reset` draws for the arm
        self._set_scene(seed, rng)

    def _set_scene(self, seed: int, rng: np.random.Generator) -> None:
        self.scene = seed
        if self.variation.draw is not None:
            self._set_desk(self.variation.at(seed, self.task.colour_decides))
        for name, values in self._look.items():
            getattr(self.model, name)[:] = values
        dress(self.model, self.task, seed)
        self.desk.dress(self.model, seed)
        self._pushes = Pushes(self.desk.push_n, seed) if self.desk.push_n else None
        self.notes.clear()
        self.held_ticks = 0
        self.task.place_objects(self, rng)
        mujoco.mj_forward(self.model, self.data)
        if self.desk.things:
            self.desk.litter(self.model, self.data, seed)
            mujoco.mj_forward(self.model, self.data)

    def _set_desk(self, desk: Variation) -> None:
        """Take the object's shape and the servos' faults over from `desk`."""
        self.desk = desk
        shaped = build_model(self.task, desk)
        for name in _SHAPE:
            getattr(self.model, name)[:] = getattr(shaped, name)
        self.servo.wear(desk.servos(self._servo_config))

    def place_free(self, body: str, position: Sequence[float], yaw: float) -> None:
        """Put a free body at rest at `position`, turned by `yaw`."""
        joint = self.data.joint(body)
        joint.qpos[:3], joint.qpos[3:] = position, _yaw_quat(yaw)
        joint.qvel[:] = 0

    def place_fixture(self, body: str, position: Sequence[float], yaw: float) -> None:
        """Put a mocap body, which nothing moves, at `position`, turned by `yaw`."""
        mocap = self.model.body(body).mocapid[0]
        self.data.mocap_pos[mocap], self.data.mocap_quat[mocap] = position, _yaw_quat(yaw)

    # --- one control tick -----------------------------------------------------------------------------------
    def step(self, goal: np.ndarray) -> None:
        """Write `goal` (LeRobot's units, float[6]) to the servos and let 1/30 s pass."""
        self.servo.write_goal(kinematics.units_to_ticks(goal))
        angles, speeds, ctrl = self.data.qpos[:6], self.data.qvel[:6], self.data.ctrl
        if self._pushes:
            self.data.body("gripper").xfrc_applied[:3] = self._pushes.force_n()
        for _ in range(STEPS_PER_TICK):
            ctrl[:] = self.servo.duty(angles, speeds)
            mujoco.mj_step(self.model, self.data)
        self.judge()

    def judge(self) -> bool:
        """Count for how many ticks the goal state has held; return whether that is long enough."""
        self.held_ticks = self.held_ticks + 1 if self.task.done(self) else 0
        return self.success

    @property
    def success(self) -> bool:
        """Whether the goal state has held long enough not to be an accident."""
        return self.held_ticks >= HOLD_TICKS

    # --- what is where --------------------------------------------------------------------------------------
    @property
    def state(self) -> np.ndarray:
        """`observation.state`: what the servos report, float32[6] in LeRobot's units."""
        return kinematics.ticks_to_units(self.servo.present_ticks)

    @property
    def gripper(self) -> float:
        """How far the gripper is open, 0 to 100."""
        return float(self.state[5])

    @property
    def gripper_pose(self) -> kinematics.Pose:
        """The grasp point's pose as the servos report it, backlash and all."""
        return kinematics.forward_kinematics(kinematics.ticks_to_rad(self.servo.present_ticks))

    @property
    def tip(self) -> np.ndarray:
        """Where the grasp point really is, float64[3]."""
        return self.data.site_xpos[self._tip_id].copy()

    def position(self, body: str) -> np.ndarray:
        """Return the middle of a body, float64[3]."""
        return self.data.body(body).xpos.copy()

    @property
    def object_at(self) -> tuple[float, float]:
        """Where the object that the task is about is on the table: x and y."""
        x, y, _ = self.data.xpos[object_body(self.model)]
        return float(x), float(y)

    def yaw(self, body: str) -> float:
        """Return a body's turn about the vertical."""
        matrix = self.data.body(body).xmat
        return atan2(matrix[3], matrix[0])

    def speed(self, body: str) -> float:
        """Return how fast a free body moves, in m/s."""
        return float(np.linalg.norm(self.data.joint(body).qvel[:3]))

    def touching(self, one: str, other: str) -> bool:
        """Return whether two named geoms are in contact."""
        pair = {self.model.geom(one).id, self.model.geom(other).id}
        return any(set(geoms) == pair for geoms in self.data.contact.geom.tolist())

    def gravity_nm(self) -> np.ndarray:
        """Return the torque that each joint must give to stand still, float64[6] in N m."""
        return self.data.qfrc_bias[:6].copy()


def _yaw_quat(yaw: float) -> list[float]:
    return [float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2))]
