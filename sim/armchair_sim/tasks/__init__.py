"""The registry of tasks. A file in this folder with one `Task` subclass in it is a task: nothing else to register."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from armchair_core.errors import unknown_name
from armchair_sim.task import Task


def task_names() -> tuple[str, ...]:
    """Return every task's name, in alphabetical order."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


@cache
def get_task(name: str) -> Task:
    """Return the task in the file `name`.py.

    Raises:
        ArmchairError: if there is none; it names the nearest.
    """
    if name not in task_names():
        raise unknown_name("task", name, task_names())
    module = import_module(f"{__name__}.{name}")
    (task,) = (thing for thing in vars(module).values() if _is_task_of(thing, module.__name__))
    return task()


def _is_task_of(thing: object, module: str) -> bool:
    return isinstance(thing, type) and issubclass(thing, Task) and thing.__module__ == module
