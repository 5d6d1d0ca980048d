"""A parallel map over all cores, with the results in order whatever the number of workers."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

from armchair_core.processes.ray_cluster import map_on_ray


def default_workers() -> int:
    """Return how many processes may run side by side: the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


# How many processes side by side, or the address of a Ray cluster that does it instead; None means all cores.
type Workers = int | str | None


def map_in_order[T, R](
    function: Callable[[T], R], items: Iterable[T], workers: Workers = None
) -> Generator[R, None, None]:
    """Yield `function(item)` for each item, in the order of the items, computed in `workers` processes.

    `function` and the items must pickle. One worker computes in this process. At most two results per
    worker wait to be read, so memory stays bounded. Leaving the loop early stops the workers. For a cluster see
    `ray_cluster.map_on_ray`.
    """
    if isinstance(workers, str):
        yield from map_on_ray(function, items, workers)
        return
    workers = default_workers() if workers is None else workers
    if workers <= 1:
        yield from map(function, items)
        return
    # Spawned, because neither an OpenGL context nor torch's thread pool survives a fork.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_start_worker)
    finished = False
    try:
        waiting: list[Future[R]] = []
        source = iter(items)
        waiting.extend(pool.submit(function, item) for item in islice(source, 2 * workers))
        while waiting:
            result = waiting.pop(0).result()
            waiting.extend(pool.submit(function, item) for item in islice(source, 1))
            yield result
        finished = True
    finally:
        if not finished:
            _terminate(pool)
        pool.shutdown(wait=True, cancel_futures=True)


def _terminate(pool: ProcessPoolExecutor) -> None:
    """End the workers now, in the middle of what they do; Python 3.14 has `terminate_workers` for this."""
    for process in list((pool._processes or {}).values()):
        process.terminate()


def _start_worker() -> None:
    """Prepare a worker: one thread, Ctrl-C left to the parent, and an end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Thread pools that fight over the cores are slower than none.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
    os._exit(1)
