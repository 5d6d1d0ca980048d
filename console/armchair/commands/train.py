"""`armchair train`: nano, or one of LeRobot's policies, trained on datasets."""

from pathlib import Path
from typing import Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun, Out, known_policy, known_preset, known_tracker


def train(
    datasets: Annotated[
        list[Path], typer.Argument(help="A LeRobotDataset v3.0 folder; nano learns from several at once.")
    ],
    out: Out,
    policy: Annotated[
        str,
        typer.Option(
            callback=known_policy,
            help="nano, or one that LeRobot trains itself: act, diffusion, vqbet, smolvla or any other of its types.",
        ),
    ] = "nano",
    minutes: Annotated[float | None, typer.Option(help="How long to train. (default: 8)")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Train for so many steps, however long they take.")] = None,
    seed: Annotated[int, typer.Option(help="For the network's start and the order of examples.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in OUT.")] = False,
    base: Annotated[Path | None, typer.Option("--from", help="A policy's folder to start from.")] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            callback=known_preset,
            help="laptop, mps or cuda: sizes and batch of LeRobot's policies. For a laptop act and diffusion are made "
            "smaller: act learns with a quarter of the time a step. (default: what this machine has)",
        ),
    ] = None,
    track: Annotated[
        str | None, typer.Option(callback=known_tracker, help="trackio, tensorboard or wandb, beside loss.csv.")
    ] = None,
    allow_download: Annotated[
        bool, typer.Option("--allow-download", help="Let LeRobot fetch what the policy is made of from the Hub.")
    ] = False,
    target: Annotated[
        str | None, typer.Option(help="torchrun:N for N processes or GPUs here, hf:FLAVOR for HF Jobs.")
    ] = None,
    repo_id: Annotated[str | None, typer.Option(help="The dataset's name on the Hub, for HF Jobs.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what HF Jobs are sent.")] = False,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would take, from steps measured now, and begin nothing.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Train a policy on a dataset."""
    from armchair.commands.train_request import fulfil, judge_line, shown_options, stock_lines, tell_estimate
    from armchair.terminal.next_command import train_line
    from armchair.terminal.steps import say
    from armchair_policies.training.request import TrainRequest

    wish = TrainRequest(
        tuple(datasets), out, policy, 8 if minutes is None else minutes, steps, seed, resume, base=base, preset=preset,
        track=track, allow_download=allow_download, target=target, repo_id=repo_id,
    )  # fmt: skip

    def how_to_go_on() -> str:
        kept = (out / "checkpoints" / "last").exists()
        line = train_line(datasets, wish.minutes, out, seed, kept, steps, shown_options(wish))
        return f": {'what was learnt is kept' if kept else 'nothing was learnt yet'}; go on with `{line}`."

    with user_errors(lambda: "." if estimate else how_to_go_on()):
        if dry_run:
            print("\n".join(stock_lines(wish)))
        elif estimate:
            tell_estimate(wish)
        elif fulfil(wish, yes):
            say(f"Next: {judge_line(wish)}")
