"""The nano policy: a small convolutional encoder a camera, keypoints by spatial softmax, a chunk of actions.

The problem: a few minutes on two CPU cores and some hundred demonstrations, without downloaded weights. A
network that must say *where* things are learns that fastest if position is what its encoder can say best:
each feature map is turned into the coordinates of its peak (Levine et al., End-to-End Training of Deep
Visuomotor Policies, 2016; Finn et al., Deep Spatial Autoencoders, 2016). Everything on the way is kept cheap
for a CPU: channels-last tensors, few channels at full size, one pass over the pixels for all augmentation.

From the actions alone an encoder may never find what they are about: where the arm stands says nearly everything
about its next half second, and the rest can be learnt by heart. So while it trains each encoder says for itself
where the arm will be later on, which only those know who see where it is going.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from lerobot.policies.pretrained import PreTrainedPolicy
from lerobot.utils.constants import ACTION, OBS_STATE
from torch import Tensor, nn

from armchair_policies.nano.configuration_nano import NanoConfig
from armchair_policies.nano.instruction import Instruction

TASK = "task"  # LeRobot's key of the sentences in a batch
AHEAD = "nano.ahead"  # where the arm will be, for the foresight


class NanoPolicy(PreTrainedPolicy):
    """A LeRobot policy: normalised joint positions and pictures in, normalised actions out."""

    config_class = NanoConfig  # type: ignore[assignment]  # LeRobot types both as None and wants them set
    name = "nano"  # type: ignore[assignment]
    config: NanoConfig

    def __init__(self, config: NanoConfig, **kwargs: Any) -> None:
        super().__init__(config)
        config.validate_features()
        assert config.robot_state_feature and config.action_feature, "validated"
        state_dim, action_dim = config.robot_state_feature.shape[0], config.action_feature.shape[0]
        encoders = [KeypointEncoder(config.keypoints) for _ in config.image_features]
        self.encoders = nn.ModuleList(encoders)
        self.instruction = Instruction(config.vocabulary, config.word_dim) if config.vocabulary else None
        seen_dim = sum(encoder.out_dim for encoder in encoders)
        told_dim = config.word_dim if config.vocabulary else 0
        self.head = nn.Sequential(
            nn.Linear(seen_dim + state_dim + told_dim, config.hidden_dim),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden_dim, config.hidden_dim),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden_dim, config.chunk_size * action_dim),
        )
        ahead_dim = len(config.foresight_ticks) * state_dim
        self.foresight = nn.ModuleList(nn.Linear(one.out_dim, ahead_dim) for one in encoders if ahead_dim)
        self.reset()

    def get_optim_params(self) -> Iterator[nn.Parameter]:  # type: ignore[override]  # LeRobot's own return this, too
        """Return what is learnt: everything."""
        return self.parameters()

    def reset(self) -> None:
        """Forget the actions that are still waiting."""
        self._waiting: deque[Tensor] = deque()

    def forward(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
        """Return the mean absolute error over the actions that exist, and the same as a number for a log.

        Takes pictures [B, 3, H, W] (uint8, or float in 0 to 1), `observation.state` [B, S], `action`
        [B, chunk, A], `action_is_pad` bool [B, chunk] and, for a policy that knows several tasks, `task`, a list
        of B sentences. While `self.training` it augments, and if it has foresight and is given `nano.ahead`
        [B, ticks, S], the error in that is added to the loss.
        """
        seen = self._see(batch)
        error = (self._decide(batch, seen) - batch[ACTION]).abs()
        real = ~batch["action_is_pad"].unsqueeze(-1)
        loss = (error * real).sum() / (real.sum() * error.shape[-1]).clamp_min(1)
        info = {"l1_loss": loss.item()}
        if self.training and self.foresight and AHEAD in batch:  # stock training knows nothing of it
            ahead = batch[AHEAD].flatten(1)
            missed = sum((head(one) - ahead).abs().mean() for head, one in zip(self.foresight, seen, strict=True))
            loss = loss + self.config.foresight_weight * missed
        return loss, info

    @torch.inference_mode()
    def predict_action_chunk(self, batch: dict[str, Tensor], **kwargs: Any) -> Tensor:
        """Return actions [B, chunk, A] from now on, in the units of the normaliser."""
        return self._chunk(batch)

    @torch.inference_mode()
    def select_action(self, batch: dict[str, Tensor], **kwargs: Any) -> Tensor:
        """Return the action [B, A] for now. Looks at the batch only once every `n_action_steps` calls."""
        if not self._waiting:
            chunk = self._chunk(batch)[:, : self.config.n_action_steps]
            self._waiting.extend(chunk.unbind(1))
        return self._waiting.popleft()

    def _chunk(self, batch: dict[str, Tensor]) -> Tensor:
        return self._decide(batch, self._see(batch))

    def _see(self, batch: dict[str, Tensor]) -> list[Tensor]:
        """Return what each camera shows, [B, 3 * keypoints] each."""
        cameras = zip(self.config.image_features, self.encoders, strict=True)
        return [encoder(self._prepare(batch[camera])) for camera, encoder in cameras]

    def _decide(self, batch: dict[str, Tensor], seen: list[Tensor]) -> Tensor:
        config, here = self.config, batch[OBS_STATE]
        noise = config.state_noise * torch.randn_like(here) if self.training and config.state_noise else 0.0
        told = [] if self.instruction is None else [self.instruction(batch.get(TASK))]
        flat = self.head(torch.cat([*seen, here + noise, *told], dim=1))
        chunk = flat.view(len(flat), config.chunk_size, -1)
        # What the head says is the way to go: pictures show well how far the cube is off, and badly at which angle
        # each joint stands, which the joints themselves tell exactly.
        return chunk + here[:, None] if here.shape[1] == chunk.shape[2] else chunk

    def _prepare(self, picture: Tensor) -> Tensor:
        """Return float [B, 3, size, size] around zero, channels last; shifted and tinted while training."""
        config = self.config
        picture = resize(picture, config.image_size)
        unit = 1 / 255 if picture.dtype == torch.uint8 else 1.0
        if not self.training:
            return picture.float().mul_(unit * CONTRAST).sub_(BRIGHTNESS)
        if config.random_shift_px:
            picture = random_shift(picture, config.random_shift_px)
        contrast, brightness = random_tint(len(picture), config.color_jitter, picture.device)
        return picture.float().mul_(unit * contrast).sub_(brightness)


# (x - 0.5) / 0.25 maps pictures in 0 to 1 to about zero mean and unit spread.
CONTRAST, BRIGHTNESS = 4.0, 2.0


class KeypointEncoder(nn.Module):
    """An encoder of a camera: a picture [B, 3, H, W] becomes K points, x, y and what is to be seen there, [B, 3 * K].

    The maps have a quarter of the picture's side; a peak's centre of mass is finer than their cells.
    """

    def __init__(self, keypoints: int) -> None:
        super().__init__()
        self.out_dim = 3 * keypoints
        self.maps = nn.Sequential(
            nn.Conv2d(3, 16, 7, stride=2, padding=3),
            nn.ReLU(inplace=True),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 2 * keypoints, 1),
        )
        # Without sharpening the softmax starts flat, and flat maps all answer "the middle".
        self.sharpness = nn.Parameter(torch.full((keypoints,), 4.0))

    def forward(self, picture: Tensor) -> Tensor:
        """Encode a picture."""
        maps = self.maps(picture).permute(0, 2, 3, 1)  # [B, h, w, 2K], as it lies in memory
        height, width = maps.shape[1:3]
        logits, values = maps.flatten(1, 2).chunk(2, dim=-1)  # [B, hw, K] each
        attention = (logits * self.sharpness).softmax(1)
        at = grid(height, width, maps.device) @ attention  # [B, 2, K]
        what = (attention * values).sum(1)  # [B, K]
        return torch.cat([at.flatten(1), what], dim=1)


def grid(height: int, width: int, device: torch.device) -> Tensor:
    """Return coordinates x and y in -1 to 1 of every cell, [2, height * width]."""
    y, x = torch.meshgrid(
        torch.linspace(-1, 1, height, device=device),
        torch.linspace(-1, 1, width, device=device),
        indexing="ij",
    )
    return torch.stack([x, y]).flatten(1)


def resize(picture: Tensor, size: int) -> Tensor:
    """Return pictures [B, 3, H, W] of any size as [B, 3, size, size], same dtype, channels last."""
    picture = picture.contiguous(memory_format=torch.channels_last)
    if picture.shape[2:] == (size, size):
        return picture
    return F.interpolate(picture, (size, size), mode="bilinear", antialias=True)


def random_shift(picture: Tensor, most_px: int) -> Tensor:
    """Return pictures [B, 3, H, W], each moved by its own whole number of pixels, the border repeated.

    The same as padding by replication and cropping (Yarats et al., DrQ, 2020), without the padded copy.
    """
    batch, _, height, width = picture.shape
    device = picture.device
    shift = torch.randint(-most_px, most_px + 1, (2, batch, 1), device=device)
    rows = (torch.arange(height, device=device) + shift[0]).clamp_(0, height - 1)  # [B, H]
    columns = (torch.arange(width, device=device) + shift[1]).clamp_(0, width - 1)  # [B, W]
    which = torch.arange(batch, device=device)[:, None, None]
    moved = picture.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]]  # [B, H, W, 3]
    return moved.permute(0, 3, 1, 2)


def random_tint(batch: int, most: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return contrast and brightness a picture, each colour with a share of its own, around those of an untouched one.

    [B, 3, 1, 1] each: lamps differ in colour as well as in strength.
    """
    all_alike = torch.empty(2, batch, 1, 1, 1, device=device).uniform_(-most, most)
    each = torch.empty(2, batch, 3, 1, 1, device=device).uniform_(-most / 2, most / 2)
    tint = all_alike + each
    return CONTRAST * (1 + tint[0]), BRIGHTNESS * (1 + tint[1])
