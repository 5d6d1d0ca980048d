"""What was seen: episodes recorded durably and assembled into LeRobotDatasets. Importing it is light."""
