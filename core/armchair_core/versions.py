"""What a dataset, a policy and a score depend on besides what was asked for. No I/O."""

from importlib.metadata import version
from platform import python_version


def versions() -> dict[str, str]:
    """The installed version of everything that may change a number, by name."""
    packages = ("lerobot", "mujoco", "torch", "numpy", "av")
    found = {"armchair": version("lerobot_robot_armchair"), **{name: version(name) for name in packages}}
    return {**found, "python": python_version()}
