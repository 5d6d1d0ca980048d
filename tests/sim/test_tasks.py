"""One contract for every task: add a file to armchair_sim/tasks and all of this runs on it."""

import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_core.so101 import kinematics
from armchair_sim.expert.expert import Disturbance, Expert
from armchair_sim.scene.servo import ServoConfig
from armchair_sim.scene.world import FPS, World
from armchair_sim.task import REGION_X_M, REGION_Y_M
from armchair_sim.tasks import get_task, task_names


@pytest.fixture(params=task_names())
def world(request):
    return World(get_task(request.param))


def play(world: World, seed: int, act, apply=lambda action: action) -> int | None:
    """Ticks to success in the scene of `seed`, or None."""
    world.reset(seed)
    act.reset() if isinstance(act, Expert) else None
    for tick in range(round(world.task.time_limit_s * FPS)):
        action = act.act() if isinstance(act, Expert) else act(tick)
        world.step(np.clip(apply(action), kinematics.ACTION_LOW, kinematics.ACTION_HIGH))
        if world.success:
            return tick
    return None


def test_says_what_it_is(world):
    task = world.task
    assert get_task(task.name) is task
    assert task.instruction.endswith(".")
    assert task.instruction[0].isupper()
    assert 1 <= task.time_limit_s <= 60


def test_same_seed_same_scene_and_same_motion(world):
    states = []
    for _ in range(2):
        world.reset(42)
        rng = np.random.default_rng(0)
        for _ in range(20):
            world.step(rng.uniform(kinematics.ACTION_LOW, kinematics.ACTION_HIGH))
        states.append((world.data.qpos.copy(), world.data.mocap_pos.copy(), world.state))
    for one, other in zip(*states, strict=True):
        np.testing.assert_array_equal(one, other)
    world.reset(43)
    assert not np.array_equal(world.data.qpos, states[0][0]) or not np.array_equal(world.data.mocap_pos, states[0][1])


def test_objects_fill_the_region(world):
    """Over 300 scenes every object stays in the region and comes near all its edges, and so does its yaw."""
    bodies = [world.model.body(i).name for i in range(world.model.nbody) if _is_object(world, i)]
    assert bodies, "a task needs something on the table"
    places = {body: [] for body in bodies}
    for seed in range(300):
        world.reset(seed)
        for body in bodies:
            places[body].append(world.position(body)[:2])
    for body in bodies:
        x, y = np.array(places[body]).T
        assert REGION_X_M[0] <= x.min() < REGION_X_M[0] + 0.01
        assert REGION_X_M[1] - 0.01 < x.max() <= REGION_X_M[1]
        assert REGION_Y_M[0] <= y.min() < REGION_Y_M[0] + 0.01
        assert REGION_Y_M[1] - 0.01 < y.max() <= REGION_Y_M[1]


def _is_object(world: World, body: int) -> bool:
    item = world.model.body(body)
    return item.mocapid[0] >= 0 or (item.jntnum[0] == 1 and world.model.joint(item.jntadr[0]).type[0] == 0)


def test_region_is_large_enough():
    assert REGION_X_M[1] - REGION_X_M[0] >= 0.15 - 1e-9
    assert REGION_Y_M[1] - REGION_Y_M[0] >= 0.30 - 1e-9


def test_nothing_is_done_at_the_start(world):
    for seed in range(50):
        world.reset(seed)
        assert not world.task.done(world)


def test_chance_does_not_succeed(world):
    for seed in range(15):
        rng = np.random.default_rng(seed)
        target = np.zeros(6)

        def flail(tick, rng=rng, target=target):
            if tick % 10 == 0:
                target[:] = rng.uniform(kinematics.ACTION_LOW, kinematics.ACTION_HIGH)
            return target

        assert play(world, seed, flail) is None
        assert world.task.failure(world)


def test_standing_still_does_not_succeed(world):
    for seed in range(5):
        world.reset(seed)
        still = world.state.copy()
        assert play(world, seed, lambda tick, still=still: still) is None


def test_expert_succeeds(world):
    expert = Expert(world)
    missed = [seed for seed in range(500, 530) if play(world, seed, expert) is None]
    assert not missed


def test_expert_succeeds_without_backlash_and_delay(world):
    exact = World(world.task, ServoConfig(backlash_deg=0.0, delay_s=0.0))
    expert = Expert(exact)
    assert not [seed for seed in range(600, 610) if play(exact, seed, expert) is None]


def test_expert_recovers_from_pushes(world):
    expert = Expert(world)
    successes = sum(play(world, seed, expert, Disturbance(seed)) is not None for seed in range(40))
    assert successes >= 32


@pytest.mark.slow
def test_expert_succeeds_in_99_of_100(world):
    expert = Expert(world)
    successes = sum(play(world, seed, expert) is not None for seed in range(100_000, 100_500))
    assert successes >= 495


def test_unknown_task_names_the_nearest():
    with pytest.raises(ArmchairError, match="did you mean 'lift'"):
        get_task("lifft")
