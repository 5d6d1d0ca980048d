"""The finishes: what a part's surface looks like, for MuJoCo's cameras and the browser alike. No I/O."""

from dataclasses import dataclass

import mujoco

from armchair_sim.scene.shapes import BOARD, PAD, PRINTED, SERVO


@dataclass(frozen=True)
class Finish:
    """A colour, and how rough and how metallic the surface is, 0 to 1."""

    rgba: tuple[float, float, float, float]
    roughness: float = 0.6
    metallic: float = 0.0


FINISHES = {
    "printed": Finish(PRINTED, 0.55),
    "servo": Finish(SERVO, 0.45),
    "pad": Finish(PAD, 0.8),
    "board": Finish(BOARD, 0.4),
    "metal": Finish((0.66, 0.67, 0.70, 1.0), 0.3, 0.8),
    "label": Finish((0.92, 0.92, 0.90, 1.0), 0.7),
    "ink": Finish((0.20, 0.22, 0.26, 1.0), 0.7),
    "wire": Finish((0.16, 0.16, 0.18, 1.0), 0.5),
    "matt": Finish((1.0, 1.0, 1.0, 1.0), 0.75),
    "table top": Finish((1.0, 1.0, 1.0, 1.0), 0.8),
}


def add_finishes(spec: mujoco.MjSpec) -> None:
    """Add a material for each finish to `spec`; colours are the geoms' own."""
    for name, finish in FINISHES.items():
        spec.add_material(
            name=name, rgba=finish.rgba, roughness=finish.roughness, metallic=finish.metallic,
            specular=0.9 * (1 - finish.roughness), shininess=(1 - finish.roughness) ** 2,
        )  # fmt: skip
