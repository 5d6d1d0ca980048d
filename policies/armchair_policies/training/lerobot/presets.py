"""The presets of machines: device, batch, workers and, for a laptop, networks small enough to wait for."""

from dataclasses import dataclass, field

from armchair_core.processes.parallel import default_workers

Words = dict[str, object]  # fields of the policy's configuration


@dataclass(frozen=True)
class Preset:
    """What a machine can train. `policies` holds what differs from LeRobot's defaults, by the type of policy."""

    name: str
    device: str
    batch_size: int
    workers: int
    policies: dict[str, Words] = field(default_factory=dict)


# A quarter of stock ACT's time a step (0.75 s for 3.05 s on one busy core, two 96 x 96 cameras, batch 8, 6 steps each);
# nearly all that is left is the ResNet-18, the smallest backbone that LeRobot takes. Without ImageNet weights it must
# learn as fast as the rest, and 1e-5 (stock) is too slow for thousands of steps.
_SMALL_ACT: Words = {
    "dim_model": 256, "n_heads": 4, "dim_feedforward": 512, "n_encoder_layers": 2, "n_vae_encoder_layers": 2,
    "chunk_size": 30, "n_action_steps": 15, "optimizer_lr": 1e-4, "optimizer_lr_backbone": 1e-4,
}  # fmt: skip
# DDIM with ten steps instead of DDPM with a hundred: a CPU then thinks ten times shorter for the same network
# (Chi et al., Diffusion Policy, 2023, section IV-C). Group norm, as in that paper, suits a backbone without ImageNet.
_SMALL_DIFFUSION: Words = {
    "down_dims": [64, 128, 256], "horizon": 16, "n_action_steps": 8, "use_group_norm": True,
    "noise_scheduler_type": "DDIM", "num_inference_steps": 10,
}  # fmt: skip


def presets() -> dict[str, Preset]:
    """Return all of them, with the workers that this machine's cores can feed.

    Decoding workers are processes that import LeRobot for ten seconds each: a laptop's cores are better spent on
    the network itself.
    """
    cores = default_workers()
    return {
        "laptop": Preset("laptop", "cpu", 8, 0, {"act": _SMALL_ACT, "diffusion": _SMALL_DIFFUSION}),
        "mps": Preset("mps", "mps", 8, min(2, cores // 2)),
        "cuda": Preset("cuda", "cuda", 32, min(8, cores)),
    }


PRESETS = ("laptop", "mps", "cuda")


def default_preset() -> str:
    """Return the best that this machine has. Imports torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "laptop"
