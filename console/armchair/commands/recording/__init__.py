"""The recording behind `armchair record`: simulated, in real time, and uploaded meanwhile."""
