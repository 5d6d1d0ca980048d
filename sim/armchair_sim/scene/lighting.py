"""The lighting of a scene: every scene has its own, as a room has at every hour. No I/O.

A policy that has seen one light only takes the light for part of the task. So brightness, the balance between
lamp and room, the lamp's colour and the side it shines from differ from scene to scene, by as much as the same
desk differs between morning and evening with the lamp on.
"""

from math import cos, sin

import mujoco
import numpy as np

AMBIENT, HEADLIGHT, LAMP = 0.42, 0.30, 0.50  # a scene's light at the middle of its range
_BRIGHTNESS = 0.18  # of all light together, as a fraction
_BALANCE = 0.20  # of room, camera's side and lamp against each other
_WARMTH = 0.06  # red up and blue down, or the other way
_LAMP_TILT_RAD, _LAMP_TILT_SPREAD_RAD = 0.41, 0.15  # from straight above
_LAMP_SIDE_RAD, _LAMP_SIDE_SPREAD_RAD = -2.19, 0.6  # the way the light falls, about the vertical
# Keeps what light is drawn apart from what objects are: the same seed still puts them where it always did.
_STREAM = 11


def set_light(model: mujoco.MjModel, seed: int) -> None:
    """Light `model` as the scene of `seed` wants it; what is drawn next shows it."""
    rng = np.random.default_rng([seed, _STREAM])
    brightness = 1 + rng.uniform(-_BRIGHTNESS, _BRIGHTNESS)
    room, camera_side, lamp = brightness * (1 + rng.uniform(-_BALANCE, _BALANCE, 3))
    warmth = rng.uniform(-_WARMTH, _WARMTH)
    tint = np.array([1 + warmth, 1.0, 1 - warmth])
    tilt = _LAMP_TILT_RAD + rng.uniform(-_LAMP_TILT_SPREAD_RAD, _LAMP_TILT_SPREAD_RAD)
    side = _LAMP_SIDE_RAD + rng.uniform(-_LAMP_SIDE_SPREAD_RAD, _LAMP_SIDE_SPREAD_RAD)
    headlight = model.vis.headlight
    headlight.ambient[:] = AMBIENT * room * tint
    headlight.diffuse[:] = HEADLIGHT * camera_side * tint
    model.light_diffuse[0] = LAMP * lamp * tint
    model.light_dir[0] = sin(tilt) * cos(side), sin(tilt) * sin(side), -cos(tilt)
