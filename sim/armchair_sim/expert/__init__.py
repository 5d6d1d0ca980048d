"""The scripted expert: grasping and binning waypoints turned into joint targets."""
