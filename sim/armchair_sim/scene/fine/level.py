"""The fine level of a model: a mesh for everything that people see, in a geom group of its own.

No mesh weighs anything or touches anything. The arm's move with its links; those of the table and of a task's objects
are made of the plain geoms, whose colours they take.
"""

import mujoco
import numpy as np

from armchair_sim.scene.arm_model import FIXED_PAD
from armchair_sim.scene.fine.arm_level import arm_meshes
from armchair_sim.scene.fine.finishes import FINISHES, add_finishes
from armchair_sim.scene.fine.mesh import Mesh
from armchair_sim.scene.fine.objects import object_mesh
from armchair_sim.scene.fine.textures import shape_of_top, table_top

FINE_GROUP = 2
TOP = "table top"  # its geom, mesh, material and texture
_TOP_PIECES = 12  # along each side: light is worked out at corners
_LIFTED_M = 0.0003  # above the table's own top, and the mat's


def add_fine_level(spec: mujoco.MjSpec) -> None:
    """Add a mesh to each body of `spec` for each finish that it has, and the table's top with its texture."""
    add_finishes(spec)
    meshes = arm_meshes()
    for body in list(spec.bodies):
        if body.name in meshes:
            for finish, mesh in meshes[body.name].items():
                _add_mesh(spec, body, f"{body.name}/{finish}", mesh, finish)
        else:
            _add_objects(spec, body)
    _add_table_top(spec)


def _add_objects(spec: mujoco.MjSpec, body: mujoco.MjsBody) -> None:
    for place, geom in enumerate(list(body.geoms)):
        mesh = None if geom.name == "mat" else object_mesh(geom)  # the mat is in the picture of the table's top
        if mesh:
            _add_mesh(spec, body, f"{body.name}/{place}", mesh, "matt")
        elif geom.name != "mat":
            geom.group = FINE_GROUP


def _add_mesh(spec: mujoco.MjSpec, body: mujoco.MjsBody, name: str, mesh: Mesh, finish: str) -> mujoco.MjsMesh:
    faces = mesh.faces.ravel().astype(np.int32)
    added = spec.add_mesh(
        name=name, uservert=mesh.vertices.ravel(), usernormal=mesh.normals.ravel(), userface=faces,
        userfacenormal=faces, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
    )  # fmt: skip
    body.add_geom(
        name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, material=finish, rgba=FINISHES[finish].rgba,
        contype=0, conaffinity=0, group=FINE_GROUP, mass=0,
    )  # fmt: skip
    return added


def _add_table_top(spec: mujoco.MjSpec) -> None:
    """Lay a sheet on the table that carries the texture."""
    table = spec.geom("table")
    half, middle = np.array(table.size[:2]), np.array([*table.pos[:2], table.pos[2] + table.size[2] + _LIFTED_M])
    steps = np.linspace(0, 1, _TOP_PIECES + 1)
    uv = np.array(np.meshgrid(steps, steps, indexing="ij")).reshape(2, -1).T
    vertices = np.column_stack([(2 * uv - 1) * (half - 0.0015), np.zeros(len(uv))]) + middle
    row = _TOP_PIECES + 1
    first = (np.arange(_TOP_PIECES)[:, None] * row + np.arange(_TOP_PIECES)).reshape(-1, 1)
    faces = np.concatenate([first + np.array(each) for each in ((0, row, row + 1), (0, row + 1, 1))])
    sheet = Mesh(vertices, np.tile([0.0, 0.0, 1.0], (len(uv), 1)), faces)
    mesh = _add_mesh(spec, spec.worldbody, TOP, sheet, TOP)
    mesh.usertexcoord, mesh.userfacetexcoord = uv[:, ::-1].ravel(), faces.ravel().astype(np.int32)
    rows, columns = shape_of_top(half.tolist())
    texture = spec.add_texture(name=TOP, type=mujoco.mjtTexture.mjTEXTURE_2D, width=columns, height=rows, nchannel=3)
    texture.data = bytes(3 * rows * columns)
    spec.material(TOP).textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = TOP


def take_colours(fine: mujoco.MjModel, plain: mujoco.MjModel) -> np.ndarray:
    """Give the objects of `fine` the colours of `plain`, which may be the same; return the table's top as it looks now.

    The picture is uint8[H, W, 3], as `textures.table_top` makes it.
    """
    for geom in np.flatnonzero(fine.geom_group == FINE_GROUP):
        name = fine.geom(geom).name
        place = name.rpartition("/")[2]
        if place.isdigit():
            fine.geom_rgba[geom] = plain.geom_rgba[plain.body_geomadr[fine.geom_bodyid[geom]] + int(place)]
        elif place in _OF_THE_ARM:
            fine.geom_rgba[geom] = plain.geom_rgba[_OF_THE_ARM[place](plain)]
    table, mat = plain.geom("table"), plain.geom("mat")
    numbers = (table.size, table.rgba, mat.size, mat.pos - table.pos, mat.rgba)
    patterns = tuple(plain.mat(geom.matid[0]).name if geom.matid[0] >= 0 else "" for geom in (table, mat))
    return table_top(*(tuple(map(float, each)) for each in numbers), patterns)


_OF_THE_ARM = {  # a plain geom that has the colour of a finish
    "printed": lambda plain: plain.body("base").geomadr[0],
    "pad": lambda plain: plain.geom(FIXED_PAD).id,
}
