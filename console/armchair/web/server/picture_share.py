"""Which pictures a page is sent: of whoever drives all and large ones; those who watch share what is left. No I/O."""

import math
from collections.abc import Sequence

from armchair.web.access.visitors import may
from armchair.web.drive.camera_stream import SMALL_PX
from armchair.web.server.viewer import Viewer

_LARGE = 3  # so many who only watch get large pictures: a projector, and not a whole class
_WEIGHT = 3  # of who gets large ones
_BYTES_S = 11.5e6 / 8  # of pictures for all who watch: with what is in words, 15 Mbit/s are enough for thirty


def picture_share(viewer: Viewer, viewers: Sequence[Viewer], driver: object | None) -> tuple[float, float]:
    """Return how wide a page must show a picture to get a large one, and how many bytes of pictures a second it gets.

    Where few get large pictures, teachers come before others, and who was there first before both.
    """
    watching = [each for each in viewers if each is not driver]
    asking = [each for each in watching if each.wants_large]
    few = sorted(asking, key=lambda each: not may(each.role, "teacher"))[:_LARGE]
    if viewer is driver:
        return (math.inf if viewer.has_slow_line else 0), math.inf
    one = _BYTES_S / (len(watching) + (_WEIGHT - 1) * len(few))
    return (SMALL_PX, _WEIGHT * one) if viewer in few and not viewer.has_slow_line else (math.inf, one)
