"""The columns of a LeRobotDataset: LeRobot's names and ours. No I/O."""

OBSERVED_S = "clock.observed_s"
SENT_ACTION = "sent.action"
INTERVENTION = "intervention"
SHOVED = "shoved"


def age_key(camera: str) -> str:
    """Our name for the age of a camera's pictures."""
    return f"clock.{camera}_age_s"


def image_key(camera: str) -> str:
    """LeRobot's name for a camera's feature."""
    return f"observation.images.{camera}"


def camera_name(key: str) -> str:
    """What to call a camera: observation.images.front -> front."""
    return key.removeprefix("observation.images.").removeprefix("observation.")
