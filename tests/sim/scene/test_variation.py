"""Every variation changes what it says, as much as it says, and nothing else; the same seed is the same scene."""

import pickle
from math import degrees

import mujoco
import numpy as np
import pytest

from armchair_core.errors import ArmchairError
from armchair_sim.env import ArmchairEnv
from armchair_sim.expert.expert import Expert
from armchair_sim.scene.desks.clutter import MOST
from armchair_sim.scene.pushes import Pushes
from armchair_sim.scene.variation import NOMINAL, Variation, object_body
from armchair_sim.scene.variations import ROBUST, get_variation
from armchair_sim.scene.world import _LOOK, FPS, World
from armchair_sim.tasks import get_task, task_names
from armchair_sim.tasks.sort import colour

BY_NAME = {variation.name: variation for variation in ROBUST}
# What the arm meets, not what the cameras see: the expert, who needs no cameras, must do its task under them.
TOUCHED = ("size", "delay", "backlash", "pushes")
SEEN = ("camera", "light", "object-colour", "table-colour", "patterns")
EXPERTS = (*TOUCHED, "clutter", "varied")


def world(name: str, task: str = "lift", seed: int = 5) -> World:
    made = World(get_task(task), variation=BY_NAME[name])
    made.reset(seed)
    return made


def look(made: World) -> dict[str, np.ndarray]:
    model = made.model
    seen = {name: getattr(model, name).copy() for name in (*_LOOK, "light_diffuse")}
    return seen | {"headlight": np.array([*model.vis.headlight.ambient, *model.vis.headlight.diffuse])}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("nominal", set()),
        ("camera", {"cam_pos", "cam_quat"}),
        ("light", {"light_diffuse", "headlight"}),
        ("object-colour", {"geom_rgba"}),
        ("table-colour", {"geom_rgba"}),
        ("patterns", {"geom_matid"}),
        ("lens", set()),
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


@pytest.mark.parametrize("name", EXPERTS)
def test_the_expert_does_its_task_whatever_is_touched(name):
    assert successes("lift", BY_NAME[name], range(100_000, 100_006)) == 6


@pytest.mark.slow
@pytest.mark.parametrize("task", task_names())
@pytest.mark.parametrize("name", EXPERTS)
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


def test_a_lens_changes_the_picture_a_little_and_by_chance():
    env = ArmchairEnv("lift", 96, 96, variation=BY_NAME["lens"])
    plain = ArmchairEnv("lift", 96, 96)
    for camera in ("front", "wrist"):
        seen, sharp = (each.reset(seed=3)[0]["pixels"][camera].astype(float) for each in (env, plain))
        assert 5 < np.abs(seen - sharp).mean() < 40
        hold = env.world.state
        first, second = (env.step(hold)[0]["pixels"][camera] for _ in range(2))
        assert not np.array_equal(first, second), "noise is new in each picture"
        env.reset(seed=3)
        assert np.array_equal(env.step(hold)[0]["pixels"][camera], first), "and the same in the same scene"
    env.close(), plain.close()


@pytest.mark.parametrize("task", task_names())
def test_clutter_lies_apart_and_what_is_not_there_waits_out_of_sight(task):
    made = World(get_task(task), variation=BY_NAME["varied"])
    lying = []
    for seed in range(40):
        made.reset(seed)
        first = object_body(made.model)
        objects = [made.data.xpos[body][:2].copy() for body in range(first, made.model.nbody - MOST)]
        things = [made.data.xpos[body].copy() for body in range(made.model.nbody - MOST, made.model.nbody)]
        there = [thing[:2] for thing in things if thing[2] > 0]
        assert all(np.linalg.norm(one - other) > 0.08 for one in there for other in objects)
        lying.append(len(there))
        for _ in range(3):
            made.step(made.state)
        after = [made.data.xpos[body] for body in range(made.model.nbody - MOST, made.model.nbody)]
        assert all(np.linalg.norm(now - then) < 0.005 for now, then in zip(after, things, strict=True)), "at rest"
    assert set(lying) >= {0, 1, MOST - 1}


def test_each_scene_has_a_desk_of_its_own():
    made = World(get_task("lift"), variation=BY_NAME["varied"])
    desks, shapes = [], set()
    for seed in range(60):
        made.reset(seed)
        desks.append(made.desk)
        geom = made.model.geom("cube")
        shapes.add(int(geom.type[0]))
        radius = geom.size[0]
        assert 0.011 < radius < 0.018
        volume = radius**2 * np.pi * 2 * geom.size[1] if geom.type[0] == 5 else 8 * np.prod(geom.size)
        assert made.model.body("cube").mass == pytest.approx(0.016 * volume / 0.03**3)
        assert made.servo.config.delay_s == desks[-1].delay_s
    assert shapes == {5, 6}
    assert len({desk.light for desk in desks}) == 60
    colours = np.array([desk.object_rgb for desk in desks])
    assert (colours.argmax(axis=1) == [[0], [1], [2]]).sum(axis=1).min() > 5, "any colour"


def test_what_lies_on_a_table_can_be_told_from_it():
    for seed in range(200):
        desk = BY_NAME["varied"].at(seed)
        for surface in desk.room_rgb:
            assert np.linalg.norm(np.subtract(desk.object_rgb, surface)) > 0.25
        if desk.lying:
            assert desk.object_rgb[0] == max(desk.object_rgb), "among other things it is the red one"


def test_where_the_colour_decides_it_stays_what_it_is():
    made = World(get_task("sort"), variation=BY_NAME["varied"])
    for seed in range(30):
        made.reset(seed)
        red, green, _ = made.model.geom("cube").rgba[:3]
        assert (red > green) == (colour(seed) == "red")


def test_variations_travel_to_other_processes():
    assert pickle.loads(pickle.dumps(ROBUST)) == ROBUST


def test_variations_by_name():
    assert get_variation("nominal") is NOMINAL is ROBUST[0]
    with pytest.raises(ArmchairError, match="no variation called 'lihgt': did you mean 'light'"):
        get_variation("lihgt")
    assert all(variation.sentence for variation in ROBUST)
