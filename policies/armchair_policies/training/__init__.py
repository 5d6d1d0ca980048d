"""Training: training data, checkpoints, loss curves, tracking and provenance, for nano and for LeRobot's policies."""
