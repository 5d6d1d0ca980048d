"""One level of names: by Gymnasium's own checker, and by the library that wants it so."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env

import armchair_sim.env
from armchair_sim.flat_observations import FlatObservations


@pytest.fixture
def env():
    with_pictures = FlatObservations(armchair_sim.env.ArmchairEnv("reach", height=48, width=64))
    yield with_pictures
    with_pictures.close()


def test_the_names_stand_beside_one_another(env):
    assert set(env.observation_space) == {"front", "wrist", "agent_pos"}
    nested, _ = env.unwrapped.reset(seed=3)
    flat, _ = env.reset(seed=3)
    assert env.observation_space.contains(flat)
    assert flat["front"].shape == flat["wrist"].shape == (48, 64, 3)
    np.testing.assert_array_equal(flat["wrist"], nested["pixels"]["wrist"])
    np.testing.assert_array_equal(flat["agent_pos"], nested["agent_pos"])


@pytest.mark.filterwarnings("ignore:.*Box observation space.*")
def test_gymnasium_finds_nothing_wrong(env):
    check_env(env, skip_render_check=True)


class Observing(gym.Env):
    def __init__(self, observation_space: spaces.Space) -> None:
        self.observation_space = observation_space


def test_a_name_that_would_stand_twice_is_refused():
    one = spaces.Box(0, 1)
    twice = spaces.Dict({"front": one, "pixels": spaces.Dict({"front": one})})
    with pytest.raises(ValueError, match="'front' would stand twice"):
        FlatObservations(Observing(twice))


def test_what_is_no_dictionary_is_refused():
    with pytest.raises(ValueError, match="must be a dictionary"):
        FlatObservations(Observing(spaces.Box(0, 1)))


def test_stable_baselines_takes_it(env):
    stable_baselines3 = pytest.importorskip("stable_baselines3")
    from stable_baselines3.common.env_checker import check_env as check_for_baselines

    check_for_baselines(env)
    model = stable_baselines3.PPO("MultiInputPolicy", env, n_steps=8, batch_size=8, n_epochs=1, device="cpu", seed=0)
    model.learn(8)
    action, _ = model.predict(env.reset(seed=1)[0], deterministic=True)
    assert env.action_space.contains(action)


def test_stable_baselines_refuses_what_is_nested():
    """What the wrapper is for; when this fails, it is no longer needed there."""
    stable_baselines3 = pytest.importorskip("stable_baselines3")
    nested = armchair_sim.env.ArmchairEnv("reach", height=48, width=64)
    with pytest.raises(NotImplementedError, match="Nested observation spaces"):
        stable_baselines3.PPO("MultiInputPolicy", nested, device="cpu")
    nested.close()
