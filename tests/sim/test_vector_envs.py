"""Many environments at once: by Gymnasium and by Stable-Baselines3, in this process and in others.

Each stands in a process group of its own with a hard limit, so that one which hangs leaves nobody behind.
"""

import os
import signal
import subprocess
import sys
import time

import pytest

LIMIT_S = 120  # a loaded machine's; a quiet one needs 3

_GYMNASIUM = """
import multiprocessing, sys
import gymnasium as gym, numpy as np
import armchair_sim.env

def main(context, used):
    alone = gym.make("armchair/Reach-v0", height=32, width=32)
    expected = alone.reset(seed=4)[0] if used else None
    settings = {} if context == "default" else {"context": context}
    envs = gym.make_vec("armchair_sim.env:armchair/Reach-v0", 2, vectorization_mode="async", vector_kwargs=settings,
                        height=32, width=32)
    seen, _ = envs.reset(seed=[3, 4])
    envs.step(envs.action_space.sample())
    expected = expected or alone.reset(seed=4)[0]
    assert np.array_equal(seen["pixels"]["wrist"][1], expected["pixels"]["wrist"])
    workers = multiprocessing.active_children()
    assert len(workers) == 2
    envs.close()
    assert not any(worker.is_alive() for worker in workers)
    print("done")

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "used")
"""

_STABLE_BASELINES = """
import sys
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import SubprocVecEnv
from armchair_sim.env import ArmchairEnv
from armchair_sim.flat_observations import FlatObservations

def make():
    return FlatObservations(ArmchairEnv("reach", 32, 32))

if __name__ == "__main__":
    check_env(make(), warn=False)
    envs = make_vec_env(make, 2, seed=0, vec_env_cls=SubprocVecEnv, vec_env_kwargs={"start_method": sys.argv[1]})
    assert envs.reset()["front"].shape[0] == 2
    envs.step([envs.action_space.sample()] * 2)
    envs.close()
    print("done")
"""


def run(tmp_path, code: str, *words: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(code)
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", script, *words], text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=LIMIT_S)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0 and said.splitlines()[-1] == "done", said
    until_s = time.monotonic() + LIMIT_S
    while is_anybody_left(process.pid) and time.monotonic() < until_s:  # Python's own servers end a little later
        time.sleep(0.05)
    assert not is_anybody_left(process.pid)


def is_anybody_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform == "win32", reason="has no fork, and no process groups")
@pytest.mark.parametrize("parent", ["fresh", "used"])
@pytest.mark.parametrize("context", ["default", pytest.param("forkserver", marks=pytest.mark.slow)])
def test_gymnasium_s_workers_draw_and_end(tmp_path, context, parent):
    """`default` is a fork on Linux, and `used` a parent that has drawn before it forks."""
    run(tmp_path, _GYMNASIUM, context, parent)


@pytest.mark.slow
@pytest.mark.parametrize("context", ["fork", "spawn", "forkserver"])
def test_stable_baselines_checks_it_and_its_workers_draw(tmp_path, context):
    pytest.importorskip("stable_baselines3")
    run(tmp_path, _STABLE_BASELINES, context)
