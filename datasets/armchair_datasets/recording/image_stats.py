"""Image statistics of an episode in LeRobot's shape (datasets/compute_stats.py in lerobot 0.6.1)."""

import numpy as np

QUANTILES = (0.01, 0.10, 0.50, 0.90, 0.99)


def image_stats(counts: np.ndarray, frames: int) -> dict[str, np.ndarray]:
    """Return one camera's statistics over an episode, each float64[3,1,1] in [0, 1], and `count`, the frames.

    `counts` is int64[3,256], how often each value occurred in each colour. Unlike LeRobot's own function,
    which samples about 100 frames and bins them, these are exact over every pixel.
    """
    values = np.arange(256) / 255
    share = counts / counts.sum(axis=1, keepdims=True)
    mean = share @ values
    columns = {
        "min": values[(counts > 0).argmax(axis=1)],
        "max": values[255 - (counts[:, ::-1] > 0).argmax(axis=1)],
        "mean": mean,
        "std": np.sqrt((share * (values - mean[:, None]) ** 2).sum(axis=1)),
    }
    cumulative = counts.cumsum(axis=1)
    for quantile in QUANTILES:
        reached = cumulative >= quantile * cumulative[:, -1:]
        columns[f"q{round(quantile * 100):02d}"] = values[reached.argmax(axis=1)]
    stats = {name: column.reshape(3, 1, 1) for name, column in columns.items()}
    return stats | {"count": np.array([frames])}
