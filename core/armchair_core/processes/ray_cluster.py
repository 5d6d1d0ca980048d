"""A parallel map over a Ray cluster, with the results in order whatever the number of machines.

Ray is an optional extra: https://docs.ray.io. Its workers start from this very installation (or from the same
versions on their own machine), see the same files, and may die: what they were at is done again by another.
"""

import os
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from itertools import islice
from typing import Any

from armchair_core.command_line import how_to_install, runnable
from armchair_core.errors import ArmchairError, reason_of

_OURS = "lerobot_robot_armchair"
_FOREVER = -1


def map_on_ray[T, R](function: Callable[[T], R], items: Iterable[T], address: str) -> Iterator[R]:
    """Yield `function(item)` for each item, in the order of the items, computed by the cluster at `address`.

    `address` is what `ray start --head` prints, or ``local`` for a cluster on this computer that ends with the loop.
    `function` and the items must pickle; files that they name must lie on a disk that all machines share. At most two
    results a processor wait to be read. Leaving the loop early cancels what is under way.

    Raises:
        ArmchairError: if Ray is not installed, no cluster answers, or a machine has another version of Armchair.
    """
    ray = _connect(address)
    try:
        yield from _in_order(ray, function, items)
    finally:
        ray.shutdown()


def _in_order[T, R](ray: Any, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    run = ray.remote(num_cpus=1, max_retries=_FOREVER)(_run)
    ours, source = version(_OURS), iter(items)
    at_once = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting = [run.remote(ours, function, item) for item in islice(source, at_once)]
    try:
        while waiting:
            result = _result(ray, waiting.pop(0))
            waiting.extend(run.remote(ours, function, item) for item in islice(source, 1))
            yield result
    finally:
        for task in waiting:
            ray.cancel(task, force=True)


def _run[T, R](ours: str, function: Callable[[T], R], item: T) -> R:
    """Call the function in a worker, which must run the same version of Armchair."""
    theirs = version(_OURS)
    if theirs != ours:
        raise ArmchairError(
            f"a machine of the cluster has Armchair {theirs}, and this one has {ours}: install the same on all."
        )
    return function(item)


def _result(ray: Any, task: Any) -> Any:
    """Return a task's result, or raise what it raised, which Ray wraps, as it was."""
    try:
        return ray.get(task)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ArmchairError | OSError):
            raise error.cause from None
        raise
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError) as error:
        raise BrokenProcessPool(reason_of(error)) from error  # as processes of this computer's own would


def _connect(address: str) -> Any:
    """Return the module `ray`, connected to the cluster at `address`."""
    try:
        import ray
    except ImportError:
        raise ArmchairError(
            f"Ray is not installed: {how_to_install('ray')}, or leave --ray away for this computer's own cores."
        ) from None
    if address != "local" and not _answers(address):
        raise ArmchairError(f"no Ray cluster answers at {address}: {_START}.")
    # Workers share this installation: under `uv run` Ray would make each of them one of its own.
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    wanted: dict[str, Any] = {} if address == "local" else {"address": address}
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "configure_logging": False}
    try:
        ray.init(**wanted, **quiet, include_dashboard=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = reason_of(error)
        raise ArmchairError(f"the Ray cluster at {address} cannot be used ({reason}): {_START}.") from None
    return ray


_START = f"start one with `{runnable('ray', 'start', '--head')}`, which prints its address, or use --ray local"


def _answers(address: str) -> bool:
    """Return whether somebody listens there; Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return True
    except (OSError, ValueError):
        return False
