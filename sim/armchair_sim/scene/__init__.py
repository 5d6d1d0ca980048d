"""The simulated scene: arm model, cameras, light, servos and their variations, in MuJoCo."""
