"""The joints of an SO-101 by LeRobot's names, apart from `so101` so that commands know them without NumPy."""

JOINTS = (
    "shoulder_pan",
    "shoulder_lift",
    "elbow_flex",
    "wrist_flex",
    "wrist_roll",
    "gripper",
)  # ids 1 to 6 (lerobot 0.6.1, robots/so_follower/so_follower.py)
FULL_TURN_JOINT = "wrist_roll"  # no stops: LeRobot gives it the whole turn and never sweeps it
