"""The world as a Gymnasium environment, moved by your own code: here, a slow wave.

uv run python examples/02_gymnasium.py
"""

import gymnasium as gym
import numpy as np

import armchair_sim.env  # noqa: F401 - registers armchair/Reach-v0, armchair/Lift-v0, …

env = gym.make("armchair/Reach-v0")
observation, info = env.reset(seed=1)
start = observation["agent_pos"]
print("joints (degrees, gripper 0 to 100):", start.round(1))
print("cameras:", {name: picture.shape for name, picture in observation["pixels"].items()})

ended, tick = False, 0
while not ended:
    action = start.copy()
    action[0] += 20 * np.sin(tick / 10)  # shoulder_pan
    observation, reward, terminated, truncated, info = env.step(action)
    ended, tick = terminated or truncated, tick + 1
print(f"after {tick} ticks of 1/30 s: {info['ending']}")
env.close()
