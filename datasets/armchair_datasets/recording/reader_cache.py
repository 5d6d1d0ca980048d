"""The cache of stock LeRobot's reader, kept in a folder of ours while a dataset is checked."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import datasets


@contextmanager
def caching_in(folder: Path) -> Iterator[None]:
    """Keep the reader's working files in `folder`, which is deleted afterwards, and not in the user's cache.

    LeRobotDataset leaves a copy of all rows there, one for each dataset that was ever opened.
    """
    before = datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = folder
    try:
        yield
    finally:
        datasets.config.HF_DATASETS_CACHE = before
        shutil.rmtree(folder, ignore_errors=True)
