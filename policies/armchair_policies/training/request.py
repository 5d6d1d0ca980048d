"""The training request: what a training is asked for. Light to import."""

from dataclasses import dataclass
from pathlib import Path

from armchair_core.errors import ArmchairError
from armchair_core.lerobot_advice import merge


@dataclass(frozen=True)
class TrainRequest:
    """Train `policy` on `datasets`, for so many `minutes` or, if they are given, `steps`; the policy goes into `out`.

    Training starts from the policy in `base`, if there is one. Several datasets at once and `batch_size` are nano's.
    LeRobot's own policies take a `preset` for the machine and a `target` to train on; `allow_download` lets LeRobot
    turn to the Hub, and `repo_id` is the dataset's name there, for HF Jobs. `resume` goes on from the newest checkpoint
    in `out`, `track` names a dashboard that gets the losses, too.
    """

    datasets: tuple[Path, ...]
    out: Path
    policy: str = "nano"
    minutes: float = 8.0
    steps: int | None = None
    seed: int = 0
    resume: bool = False
    batch_size: int = 32
    base: Path | None = None
    preset: str | None = None
    track: str | None = None
    allow_download: bool = False
    target: str | None = None
    repo_id: str | None = None

    @property
    def for_lerobot(self) -> bool:
        """Whether stock `lerobot-train` trains this: nano has a way of its own, which knows no other machines."""
        begun_so = self.resume and (self.out / "checkpoints/last/pretrained_model/train_config.json").exists()
        elsewhere = self.base is not None and (self.preset is not None or self.target is not None)
        return self.policy != "nano" or begun_so or elsewhere

    @property
    def only_dataset(self) -> Path:
        """The one dataset that LeRobot's own training takes.

        Raises:
            ArmchairError: if there are several.
        """
        if len(self.datasets) > 1:
            joining = merge(self.datasets, self.out.with_name(f"{self.out.name}-data"))
            raise ArmchairError(
                f"LeRobot trains on one dataset: use --policy nano, or join these with `{joining}` if their columns "
                "are the same."
            )
        return self.datasets[0]
