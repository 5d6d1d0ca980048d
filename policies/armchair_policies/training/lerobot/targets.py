"""The targets of a training, where else it may run: several processes of this machine, or HF Jobs. Contacts nobody."""

import os
import subprocess
import sys

from armchair_core.command_line import runnable, typed
from armchair_core.errors import ArmchairError
from armchair_policies.training.lerobot.job import TrainingJob, as_words
from armchair_policies.training.lerobot.policy_types import KINDS

_EXAMPLES = "--target torchrun:2 or --target hf:a10g-small"


def read_target(target: str | None) -> tuple[int, str | None]:
    """Return (processes here, flavor of HF Jobs or None) for ``torchrun:N``, ``hf:FLAVOR`` or nothing.

    Raises:
        ArmchairError: for anything else.
    """
    kind, _, value = (target or "torchrun:1").partition(":")
    if kind == "torchrun" and value.isdecimal() and int(value) >= 1:
        return int(value), None
    if kind == "hf" and value:
        return 1, value
    raise ArmchairError(f"there is no target {target!r}: use {_EXAMPLES}.")


def hf_words(job: TrainingJob, flavor: str, repo_id: str, wandb: bool) -> list[str]:
    """Return what follows `lerobot-train` to let LeRobot itself take the job to HF Jobs (lerobot 0.6.1, jobs/hf.py).

    Raises:
        ArmchairError: for a policy that LeRobot's image does not hold, or a job without a number of steps.
    """
    if job.policy not in KINDS:
        raise ArmchairError(
            f"HF Jobs run LeRobot's own image, which does not know {job.policy}: use --policy act, or train here."
        )
    if job.base:
        raise ArmchairError("--from names a folder of this machine, which HF Jobs cannot see: leave it away.")
    if not job.steps:
        raise ArmchairError("nothing was measured on HF Jobs, so minutes are no measure there: use --steps 50000.")
    return [
        f"--dataset.repo_id={repo_id}",
        f"--policy.type={job.policy}",
        *as_words(job.preset.policies.get(job.policy, {})),
        f"--steps={job.steps}",
        f"--save_freq={job.save_every}",
        "--env_eval_freq=0",
        f"--batch_size={job.preset.batch_size}",
        f"--seed={job.seed}",
        f"--job_name={job.out.name}",
        f"--job.target={flavor}",
        *(["--wandb.enable=true"] if wandb else []),
    ]


def hf_plan(job: TrainingJob, flavor: str, repo_id: str, wandb: bool) -> list[str]:
    """Return what will leave this machine, and what for, before it does: sentences."""
    key = ", and WANDB_API_KEY, for Weights & Biases" if wandb else ""
    return [
        f"This asks Hugging Face for a machine of the flavor {flavor}, which your account pays by the minute "
        f"(`{runnable('hf', 'jobs', 'hardware')}` lists prices; LeRobot ends the job after two days).",
        f"Uploaded: the settings, into a new private model repo of yours called {job.out.name}_<time>.",
        f"Not uploaded: the dataset. The machine reads {repo_id} from the Hub, where "
        f"`{typed('push', job.dataset, '--repo-id', repo_id)}` puts it. If the Hub has none of that name and LeRobot's "
        "own cache has, LeRobot uploads that, privately.",
        "Forwarded secrets: your Hugging Face token as HF_TOKEN, so that the machine can read and write your "
        f"repos{key}.",
        f"Written here: nothing. The policy goes into that repo; {job.out} stays free. Ctrl-C lets the job go on.",
    ]


def submit(words: list[str]) -> None:
    """Run stock `lerobot-train`, online, in the foreground. Blocks until the job ends or Ctrl-C lets go of it.

    Raises:
        ArmchairError: if it fails; it has said why.
    """
    command = [sys.executable, "-m", "lerobot.scripts.lerobot_train", *words]
    code = subprocess.run(command, env={**os.environ, "HF_HUB_OFFLINE": "0"}, check=False).returncode
    if code:
        raise ArmchairError(
            f"lerobot-train could not run the job: see above, and `{runnable('hf', 'auth', 'whoami')}`."
        )
