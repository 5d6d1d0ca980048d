"""Every variation changes what it says, as much as it says, and nothing else; the same seed is the same scene."""

from math import degrees

import mujoco
import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_sim.env import ArmchairEnv
from armchair_sim.expert.expert import Expert
from armchair_sim.scene.variation import NOMINAL, ROBUST, Pushes, Variation, get_variation
from armchair_sim.scene.world import FPS, World
from armchair_sim.tasks import get_task, task_names

BY_NAME = {variation.name: variation for variation in ROBUST}
# What the arm meets, not what the cameras see: the expert, who needs no cameras, must do its task under them.
TOUCHED = ("size", "delay", "backlash", "pushes")
SEEN = ("camera", "light", "object-colour", "table-colour")


def world(name: str, task: str = "lift", seed: int = 5) -> World:
    made = World(get_task(task), variation=BY_NAME[name])
    made.reset(seed)
    return made


def look(made: World) -> dict[str, np.ndarray]:
    model = made.model
    seen = {name: getattr(model, name).copy() for name in ("cam_pos", "cam_quat", "geom_rgba", "light_diffuse")}
    return seen | {"headlight": np.array([*model.vis.headlight.ambient, *model.vis.headlight.diffuse])}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("nominal", set()),
        ("camera", {"cam_pos", "cam_quat"}),
        ("light", {"light_diffuse", "headlight"}),
        ("object-colour", {"geom_rgba"}),
        ("table-colour", {"geom_rgba"}),
        *((name, set()) for name in TOUCHED),
    ],
)
def test_only_what_is_said_looks_otherwise(name, changed):
    plain, varied = look(world("nominal")), look(world(name))
    assert {key for key in plain if not np.array_equal(plain[key], varied[key])} == changed


@pytest.mark.parametrize("name", SEEN)
def test_what_is_only_seen_does_not_move_anything(name):
    plain, varied = world("nominal"), world(name)
    for _ in range(10):
        plain.step(np.zeros(6)), varied.step(np.zeros(6))
    assert np.array_equal(plain.data.qpos, varied.data.qpos)


def test_cameras_are_moved_and_turned_by_what_is_said_anew_in_each_scene():
    plain, moved = world("nominal"), world("camera")
    ways = []
    for seed in (5, 6):
        plain.reset(seed), moved.reset(seed)
        for name, metres, turn in (("front", 0.02, 3.0), ("wrist", 0.005, 1.0)):
            before, after = plain.model.camera(name), moved.model.camera(name)
            way, angle = after.pos - before.pos, np.zeros(3)
            assert np.linalg.norm(way) == pytest.approx(metres)
            mujoco.mju_subQuat(angle, after.quat, before.quat)
            assert degrees(np.linalg.norm(angle)) == pytest.approx(turn)
            ways.append(way / metres)
    assert abs(ways[0] @ ways[2]) < 0.99


def test_a_second_reset_does_not_vary_what_was_varied():
    for name in SEEN:
        made = world(name)
        first = look(made)
        made.reset(6), made.reset(5)
        assert all(np.array_equal(first[key], again) for key, again in look(made).items())


def test_the_servos_get_their_faults_and_the_cube_its_size():
    assert world("delay").servo.config.delay_s == 0.04
    assert world("backlash").servo.config.backlash_deg == 2.0
    plain, small = (world(name).model for name in ("nominal", "size"))
    assert small.geom("cube").size == pytest.approx([0.0125] * 3)
    assert small.body("cube").mass / plain.body("cube").mass == pytest.approx((5 / 6) ** 3)


def test_pushes_come_about_once_a_second_and_are_as_strong_as_said():
    pushes = Pushes(10.0, seed=3)
    forces = np.array([pushes.force_n() for _ in range(200 * FPS)])
    strength = np.linalg.norm(forces, axis=1)
    assert np.allclose(strength[strength > 0], 10.0)
    begun = np.count_nonzero((strength[1:] > 0) & (strength[:-1] == 0))
    assert 0.5 < begun / 200 < 1.2
    assert np.abs(forces[strength > 0].mean(axis=0)).max() < 2.5  # no way is preferred


@pytest.mark.parametrize("name", BY_NAME)
def test_a_seed_is_a_scene_bit_for_bit(name):
    def played() -> list[bytes]:
        env = ArmchairEnv("lift", 32, 32, variation=BY_NAME[name])
        env.reset(seed=1), env.reset(seed=9)
        for _ in range(40):
            observation = env.step(np.array([10, -60, 60, 60, 0, 40]))[0]
        env.close()
        return [*(picture.tobytes() for picture in observation["pixels"].values()), env.world.data.qpos.tobytes()]

    assert played() == played()


@pytest.mark.parametrize("name", TOUCHED)
def test_the_expert_does_its_task_where_only_touch_differs(name):
    assert successes("lift", BY_NAME[name], range(100_000, 100_006)) == 6


@pytest.mark.slow
@pytest.mark.parametrize("task", task_names())
@pytest.mark.parametrize("name", TOUCHED)
def test_the_expert_does_every_task_nearly_always(task, name):
    assert successes(task, BY_NAME[name], range(100_000, 100_050)) >= 48


def successes(task: str, variation: Variation, seeds: range) -> int:
    made = World(get_task(task), variation=variation)
    expert, won = Expert(made), 0
    for seed in seeds:
        made.reset(seed)
        expert.reset()
        for _ in range(round(made.task.time_limit_s * FPS)):
            made.step(expert.act())
            if made.success:
                won += 1
                break
    return won


def test_variations_by_name():
    assert get_variation("nominal") is NOMINAL is ROBUST[0]
    with pytest.raises(ArmchairError, match="no variation called 'lihgt': did you mean 'light'"):
        get_variation("lihgt")
    assert all(variation.sentence for variation in ROBUST)
