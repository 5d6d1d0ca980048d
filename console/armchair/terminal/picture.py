"""A picture in a terminal, two pixels a character: upper half in the foreground's colour, lower in the background's."""

import os
import shutil
import sys

import numpy as np


def can_show() -> bool:
    """Whether there is a terminal of 24-bit colours to show pictures in."""
    return sys.stdout.isatty() and os.environ.get("COLORTERM", "") in ("truecolor", "24bit")


def lines_of(picture: np.ndarray, columns: int) -> list[str]:
    """Lines of `columns` characters for uint8[h,w,3], seen 4:3."""
    rows = columns * 3 // 4 // 2 * 2
    at = np.ix_(_middles(rows, picture.shape[0]), _middles(columns, picture.shape[1]))
    pixels = picture[at]
    return [
        "".join(f"\x1b[38;2;{r};{g};{b}m\x1b[48;2;{R};{G};{B}m▀" for (r, g, b), (R, G, B) in zip(up, low, strict=True))
        + "\x1b[0m"
        for up, low in zip(pixels[::2].tolist(), pixels[1::2].tolist(), strict=True)
    ]


def _middles(count: int, length: int) -> np.ndarray:
    return ((np.arange(count) + 0.5) * length / count).astype(int)


class PictureScreen:
    """Shows one picture after another in the same place; `close` leaves the cursor below it."""

    def __init__(self) -> None:
        size = shutil.get_terminal_size()
        self._columns = max(16, min(size.columns - 2, (size.lines - 3) * 8 // 3, 80))
        self._height = 0

    def show(self, picture: np.ndarray) -> None:
        """Draw uint8[h,w,3] over the one before."""
        lines = lines_of(picture, self._columns)
        back = f"\x1b[{self._height}A" if self._height else ""
        print(back + "\n".join(lines), flush=True)
        self._height = len(lines)

    def close(self) -> None:
        """What is printed next stands below the last picture."""
        self._height = 0
