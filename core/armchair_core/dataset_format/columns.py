"""The columns of a LeRobotDataset: LeRobot's names and ours. No I/O."""

# LeRobot's own (lerobot 0.6.1, utils/constants.py), spelt here because this room imports neither LeRobot nor the Hub.
STATE, ACTION = "observation.state", "action"
IMAGE_PREFIX = "observation.images."
SUCCESS = "next.success"  # true from the frame on that reached the goal
TASK_INDEX = "task_index"
BOOKKEEPING = ("timestamp", "frame_index", "episode_index", "index", TASK_INDEX)  # in every dataset

# Ours.
OBSERVED_S = "clock.observed_s"
SENT_ACTION = "sent.action"
INTERVENTION = "intervention"
SHOVED = "shoved"


def taken_key(camera: str) -> str:
    """Return our name for when a camera's pictures were taken, on the clock of OBSERVED_S.

    A time and not an age: strangers' checkers take a number that jumps for a sensor that fails.
    """
    return f"clock.{camera}_taken_s"


def age_key(camera: str) -> str:
    """Return the name that older recordings have for the age of a camera's pictures when they were used."""
    return f"clock.{camera}_age_s"


def image_key(camera: str) -> str:
    """Return LeRobot's name for a camera's feature: front -> observation.images.front."""
    return IMAGE_PREFIX + camera


def camera_name(key: str) -> str:
    """Return what to call a camera: observation.images.front -> front."""
    return key.removeprefix(IMAGE_PREFIX).removeprefix("observation.")
