"""The robot: serial bus, devices, safety, control loop, teleoperators and rollouts, calibration and doctor."""
