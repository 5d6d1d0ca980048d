"""Recording: episodes written durably, and assembled into a LeRobotDataset."""
