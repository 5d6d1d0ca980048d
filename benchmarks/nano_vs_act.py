"""The cost of nano beside stock ACT: two 96 x 96 cameras, six joints, on this machine's CPU.

    uv run python benchmarks/nano_vs_act.py

The two take turns, so that whatever else the machine does hits both, and medians are compared. ACT is
LeRobot's default but for the ImageNet weights, which change nothing about its speed and would have to be
downloaded.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from lerobot.configs.types import FeatureType, PolicyFeature
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy
from lerobot.policies.pretrained import PreTrainedPolicy

from armchair_core.dataset_format.columns import ACTION, STATE, image_key
from armchair_core.so101.kinematics import CAMERAS
from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_policies.nano.modeling_nano import NanoPolicy

ROUNDS = 5
INPUTS = {
    **{image_key(camera): PolicyFeature(FeatureType.VISUAL, (3, 96, 96)) for camera in CAMERAS},
    STATE: PolicyFeature(FeatureType.STATE, (6,)),
}
OUTPUTS = {ACTION: PolicyFeature(FeatureType.ACTION, (6,))}


def main() -> None:
    from result import Row, add_keep, keep  # stands beside this file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_keep(parser)
    wanted = parser.parse_args()
    features = {"input_features": INPUTS, "output_features": OUTPUTS, "device": "cpu"}
    nano = NanoPolicy(NanoConfig(**features))
    act = ACTPolicy(ACTConfig(**features, pretrained_backbone_weights=None))
    policies = {"nano": nano, "act": act}
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}, medians of {ROUNDS} turns")
    print(f"{'':32}{'nano':>10}{'ACT':>12}{'ACT / nano':>12}")
    parameters = [sum(p.numel() for p in policy.parameters()) / 1e6 for policy in policies.values()]
    report("parameters (millions)", *parameters)
    for size in (8, 32):
        steps = [training_step(policy, size) for policy in policies.values()]
        step_ms = median_ms(steps)  # of the larger batch in the end
        report(f"training step, batch {size} (ms)", *step_ms)
    chunk_ms = median_ms([chunk(policy) for policy in policies.values()])
    report("a chunk of actions (ms)", *chunk_ms)
    if wanted.keep:
        rows = {"training step at batch 32": step_ms, "a chunk of actions": chunk_ms}
        keep(*(Row(f"nano against stock ACT, {what}", f"{nano_ms:.1f} ms, {act_ms / nano_ms:.0f} times faster",
                   {"nano_ms": nano_ms, "act_ms": act_ms}) for what, (nano_ms, act_ms) in rows.items()))  # fmt: skip


def training_step(policy: PreTrainedPolicy, size: int) -> Callable[[], None]:
    """Forward, backward and AdamW on `size` random examples."""
    batch, optimizer = random_batch(policy, size), torch.optim.AdamW(policy.parameters(), lr=1e-5)

    def step() -> None:
        policy.train()
        optimizer.zero_grad()
        policy(batch)[0].backward()
        optimizer.step()

    return step


def chunk(policy: PreTrainedPolicy) -> Callable[[], None]:
    """One look at one observation: what a robot waits for."""
    batch = random_batch(policy, 1)

    def look() -> None:
        policy.eval()
        policy.predict_action_chunk(batch)

    return look


def random_batch(policy: PreTrainedPolicy, size: int) -> dict[str, torch.Tensor]:
    chunk_size = policy.config.chunk_size
    inputs = {name: torch.rand(size, *feature.shape) for name, feature in INPUTS.items()}
    padding = torch.zeros(size, chunk_size, dtype=torch.bool)
    return {**inputs, "action": torch.randn(size, chunk_size, 6), "action_is_pad": padding}


def median_ms(calls: list[Callable[[], None]]) -> list[float]:
    """The median time of each call in milliseconds, after one that does not count."""
    times_ms: list[list[float]] = [[] for _ in calls]
    for round_number in range(ROUNDS + 1):
        for call, spent in zip(calls, times_ms, strict=True):
            started = time.perf_counter()
            call()
            if round_number:
                spent.append(1000 * (time.perf_counter() - started))
    return [statistics.median(spent) for spent in times_ms]


def report(what: str, nano: float, act: float) -> None:
    print(f"{what:32}{nano:>10.2f}{act:>12.1f}{act / nano:>11.0f}x")


if __name__ == "__main__":
    main()
