"""The shapes of the arm: boxes and cylinders, drawn where they stand when every joint is at zero. No I/O.

The drawing is in the base frame (x forward, y left, z up, metres); `arm_model` moves each shape into the frame of
the link that carries it. Sizes follow the bounding boxes of the public meshes and the STS3215's own body
(45.4 x 24.8 x 39.6 mm); see `armchair_core.so101.kinematics` for the sources.
"""

from dataclasses import dataclass

PRINTED = (0.96, 0.72, 0.10, 1.0)  # the yellow that many SO-101 are printed in
SERVO = (0.10, 0.10, 0.11, 1.0)
BOARD = (0.05, 0.30, 0.20, 1.0)
PAD = (0.80, 0.56, 0.06, 1.0)


@dataclass(frozen=True)
class Box:
    """An upright box from `low` to `high`, turned by `pitch` about its own middle (down is positive)."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    rgba: tuple[float, float, float, float] = PRINTED
    pitch: float = 0.0

    @property
    def middle(self) -> tuple[float, ...]:
        """(x, y, z) of the box's middle."""
        return tuple((a + b) / 2 for a, b in zip(self.low, self.high, strict=True))

    @property
    def half_size(self) -> tuple[float, ...]:
        """Half of its edges, (x, y, z)."""
        return tuple((b - a) / 2 for a, b in zip(self.low, self.high, strict=True))


@dataclass(frozen=True)
class Disc:
    """A cylinder about `axis` ("x", "y" or "z")."""

    middle: tuple[float, float, float]
    radius: float
    half_length: float
    axis: str
    rgba: tuple[float, float, float, float] = PRINTED


SHAPES: dict[str, tuple[Box | Disc, ...]] = {
    "base": (
        Box((-0.031, -0.0555, 0.0), (0.0646, 0.0555, 0.010)),
        Box((0.008, -0.024, 0.010), (0.064, 0.024, 0.026)),
        Box((0.0155, -0.0124, 0.026), (0.0612, 0.0124, 0.0605), SERVO),
        Box((0.005, -0.024, 0.026), (0.0155, 0.024, 0.056)),
        Box((-0.028, -0.036, 0.010), (-0.002, 0.036, 0.014), BOARD),
        Box((-0.028, -0.041, 0.010), (-0.002, -0.036, 0.034)),
        Box((-0.028, 0.036, 0.010), (-0.002, 0.041, 0.034)),
    ),
    "shoulder": (
        Disc((0.0388, 0.0, 0.0635), 0.021, 0.003, "z"),
        Box((0.020, -0.0235, 0.0665), (0.086, 0.0235, 0.0735)),
        Box((0.030, -0.0235, 0.0735), (0.0385, 0.0235, 0.120)),
        Box((0.0430, -0.0198, 0.0790), (0.0816, 0.0198, 0.1290), SERVO),
    ),
    "upper_arm": (
        Disc((0.0692, -0.0258, 0.1166), 0.0135, 0.0055, "y"),
        Disc((0.0692, 0.0268, 0.1166), 0.0135, 0.0055, "y"),
        Box((0.0670, -0.0313, 0.112), (0.0870, -0.0213, 0.212), PRINTED, 0.11),
        Box((0.0670, 0.0223, 0.112), (0.0870, 0.0323, 0.212), PRINTED, 0.11),
        Box((0.0660, -0.0215, 0.150), (0.0780, 0.0225, 0.196)),
        Box((0.0810, -0.0198, 0.1940), (0.1060, 0.0198, 0.2410), SERVO),
        Box((0.0720, -0.0313, 0.196), (0.0810, 0.0323, 0.240)),
    ),
    "lower_arm": (
        Disc((0.0972, -0.0258, 0.2292), 0.0135, 0.0055, "y"),
        Disc((0.0972, 0.0268, 0.2292), 0.0135, 0.0055, "y"),
        Box((0.0960, -0.0300, 0.2210), (0.1960, -0.0215, 0.2420)),
        Box((0.0960, 0.0225, 0.2210), (0.1960, 0.0320, 0.2420)),
        Box((0.1220, -0.0215, 0.2190), (0.1860, 0.0225, 0.2270)),
        Box((0.1950, -0.0198, 0.2210), (0.2440, 0.0198, 0.2475), SERVO),
        Box((0.1860, -0.0300, 0.2180), (0.1960, 0.0320, 0.2470)),
    ),
    "wrist": (
        Disc((0.2321, -0.0258, 0.2344), 0.0125, 0.005, "y"),
        Disc((0.2321, 0.0268, 0.2344), 0.0125, 0.005, "y"),
        Box((0.2290, -0.0300, 0.2260), (0.2560, -0.0215, 0.2430)),
        Box((0.2290, 0.0225, 0.2260), (0.2560, 0.0320, 0.2430)),
        Box((0.2490, -0.0300, 0.2230), (0.2560, 0.0320, 0.2460)),
        Box((0.2560, -0.0227, 0.2220), (0.2890, 0.0227, 0.2468), SERVO),
    ),
    "gripper": (
        Disc((0.2915, 0.0, 0.2344), 0.0185, 0.003, "x"),
        Box((0.2940, -0.0270, 0.2010), (0.3010, 0.0240, 0.2640)),
        Box((0.3010, -0.0198, 0.2230), (0.3270, 0.0198, 0.2690), SERVO),
        Box((0.3010, -0.0270, 0.2010), (0.3300, 0.0240, 0.2190)),
        Box((0.3260, -0.0245, 0.2060), (0.3560, 0.0215, 0.2150), PRINTED, -0.12),
        Box((0.3500, -0.0180, 0.2105), (0.3800, 0.0160, 0.2190), PRINTED, -0.08),
        Box((0.3740, -0.0130, 0.2140), (0.3970, 0.0125, 0.2215), PRINTED, -0.05),
        Box((0.3250, -0.0270, 0.2010), (0.3305, -0.0210, 0.2560)),
    ),
    "moving_jaw": (
        Disc((0.3166, 0.0240, 0.2555), 0.0105, 0.004, "y"),
        Disc((0.3166, -0.0240, 0.2555), 0.0105, 0.004, "y"),
        Box((0.3120, -0.0270, 0.2460), (0.3480, -0.0205, 0.2660), PRINTED, 0.08),
        Box((0.3120, 0.0205, 0.2460), (0.3480, 0.0270, 0.2660), PRINTED, 0.08),
        Box((0.3400, -0.0270, 0.2480), (0.3520, 0.0270, 0.2640), PRINTED, 0.10),
        Box((0.3500, -0.0180, 0.2520), (0.3790, 0.0180, 0.2600), PRINTED, 0.16),
        Box((0.3740, -0.0130, 0.2480), (0.3960, 0.0130, 0.2555), PRINTED, 0.18),
    ),
}
