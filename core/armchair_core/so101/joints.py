"""The joints of the SO-101 by LeRobot's names. Without NumPy, so that a command knows them at once."""

JOINTS = (
    "shoulder_pan",
    "shoulder_lift",
    "elbow_flex",
    "wrist_flex",
    "wrist_roll",
    "gripper",
)  # ids 1 to 6 (lerobot 0.6.1, robots/so_follower/so_follower.py)
FULL_TURN_JOINT = "wrist_roll"  # no stops: LeRobot gives it the whole turn and never sweeps it
