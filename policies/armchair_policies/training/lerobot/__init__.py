"""LeRobot's own policies on the rails of `armchair train`: stock `lerobot-train` in a process of its own."""
