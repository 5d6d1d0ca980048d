"""The configuration of a nano policy, as LeRobot reads it from the command line and from config.json. No I/O."""

from dataclasses import dataclass, field

from lerobot.configs import NormalizationMode, PreTrainedConfig
from lerobot.optim import AdamWConfig
from lerobot.optim.schedulers import CosineAnnealingWithWarmupSchedulerConfig


@PreTrainedConfig.register_subclass("nano")
@dataclass
class NanoConfig(PreTrainedConfig):
    """A small camera policy without downloaded weights.

    `input_features` names any number of RGB cameras and `observation.state`, `output_features` names
    `action`; LeRobot fills both from the dataset. Pictures of any size are resized once to `image_size`
    pixels square.

    Args:
        chunk_size: actions predicted at once, one a control period.
        n_action_steps: how many of them are carried out before the policy looks again.
        keypoints: points that each camera's encoder may look for.
        vocabulary: the words that tell the tasks' sentences apart, in the order of their embeddings. Without words
            there is one task only, and what its sentence says makes no difference.
        word_dim: size of a sentence's embedding.
        hidden_dim: width of the layers that turn keypoints and joint positions into actions.
        random_shift_px: training pictures move by up to this many pixels each way (Yarats et al., DrQ, 2020).
        color_jitter: training pictures change contrast and brightness by up to this fraction, and each colour by up
            to half of it on its own.
        state_noise: standard deviation of the noise on joint positions while training, in standard deviations
            of the dataset, so that the policy looks at the pictures instead of copying the arm's own motion
            (de Haan et al., Causal Confusion in Imitation Learning, 2019).
        dropout: share of the hidden features that a training step leaves out (Srivastava et al., 2014): a hundred
            episodes are few enough to be learnt by heart.
        foresight_ticks: how many control periods ahead each camera's encoder must say, while training, where the arm
            will be; none: it need not. Batches then hold `nano.ahead`.
        foresight_weight: what an error in that counts beside one in the actions.
        action_feature_names: joint names, filled by LeRobot's `make_policy` from the dataset.
    """

    chunk_size: int = 16
    n_action_steps: int = 8
    image_size: int = 96
    keypoints: int = 32
    vocabulary: list[str] = field(default_factory=list)
    word_dim: int = 32
    hidden_dim: int = 256

    random_shift_px: int = 6
    color_jitter: float = 0.2
    state_noise: float = 0.1
    dropout: float = 0.1
    foresight_ticks: list[int] = field(default_factory=list)
    foresight_weight: float = 0.5

    optimizer_lr: float = 1e-3
    optimizer_weight_decay: float = 1e-4
    optimizer_grad_clip_norm: float = 1.0
    scheduler_warmup_steps: int = 100

    # Pictures go in as they are: the network scales them itself, on the small size and in one pass.
    normalization_mapping: dict[str, NormalizationMode] = field(
        default_factory=lambda: {
            "VISUAL": NormalizationMode.IDENTITY,
            "STATE": NormalizationMode.MEAN_STD,
            "ACTION": NormalizationMode.MEAN_STD,
        }
    )
    action_feature_names: list[str] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_obs_steps != 1:
            raise ValueError(f"nano sees one observation at a time: n_obs_steps is {self.n_obs_steps}, use 1.")
        if not 1 <= self.n_action_steps <= self.chunk_size:
            raise ValueError(
                f"n_action_steps is {self.n_action_steps}, but a chunk holds {self.chunk_size} actions: "
                f"use 1 to {self.chunk_size}."
            )

    def get_optimizer_preset(self) -> AdamWConfig:
        """Return AdamW as these fields set it."""
        return AdamWConfig(
            lr=self.optimizer_lr,
            weight_decay=self.optimizer_weight_decay,
            grad_clip_norm=self.optimizer_grad_clip_norm,
        )

    def get_scheduler_preset(self) -> CosineAnnealingWithWarmupSchedulerConfig:
        """Return a short warm-up, then a cosine."""
        return CosineAnnealingWithWarmupSchedulerConfig(num_warmup_steps=self.scheduler_warmup_steps)

    def validate_features(self) -> None:
        """Check what the policy sees and does.

        Raises:
            ValueError: without an RGB camera, without observation.state or without action.
        """
        if not self.image_features:
            raise ValueError("nano learns from pictures: the inputs hold no camera (observation.images.…).")
        for name, feature in self.image_features.items():
            if feature.shape[0] != 3:
                raise ValueError(f"nano wants RGB pictures, and {name} has {feature.shape[0]} channels.")
        if self.robot_state_feature is None:
            raise ValueError("nano needs the joint positions: the inputs hold no observation.state.")
        if self.action_feature is None:
            raise ValueError("nano has nothing to predict: the outputs hold no action.")

    @property
    def observation_delta_indices(self) -> None:
        """None: one observation at a time."""
        return None

    @property
    def action_delta_indices(self) -> list[int]:
        """The control periods of a chunk, counted from now."""
        return list(range(self.chunk_size))

    @property
    def reward_delta_indices(self) -> None:
        """None: nobody rewards it."""
        return None
