"""Datasets: episodes recorded durably, judged, repaired, edited and pushed as LeRobotDatasets. Light to import."""
