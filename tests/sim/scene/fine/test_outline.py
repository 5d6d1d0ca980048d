"""Polygons are rounded where they are told to be, and cut into triangles that cover them once."""

import numpy as np
import pytest

from armchair_sim.scene.fine.outline import circle, rectangle, rounded, triangles


def area(points: np.ndarray) -> float:
    x, y = points.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


U = rounded((0, 0), (3, 0), (3, 10, 1.4), (7, 10, 1.4), (7, 0), (10, 0), (10, 14, 4), (0, 14, 4))
SHAPES = {
    "square": [rectangle((0, 0), (4, 4))],
    "fork": [U],
    "ring": [circle(0, 0, 5), circle(0, 0, 3)[::-1]],
    "plate": [rectangle((0, 0), (20, 10), 2), circle(4, 5, 2)[::-1], circle(14, 5, 3)[::-1]],
}


@pytest.mark.parametrize("name", SHAPES)
def test_triangles_cover_the_shape_once(name):
    loops = SHAPES[name]
    points, found = np.concatenate(loops), triangles(loops)
    pieces = [area(points[triangle]) for triangle in found]
    assert min(pieces) > -1e-9
    assert sum(pieces) == pytest.approx(sum(area(loop) for loop in loops), rel=1e-6)
    assert len(found) == len(points) + 2 * (len(loops) - 1) - 2


def test_a_corner_is_rounded_by_its_radius():
    plain, soft = rectangle((0, 0), (10, 10)), rectangle((0, 0), (10, 10), 3)
    assert len(plain) == 4
    from_middle = np.linalg.norm(soft - np.clip(soft, 3, 7), axis=1)
    np.testing.assert_allclose(from_middle, 3, atol=1e-9)
    assert 100 - (4 - np.pi) * 9 - 4 < area(soft) < 100 - (4 - np.pi) * 9


def test_an_outline_runs_counterclockwise_however_it_was_given():
    assert area(rounded((0, 0), (0, 5), (5, 5), (5, 0))) == pytest.approx(25)
