"""The versions of the software that a dataset, a policy or a score depends on."""

from importlib.metadata import version
from platform import python_version


def versions() -> dict[str, str]:
    """Return the installed version of everything that may change a number, by name."""
    packages = ("lerobot", "mujoco", "torch", "numpy", "av")
    found = {"armchair": version("lerobot_robot_armchair"), **{name: version(name) for name in packages}}
    return {**found, "python": python_version()}
