"""The desks of many people: everything that a variation can change at once, drawn anew for each scene. No I/O."""

from colorsys import hsv_to_rgb
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from armchair_sim.scene.desks.lens import Lens

if TYPE_CHECKING:
    from armchair_sim.scene.variation import Colour, Variation

_TELLING = 0.30  # the least distance of two colours, in RGB of 0 to 1, that nobody takes for one
_RED_HUE, _NEAR_RED = 0.0, 20 / 360
_PLAIN = 0.25  # share of scenes with one camera, lens or table as we have them


def draw_desk(variation: "Variation", rng: np.random.Generator, colour_decides: bool) -> "Variation":
    """Return `variation` with the desk of one scene; where the task goes by the object's colour, it hardly changes.

    Among other things the object is the red one; alone on its desk it may have any colour.
    """
    table, mat = _surface(rng), _surface(rng)
    lying = int(rng.integers(0, variation.things + 1)) if rng.random() < 0.5 else 0
    near_red = colour_decides or lying > 0
    hue = _RED_HUE + rng.uniform(-_NEAR_RED, _NEAR_RED) if near_red else rng.random()
    colour = _unlike(rng, (table, mat), hue)
    return replace(
        variation,
        camera=None if rng.random() < _PLAIN else (_moved(rng, 0.03, 4.5), _moved(rng, 0.007, 1.5)),
        light=rng.uniform(0.45, 1.4),
        warmth=rng.uniform(0.85, 1.2),
        object_hue=hue if colour_decides else 0.0,
        object_rgb=None if colour_decides else colour,
        room_rgb=None if colour_decides and rng.random() < _PLAIN else (table, mat),
        has_patterns=rng.random() > _PLAIN,
        arm_rgb=None if rng.random() < _PLAIN else _filament(rng),
        size=rng.uniform(0.8, 1.15),
        height=rng.uniform(0.75, 1.3) if rng.random() < 0.4 else 1.0,
        is_round=bool(rng.random() < 0.25),
        lying=lying,
        things_rgb=[_unlike_red(rng) for _ in range(variation.things)],
        lens=None if rng.random() < _PLAIN else _lens(rng),
        delay_s=rng.uniform(0.01, 0.045),
        backlash_deg=rng.uniform(0.0, 2.2),
    )


def _moved(rng: np.random.Generator, metres: float, degrees: float) -> tuple[float, float]:
    return rng.uniform(0, metres), rng.uniform(0, degrees)


def _surface(rng: np.random.Generator) -> "Colour":
    """Return the colour of a table or a mat: any, mostly not gaudy."""
    return hsv_to_rgb(rng.random(), rng.beta(1.2, 2.5), rng.uniform(0.2, 0.9))


def _filament(rng: np.random.Generator) -> "Colour":
    """Return the colour of a printed arm: white, black and grey as often as all others together."""
    if rng.random() < 0.5:
        return hsv_to_rgb(0.0, 0.0, rng.uniform(0.1, 0.95))
    return hsv_to_rgb(rng.random(), rng.uniform(0.5, 0.95), rng.uniform(0.4, 0.95))


def _unlike(rng: np.random.Generator, others: "tuple[Colour, ...]", hue: float) -> "Colour":
    """Return a colour of about this hue that the object does not share with what it lies on."""
    for _ in range(100):
        colour = hsv_to_rgb(hue % 1, rng.uniform(0.6, 1.0), rng.uniform(0.45, 0.95))
        if all(np.linalg.norm(np.subtract(colour, other)) > _TELLING for other in others):
            return colour
    return colour


def _unlike_red(rng: np.random.Generator) -> "Colour":
    return hsv_to_rgb(rng.uniform(0.12, 0.85), rng.uniform(0.0, 1.0), rng.uniform(0.2, 0.95))


def _lens(rng: np.random.Generator) -> Lens:
    return Lens(
        blur=rng.uniform(0, 0.012), noise=rng.uniform(0, 8), exposure=rng.uniform(0.85, 1.2),
        jpeg=int(rng.integers(40, 96)),
    )  # fmt: skip
