"""`armchair train`: nano, or one of LeRobot's policies, trained on datasets."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.next_command import beside, train_line
from armchair.terminal.options import DryRun, Out, known_policy, known_preset, known_tracker
from armchair.terminal.request_options import request_options
from armchair.terminal.say import say
from armchair_core.command_line import runnable, typed
from armchair_core.dataset_format.about import read_about
from armchair_core.dataset_format.tables import TableError, read_tasks
from armchair_policies.skills import locate_policy
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.tracking import how_to_look
from armchair_sim.tasks import get_task, task_names


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """What is typed behind `armchair train`."""

    datasets: Annotated[
        list[Path], typer.Argument(help="A LeRobotDataset v3.0 folder; nano learns from several at once.")
    ]
    out: Out
    policy: Annotated[
        str,
        typer.Option(
            callback=known_policy,
            help="nano, or one that LeRobot trains itself: act, diffusion, vqbet, smolvla or any other of its types.",
        ),
    ] = "nano"
    minutes: Annotated[float | None, typer.Option(help="How long to train. (default: 8)")] = None
    steps: Annotated[int | None, typer.Option(min=1, help="Train for so many steps, however long they take.")] = None
    seed: Annotated[int, typer.Option(help="For the network's start and the order of examples.")] = 0
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in OUT.")] = False
    base: Annotated[str | None, typer.Option("--from", help="A policy's folder or a skill to start from.")] = None
    preset: Annotated[
        str | None,
        typer.Option(
            callback=known_preset,
            help="laptop, mps or cuda: sizes and batch of LeRobot's policies. For a laptop act and diffusion are made "
            "smaller: act learns with a quarter of the time a step. (default: what this machine has)",
        ),
    ] = None
    track: Annotated[
        str | None, typer.Option(callback=known_tracker, help="trackio, tensorboard or wandb, beside loss.csv.")
    ] = None
    allow_download: Annotated[
        bool, typer.Option("--allow-download", help="Let LeRobot fetch what the policy is made of from the Hub.")
    ] = False
    target: Annotated[
        str | None, typer.Option(help="torchrun:N for N processes or GPUs here, hf:FLAVOR for HF Jobs.")
    ] = None
    repo_id: Annotated[str | None, typer.Option(help="The dataset's name on the Hub, for HF Jobs.")] = None
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what HF Jobs are sent.")] = False
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would take, from steps measured now, and begin nothing.")
    ] = False
    dry_run: DryRun = False

    @property
    def request(self) -> TrainRequest:
        """The training that is asked for."""
        return TrainRequest(
            tuple(self.datasets), self.out, self.policy, 8.0 if self.minutes is None else self.minutes, self.steps,
            self.seed, self.resume, base=locate_policy(self.base) if self.base else None, preset=self.preset,
            track=self.track, allow_download=self.allow_download, target=self.target, repo_id=self.repo_id,
        )  # fmt: skip


@request_options
def train(options: TrainOptions) -> None:
    """Train a policy on a dataset."""
    request = options.request
    with user_errors(lambda: "." if options.estimate else _how_to_go_on(request)):
        trainer = _trainer(request)
        if options.dry_run:
            print("\n".join(trainer.stock_lines(request)))
        elif options.estimate:
            trainer.tell_estimate(request)
        elif trainer.train_step(request, options.yes):
            if request.track:
                say(f"Look at the curves with {runnable(*how_to_look(request.track, request.out))}")
            say(f"Next: {_judge_line(request)}")


def _trainer(request: TrainRequest) -> ModuleType:
    """Import who trains it; both are loaded with PyTorch, for which nobody waits who asks for --help."""
    return import_module(f"armchair.commands.training.{'lerobot' if request.for_lerobot else 'nano'}")


def _how_to_go_on(request: TrainRequest) -> str:
    """Say what is kept after Ctrl-C, and which line goes on from there."""
    kept = (request.out / "checkpoints" / "last").exists()
    also = {
        "--policy": request.policy if request.policy != "nano" else None, "--from": request.base,
        "--preset": request.preset, "--track": request.track, "--target": request.target,
        "--allow-download": request.allow_download,
    }  # fmt: skip
    line = train_line(request.datasets, request.minutes, request.out, request.seed, kept, request.steps, also)
    return f": {'what was learnt is kept' if kept else 'nothing was learnt yet'}; go on with `{line}`."


def _judge_line(request: TrainRequest) -> str:
    """`armchair eval …` of what was trained; where that does not know one task of its own, with the likeliest."""
    told = [read_about(root).get("task") for root in request.datasets]
    known = [*filter(None, told), *_by_sentence(request.datasets), "lift"]
    task = [] if len(set(told)) == 1 and told[0] else ["--task", known[0]]
    return typed("eval", request.out, *task, "--out", beside(request.out, "report"))


def _by_sentence(datasets: Sequence[Path]) -> Iterator[str]:
    """Yield our tasks whose sentence one of the datasets has, whoever recorded it."""
    with suppress(TableError):
        said = {sentence for root in datasets for sentence in read_tasks(root).values()}
        yield from (name for name in task_names() if get_task(name).instruction in said)
