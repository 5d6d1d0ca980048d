"""The soft shadow on the table: what the lamp does not see of it, blurred the more the higher above it something is.

The problem: MuJoCo's own shadows have hard, jagged edges and double what a picture costs on a CPU. Here the lamp looks
at the scene once, in a small picture of depths; that is cut into layers by height, and each is blurred as a lamp of
some width would. It darkens the table only.
"""

import mujoco
import numpy as np

from armchair_sim.scene.fine.textures import PIXELS_PER_M

PIXELS = 256  # of the lamp's picture, along each side
_HALF_M, _MIDDLE_M, _AWAY_M = 0.58, (0.22, 0.0, 0.12), 2.0
_LAYERS_M = (0.0015, 0.02, 0.06, 0.14, 10.0)
_BLURS_M = (0.003, 0.006, 0.012, 0.022)  # of what stands in each layer
_HEADLIGHT = 0.6  # how much of the light from the camera's side falls on the table
_STRENGTH, _DARKEST = 1.3, 0.7  # what hides the lamp hides some of the room, too


class SoftShadow:
    """Darkens pictures of the table's top. `renderer` is for a model of the fine level, and PIXELS in size."""

    def __init__(self, renderer: mujoco.Renderer, option: mujoco.MjvOption) -> None:
        self._renderer, self._option = renderer, option
        renderer.enable_depth_rendering()

    def darken(self, top: np.ndarray, data: mujoco.MjData) -> np.ndarray:
        """Return `top`, uint8[H, W, 3] (see `textures.table_top`), as the lamp of `data` lights it."""
        import cv2

        model = self._renderer.model
        dark = self._share_of_lamp(model) * self._shadow(data)
        bright = (255 * (1 - dark)).astype(np.uint8)
        on_top = cv2.warpAffine(
            bright, self._way_to_picture(model), top.shape[1::-1], borderMode=cv2.BORDER_CONSTANT, borderValue=255,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )  # fmt: skip
        return cv2.multiply(top, cv2.cvtColor(on_top, cv2.COLOR_GRAY2RGB), scale=1 / 255)

    def _shadow(self, data: mujoco.MjData) -> np.ndarray:
        """Return how dark it is where the lamp looks: float32[PIXELS, PIXELS], 1 in the dark."""
        import cv2

        heights = self._heights(data)
        light = np.ones_like(heights)
        for low, high, blur in zip(_LAYERS_M, _LAYERS_M[1:], _BLURS_M, strict=False):
            layer = ((heights >= low) & (heights < high)).astype(np.float32)
            light *= 1 - cv2.GaussianBlur(layer, (0, 0), blur / (2 * _HALF_M) * PIXELS)
        return 1 - light

    def _heights(self, data: mujoco.MjData) -> np.ndarray:
        """Return how high above the table what the lamp sees is, float32[PIXELS, PIXELS] in metres."""
        ahead = self._renderer.model.light_dir[0]
        lamp = mujoco.MjvCamera()
        lamp.lookat[:], lamp.distance = _MIDDLE_M, _AWAY_M
        lamp.azimuth = np.degrees(np.arctan2(ahead[1], ahead[0]))
        lamp.elevation = np.degrees(np.arcsin(ahead[2]))
        self._renderer.update_scene(data, lamp, self._option)
        for eye in self._renderer.scene.camera:
            eye.orthographic = 1
            eye.frustum_top, eye.frustum_bottom, eye.frustum_width = _HALF_M, -_HALF_M, _HALF_M
        depths = self._renderer.render()
        _, up, eye_m = _lamp_frame(ahead)
        rows = _HALF_M * (1 - (2 * np.arange(PIXELS) + 1) / PIXELS)
        return (eye_m[2] + rows[:, None] * up[2] + depths * ahead[2]).astype(np.float32)

    @staticmethod
    def _share_of_lamp(model: mujoco.MjModel) -> float:
        """Return how much darker the table is in the shadow, 0 to 1."""
        lamp = float(model.light_diffuse[0].mean() * -model.light_dir[0][2])
        head = model.vis.headlight
        return min(_DARKEST, _STRENGTH * lamp / (lamp + float(head.ambient.mean() + _HEADLIGHT * head.diffuse.mean())))

    @staticmethod
    def _way_to_picture(model: mujoco.MjModel) -> np.ndarray:
        """Return the map, float64[2, 3], from a pixel (column, row) of the table's top to one of the lamp's picture."""
        table, (right, up, eye) = model.geom("table"), _lamp_frame(model.light_dir[0])
        corner = np.array([*(table.pos[:2] - table.size[:2] + 0.5 / PIXELS_PER_M), table.pos[2] + table.size[2]]) - eye
        scale = PIXELS / (2 * _HALF_M)
        return np.array(
            [
                [
                    scale * right[1] / PIXELS_PER_M,
                    scale * right[0] / PIXELS_PER_M,
                    scale * (corner @ right + _HALF_M) - 0.5,
                ],
                [-scale * up[1] / PIXELS_PER_M, -scale * up[0] / PIXELS_PER_M, scale * (_HALF_M - corner @ up) - 0.5],
            ]
        )


def _lamp_frame(ahead: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the lamp's right, its up and where it looks from, float64[3] each, for the way that its light falls."""
    ahead = ahead / np.linalg.norm(ahead)
    right = np.cross(ahead, [0, 0, 1])
    right /= np.linalg.norm(right)
    return right, np.cross(right, ahead), np.array(_MIDDLE_M) - _AWAY_M * ahead
