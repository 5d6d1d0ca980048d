"""The picture of the table's top: wood of the table's colour, and a mat whose lines can be counted."""

import numpy as np

from armchair_sim.scene.fine.textures import PIXELS_PER_M, table_top

TABLE, MAT = ((0.2, 0.3), (0.72, 0.66, 0.57)), ((0.1, 0.15), (0.0, 0.05), (0.3, 0.3, 0.3))


def bright(mat_rgb: tuple[float, ...] = MAT[2]) -> np.ndarray:
    return table_top(*TABLE, MAT[0], MAT[1], mat_rgb).astype(float).mean(axis=2)


def test_it_has_the_tables_shape_and_colour():
    top = table_top(*TABLE, *MAT)
    assert top.shape == (320, 480, 3)
    np.testing.assert_allclose(top[:, :40].mean(axis=(0, 1)) / 255, np.array(TABLE[1]) * (1.06, 1, 0.92), atol=0.03)
    assert top[:, :40].std() > 3  # wood, not paint


def test_the_mat_lies_where_it_is_and_has_a_line_each_centimetre():
    middle = [round((half + at) * PIXELS_PER_M) for half, at in zip(TABLE[0], MAT[1], strict=True)]
    row = bright()[middle[0] + 4]  # half a centimetre beside a line along y
    assert row[middle[1] - 100] < 100 < row[middle[1] - 140]  # on the mat, and left of it
    across = row[middle[1] - 100 : middle[1] + 100]
    peaks = (across[1:-1] > across[:-2]) & (across[1:-1] >= across[2:]) & (across[1:-1] > 1.05 * np.median(across))
    assert abs(peaks.sum() - 25) <= 2  # 25 cm


def test_it_is_the_same_picture_again_and_of_other_colours_another():
    assert table_top(*TABLE, *MAT) is table_top(*TABLE, *MAT)
    assert np.abs(bright() - bright((0.5, 0.3, 0.3))).max() > 10
