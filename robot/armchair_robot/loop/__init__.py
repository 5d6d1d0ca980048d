"""The control loop: observe, act, guard, apply, tell the listeners; simulated or in real time."""
