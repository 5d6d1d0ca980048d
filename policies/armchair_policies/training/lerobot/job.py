"""The job of a training by stock `lerobot-train`, and its command line. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from armchair_policies.training.checkpoint import POLICY_FOLDER
from armchair_policies.training.lerobot.presets import Preset

CHECKPOINTS = 5  # a run, as LeRobot keeps them all, 0.2 to 5 GB each; a power cut costs at most so large a part of it
SAVE_LEAST = 100  # steps from one to the next; Ctrl-C saves whenever it comes
ROWS = 1000  # in the table of losses, at most


@dataclass(frozen=True)
class TrainingJob:
    """A training to run. `base` is a checkpoint to start from; `downloads` lets LeRobot turn to the Hub."""

    dataset: Path
    out: Path
    policy: str
    preset: Preset
    steps: int
    seed: int = 0
    base: Path | None = None
    downloads: bool = False
    processes: int = 1

    @property
    def last(self) -> Path:
        """The policy of the newest checkpoint."""
        return self.out / "checkpoints" / "last" / POLICY_FOLDER

    @property
    def log_every(self) -> int:
        """Steps from one row of the loss table to the next."""
        return max(1, self.steps // ROWS)

    @property
    def save_every(self) -> int:
        """Steps from one checkpoint to the next.

        A multiple of `log_every`, so that no checkpoint is written before its loss was looked at.
        """
        wanted = max(SAVE_LEAST, self.steps // CHECKPOINTS)
        return -(-wanted // self.log_every) * self.log_every


def lerobot_train_words(job: TrainingJob) -> list[str]:
    """Return what follows `lerobot-train` to begin the job, as stock LeRobot takes it."""
    source = [f"--policy.path={job.base}"] if job.base else [f"--policy.type={job.policy}"]
    return [
        *_dataset(job),
        *source,
        f"--policy.device={job.preset.device}",
        "--policy.push_to_hub=false",
        *_policy_words(job),
        *_pace(job),
        f"--batch_size={job.preset.batch_size}",
        f"--num_workers={job.preset.workers}",
        f"--seed={job.seed}",
        f"--output_dir={job.out}",
    ]


def resume_words(job: TrainingJob) -> list[str]:
    """Return what follows `lerobot-train` to go on from the newest checkpoint. The checkpoint knows the rest.

    It may have come from somebody else: where anything is sent is not its to say.
    """
    return [
        f"--config_path={job.last / 'train_config.json'}",
        "--resume=true",
        "--policy.push_to_hub=false",
        "--save_checkpoint_to_hub=false",
        "--wandb.enable=false",
        "--job.target=local",
        *_dataset(job),
        *_pace(job),
        f"--output_dir={job.out}",
    ]


def _dataset(job: TrainingJob) -> list[str]:
    # Given a root, LeRobot takes the dataset from there; the name is only a name then.
    return [f"--dataset.repo_id=armchair/{job.dataset.resolve().name}", f"--dataset.root={job.dataset}"]


def _pace(job: TrainingJob) -> list[str]:
    return [
        f"--steps={job.steps}",
        f"--log_freq={job.log_every}",
        f"--save_freq={job.save_every}",
        "--env_eval_freq=0",
    ]


def _policy_words(job: TrainingJob) -> list[str]:
    """Return the preset's network, unless a base brings its own, and never ImageNet weights, which are a download.

    They are asked for at loading, too, only to be overwritten by the checkpoint's.
    """
    words = {} if job.base else job.preset.policies.get(job.policy, {})
    fetches = not job.downloads and "pretrained_backbone_weights" in _fields_of(job.policy)
    return [*as_words(words), *(["--policy.pretrained_backbone_weights=null"] if fetches else [])]


def as_words(settings: Mapping[str, object]) -> list[str]:
    """Return fields of a policy's configuration as LeRobot's command line takes them."""
    return [f"--policy.{name}={_plain(value)}" for name, value in settings.items()]


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).replace(" ", "")


def _fields_of(policy: str) -> set[str]:
    import lerobot.policies  # noqa: F401 - registers LeRobot's own
    from lerobot.configs import PreTrainedConfig

    return {field.name for field in fields(PreTrainedConfig.get_choice_class(policy))}
