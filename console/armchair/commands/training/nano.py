"""The training of nano by `armchair train`, with its words and its progress bar."""

from collections.abc import Callable

from armchair.terminal import lerobot_command
from armchair.terminal.progress import meter
from armchair.terminal.say import say
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_policies.training.nano.train import train
from armchair_policies.training.progress import Progress, least_steps
from armchair_policies.training.request import TrainRequest
from armchair_policies.training.tracking import tracking
from armchair_policies.training.training_data import join_training_data, read_training_data

_STAGES = {"decode": "decoding", "train": "training"}


def train_step(request: TrainRequest, yes: bool = False) -> bool:
    """Train as it is asked for, and return True: there is a policy now. Nothing is asked, with `yes` or without.

    Raises:
        ArmchairError: for whatever cannot be trained.
    """
    if request.preset or request.target:
        raise ArmchairError(
            "nano trains alike on every machine: leave --preset and --target away, or use --policy act."
        )
    with tracking(request.track, request.out) as send:
        _train(request, send)
    return True


def _train(request: TrainRequest, on_row: Callable[[], None]) -> None:
    length = number_of(request.minutes, "minute") if request.steps is None else number_of(request.steps, "step")
    source, begun = " and ".join(map(str, request.datasets)), False

    def tell(at: Progress) -> None:
        nonlocal begun
        if not begun:  # not before: what cannot begin writes nothing
            say(f"Training the nano policy on {source} for {length}, once the videos are decoded.")
            say(f"Writes checkpoints, loss.csv and loss.png to {request.out}")
        begun = True
        on_row()
        note = "" if at.loss is None else f"step {at.step:,} · loss {at.loss:.4f}"
        shown.show(_STAGES[at.stage], at.fraction, note, at.left_s)

    with meter("decoding") as shown:
        folder = train(request, tell)
    say(f"Trained {number_of(int(folder.parent.name), 'step')}. The policy is in {folder}")


def tell_estimate(request: TrainRequest) -> None:
    """Say how long the training would take, and of how many frames; begin nothing.

    Raises:
        ArmchairError: if the datasets cannot be trained on together.
    """
    tables = join_training_data([read_training_data(root) for root in request.datasets])
    length = number_of(request.steps, "step") if request.steps is not None else number_of(request.minutes, "minute")
    held = f"{number_of(len(tables.state), 'frame')} of {number_of(len(tables.episodes), 'episode')}"
    least = 0 if request.steps is not None else least_steps(request.minutes)
    slow = f"; a slow computer takes longer, until it has done {number_of(least, 'step')}" if least else ""
    say(f"nano trains for {length}, after decoding {held}{slow}.")


def stock_lines(request: TrainRequest) -> list[str]:
    """Return LeRobot's own command for the training.

    Raises:
        ArmchairError: if LeRobot has none, as for several datasets.
    """
    return lerobot_command.train(request.only_dataset, request.out, request.seed, request.resume, request.steps)
