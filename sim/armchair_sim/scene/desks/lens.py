"""The lens of a cheap camera: what it, its sensor and its USB cable do to a picture. No I/O."""

from dataclasses import dataclass

import numpy as np

_SHARPEST = 0.05  # pixels of blur that nobody sees


@dataclass(frozen=True)
class Lens:
    """How a camera falls short.

    `blur` is the spread of a point, as a share of the picture's height; `noise` the sensor's, a standard deviation in
    units of 255; `exposure` a factor on all light; `jpeg` the quality of the camera's own compression, 1 to 100, or
    None without.
    """

    blur: float = 0.0
    noise: float = 0.0
    exposure: float = 1.0
    jpeg: int | None = None

    def expose(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return `picture`, uint8[H, W, 3], as this camera sends it; its noise is drawn from `rng`."""
        import cv2  # most worlds have a perfect camera

        seen = picture
        if (sigma_px := self.blur * len(picture)) > _SHARPEST:
            seen = cv2.GaussianBlur(seen, (0, 0), sigma_px)
        if self.exposure != 1.0 or self.noise:
            light = self.exposure * seen.astype(np.float32)
            light += self.noise * rng.standard_normal(seen.shape, dtype=np.float32)
            seen = light.clip(0, 255).round().astype(np.uint8)
        if self.jpeg is not None:
            _, sent = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg])
            seen = np.asarray(cv2.imdecode(sent, cv2.IMREAD_COLOR))
        return np.ascontiguousarray(seen)
