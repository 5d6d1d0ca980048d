"""The speed of the simulated world: physics against the clock, policies' pictures against MuJoCo's stock Renderer, and
the pictures of the display, which are for people, in one run.

    uv run python benchmarks/world_speed.py

The stock side draws the same scene with the same cameras as `mujoco.Renderer` does by default: shadow maps of
4096 x 4096 and four samples a pixel. Both take turns, so that a busy machine slows both.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from armchair_core.so101.kinematics import CAMERAS
from armchair_sim.scene.cameras import Cameras
from armchair_sim.scene.display import HEIGHT, WIDTH, Display
from armchair_sim.scene.world import FPS, World
from armchair_sim.tasks import get_task

ROUNDS = 40


def ms(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1000


def stock_pictures(world: World, size: int) -> Callable[[], None]:
    """Both cameras through `mujoco.Renderer`, on a model with MuJoCo's own visual quality."""
    import mujoco  # after armchair_sim, which tells it to draw without a screen

    world.model.vis.quality.shadowsize, world.model.vis.quality.offsamples = 4096, 4
    renderer = mujoco.Renderer(world.model, size, size)

    def draw() -> None:
        for camera in CAMERAS:
            renderer.update_scene(world.data, camera)
            renderer.render()

    return draw


def compare_pictures(size: int) -> tuple[float, float]:
    """Print and return how long two pictures take, ours and the stock renderer's (ms)."""
    world = World(get_task("lift"))
    cameras = Cameras(world.model, size, size)
    stock = stock_pictures(World(get_task("lift")), size)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(ms(lambda: [cameras.look(world.data, camera) for camera in CAMERAS]))
        theirs.append(ms(stock))
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"two {size} x {size} pictures: {a:.1f} ms, stock Renderer {b:.1f} ms: {b / a:.0f} times faster")
    return a, b


def display_pictures() -> float:
    """Print and return how long a picture for people takes (ms)."""
    world = World(get_task("lift"))
    display = Display(world.task)
    first = ms(lambda: display.look(world))
    others = statistics.median(ms(lambda: display.look(world)) for _ in range(ROUNDS))
    print(f"a {HEIGHT} x {WIDTH} picture for people: {others:.0f} ms, the first {first:.0f} ms")
    return others


def physics() -> float:
    world = World(get_task("lift"))
    rng = np.random.default_rng(0)
    takes = []
    for seed in range(10):
        world.reset(seed)
        goals = world.state + rng.normal(0, 5, (FPS, 6))
        takes.append(ms(lambda goals=goals: [world.step(goal) for goal in goals]) / 1000)
    speed = 1 / statistics.median(takes)
    print(f"physics without pictures: {speed:.0f} times real time (10 runs of 1 s)")
    return speed


def main() -> None:
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_keep(parser)
    wanted = parser.parse_args()
    print(f"medians of {ROUNDS} rounds, taken in turns")
    ours_ms, stock_ms = compare_pictures(96)
    compare_pictures(128)
    people_ms = display_pictures()
    speed = physics()
    if wanted.keep:
        faster = f"{ours_ms:.1f} ms, {stock_ms / ours_ms:.0f} times faster than MuJoCo's stock renderer"
        keep(
            Row("two 96 x 96 pictures", faster, {"ours_ms": ours_ms, "stock_ms": stock_ms}),
            Row(f"a {HEIGHT} x {WIDTH} picture for people", f"{people_ms:.0f} ms", {"ms": people_ms}),
            Row("physics", f"{speed:.0f} times real time", {"times_real_time": speed}),
        )


if __name__ == "__main__":
    main()
