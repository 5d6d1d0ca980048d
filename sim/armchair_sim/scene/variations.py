"""The variations by name: the rows of the suite, and the desks that a recording may have. No I/O."""

from armchair_core.errors import unknown_name
from armchair_sim.scene.desks.clutter import MOST
from armchair_sim.scene.desks.lens import Lens
from armchair_sim.scene.variation import NOMINAL, Variation
from armchair_sim.scene.varied import draw_desk

VARIED = Variation(
    "varied", "all of this at once, another desk in each scene", has_patterns=True, things=MOST, draw=draw_desk
)

# Each is what happens on real desks: a tripod that was touched, the evening, another cube, another table, a printed arm
# that has worn, a laptop that is busy.
ROBUST = (
    NOMINAL,
    Variation(
        "camera", "front camera moved by 2 cm and turned by 3°, wrist camera by 5 mm and 1°",
        camera=((0.02, 3.0), (0.005, 1.0)),
    ),
    Variation("light", "light half as bright, and warmer", light=0.5, warmth=1.15),
    Variation("object-colour", "object of another colour, 40° along the colour circle", object_hue=-40 / 360),
    Variation("table-colour", "grey table, green mat", room_rgb=((0.62, 0.64, 0.66), (0.24, 0.36, 0.28))),
    Variation("patterns", "table and mat of wood, stone, cloth or print, others in each scene", has_patterns=True),
    Variation("clutter", "four other things lying about on the table", things=MOST),
    Variation(
        "lens", "a cheap camera: a little blurred, noisy, too bright, and compressed",
        lens=Lens(blur=0.008, noise=6.0, exposure=1.15, jpeg=50),
    ),
    Variation("size", "object smaller by a sixth: a cube of 25 mm instead of 30", size=5 / 6),
    Variation("delay", "40 ms from a command to the motor, not 20", delay_s=0.04),
    Variation("backlash", "2° of free play in the gears, not 1", backlash_deg=2.0),
    Variation("pushes", "pushes of 10 N at the gripper, about one a second, while it acts", push_n=10.0),
    VARIED,
)  # fmt: skip

# On which desks a recording may be made.
DESKS = {"usual": NOMINAL, "varied": VARIED}


def get_variation(name: str) -> Variation:
    """Return the variation called `name`.

    Raises:
        ArmchairError: if there is none; it names the nearest.
    """
    found = {variation.name: variation for variation in ROBUST}
    if name not in found:
        raise unknown_name("variation", name, found)
    return found[name]
