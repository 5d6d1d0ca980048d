import numpy as np

from armchair_datasets.recording.episode_folder import count_values
from armchair_datasets.recording.image_stats import image_stats


def test_agrees_with_lerobot(make_ticks):
    from lerobot.datasets.compute_stats import get_feature_stats

    images = np.stack([tick.observation["pixels"]["front"] for tick in make_ticks(2, 12)])
    ours = image_stats(sum(count_values(image) for image in images), len(images))
    theirs = get_feature_stats(images.transpose(0, 3, 1, 2), axis=(0, 2, 3), keepdims=True)
    assert set(ours) == set(theirs)
    assert ours["count"] == theirs["count"]
    for name in set(theirs) - {"count"}:
        assert ours[name].shape == (3, 1, 1)
        np.testing.assert_allclose(ours[name], theirs[name][0] / 255, atol=1 / 255, err_msg=name)
    # LeRobot takes the deviation as a difference of float32 squares, a few thousandths off; ours is exact.
    pixels = images.reshape(-1, 3) / 255
    np.testing.assert_allclose(ours["mean"].ravel(), pixels.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(ours["std"].ravel(), pixels.std(axis=0), rtol=1e-9)


def test_exact_on_a_known_picture():
    image = np.zeros((10, 10, 3), np.uint8)
    image[:5, :, 0] = 255  # half of the red plane
    image[0, 0, 1] = 51  # one green pixel in a hundred
    stats = {name: value.ravel() for name, value in image_stats(count_values(image), 1).items()}
    np.testing.assert_allclose(stats["mean"], [0.5, 0.002, 0])
    np.testing.assert_allclose(stats["std"], [0.5, 0.2 * np.sqrt(0.01 * 0.99), 0])
    np.testing.assert_allclose(stats["max"], [1, 0.2, 0])
    np.testing.assert_allclose(stats["q90"], [1, 0, 0])
