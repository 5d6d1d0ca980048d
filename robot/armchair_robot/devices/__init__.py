"""The devices: arms and cameras, opened and closed, as LeRobot's `Robot` and `Camera`."""
