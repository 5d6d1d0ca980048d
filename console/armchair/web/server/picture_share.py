"""Which pictures a page is sent: of whoever drives all and large ones; those who watch share what is left. No I/O."""

import math
from collections.abc import Sequence

from armchair.web.access.visitors import may
from armchair.web.drive.camera_stream import SMALL_PX
from armchair.web.server.viewer import Viewer

_LARGE = 3  # so many who only watch get large pictures: a projector, and not a whole class
_BYTES_S = 11e6 / 8  # of pictures for all who watch: with what is in words, 15 Mbit/s are enough for thirty


def picture_share(viewer: Viewer, viewers: Sequence[Viewer], driver: object | None) -> tuple[float, float]:
    """Return how wide a page must show a picture to get a large one, and how many bytes of pictures a second it gets.

    Where few get large pictures, teachers come before others, and who was there first before both.
    """
    above_px = _large_above_px(viewer, viewers, driver)
    if viewer is driver:
        return above_px, math.inf
    one = _BYTES_S / (len(viewers) + 2 * _LARGE)
    return above_px, one if math.isinf(above_px) else 3 * one  # large pictures have three times the bytes


def _large_above_px(viewer: Viewer, viewers: Sequence[Viewer], driver: object | None) -> float:
    if viewer.has_slow_line:
        return math.inf
    if viewer is driver:
        return 0
    asking = [each for each in viewers if each.wants_large and each is not driver]
    few = sorted(asking, key=lambda each: not may(each.role, "teacher"))[:_LARGE]
    return SMALL_PX if viewer in few else math.inf
