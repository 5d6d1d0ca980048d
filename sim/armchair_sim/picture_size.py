"""The size of simulated pictures. No I/O."""

from numbers import Integral

from armchair_core.errors import ArmchairError

LEAST = 16
MOST_HEIGHT, MOST_WIDTH = 960, 1280  # of MuJoCo's buffer, see `scene.world`


def check_picture_size(height: int, width: int) -> None:
    """Raise ArmchairError unless pictures of so many pixels can be drawn."""
    whole = all(isinstance(size, Integral) for size in (height, width))
    if not (whole and LEAST <= height <= MOST_HEIGHT and LEAST <= width <= MOST_WIDTH):
        span = f"{LEAST} x {LEAST} to {MOST_HEIGHT} x {MOST_WIDTH}"
        raise ArmchairError(f"pictures are {span} pixels, not {height} x {width}: use 96 x 96.")
