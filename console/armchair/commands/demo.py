"""`armchair demo`: a recording, a training and an evaluation in a row, told while they happen.

OUT/dataset   what the expert showed        (armchair record)
OUT/policy    what a network made of it     (armchair train)
OUT/report    how well it does              (armchair eval)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from armchair.commands.evaluate import eval_step
from armchair.terminal.errors import user_errors
from armchair.terminal.next_command import demo_line, eval_line, record_line, train_line
from armchair.terminal.options import Out, Task
from armchair.terminal.say import say
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_datasets.recording.workspace import refuse_used_folder
from armchair_policies.evaluation.request import EvalRequest
from armchair_policies.training.request import TrainRequest
from armchair_sim.seeds import FIRST_EVALUATION_SEED
from armchair_sim.tasks import get_task

IMAGE_SIZE = 96


def demo(
    task: Task = "lift",
    episodes: Annotated[int | None, typer.Option(min=1, help="Episodes to record. (default: 100)")] = None,
    minutes: Annotated[float | None, typer.Option(help="Minutes to train. (default: 7)")] = None,
    out: Out = Path("armchair-demo"),
    quick: Annotated[
        bool, typer.Option("--quick", help="About two minutes: the whole chain, with a poor policy.")
    ] = False,
) -> None:
    """From nothing to a learned skill: record, train, judge, report."""
    with user_errors():
        run_demo(make_plan(task, out, quick, episodes, minutes))


@dataclass(frozen=True)
class DemoPlan:
    """What a demo does. `scenes` is how many the policy is judged in."""

    task: str
    out: Path
    episodes: int
    minutes: float
    scenes: int
    quick: bool

    @property
    def dataset(self) -> Path:
        """Where the expert's episodes go."""
        return self.out / "dataset"

    @property
    def policy(self) -> Path:
        """Where the checkpoints go."""
        return self.out / "policy"

    @property
    def report(self) -> Path:
        """Where the evaluation and its report go."""
        return self.out / "report"


def make_plan(
    task: str, out: Path, quick: bool = False, episodes: int | None = None, minutes: float | None = None
) -> DemoPlan:
    """Return the usual demo or the quick one, with what the user asked for in the place of its defaults."""
    usual_episodes, usual_minutes, scenes = (24, 0.6, 10) if quick else (100, 7.0, 50)
    episodes = usual_episodes if episodes is None else episodes
    return DemoPlan(task, out, episodes, usual_minutes if minutes is None else minutes, scenes, quick)


def run_demo(plan: DemoPlan) -> None:
    """Record, train, judge; say at each step what happens and why.

    Raises:
        ArmchairError: if the folder is taken, or a step cannot be done.
        typer.Exit: 130 after Ctrl-C, with the commands that go on from there.
    """
    refuse_used_folder(plan.out)
    _welcome(plan)
    with _goes_on_with(lambda: _lines_from_record(plan)):
        _record(plan)
    with _goes_on_with(lambda: _lines_from_train(plan)):
        _train(plan)
    with _goes_on_with(lambda: _lines_from_eval(plan)):
        _judge(plan)
    _goodbye(plan)


def _welcome(plan: DemoPlan) -> None:
    _heading(f"Teaching a robot arm: {get_task(plan.task).instruction}")
    say("A simulated SO-101 is about to learn this from camera images, on this computer alone,")
    say("in three steps: watch an expert, train a network, judge it in scenes it never saw.")
    if plan.quick:
        say("This is the quick run: it shows the whole chain in a few minutes, but so few episodes")
        say("and so little training make a poor policy. Leave --quick away to see it learn.")
    say(f"Everything goes to {plan.out}. Ctrl-C stops at any time, and keeps what is finished.")


def _record(plan: DemoPlan) -> None:
    from armchair.commands.recording.simulated import record_step  # with MuJoCo

    _heading("1 of 3 · An expert shows how")
    say("A script that knows where everything is does the task again and again, each time with")
    say("the objects elsewhere. Now and then the arm is pushed off its way, so that the network")
    say("will see not only perfect moves but also how to get back on track.")
    say()
    record_step(SimulatedRecordingRequest(plan.task, "expert", plan.episodes, 0, plan.dataset, IMAGE_SIZE, IMAGE_SIZE))


def _train(plan: DemoPlan) -> None:
    from armchair.commands.training.nano import train_step  # with PyTorch, for which nobody waits before the recording

    _heading("2 of 3 · A network learns to do the same")
    say("It is shown what the two cameras saw and where the joints were, and must say what the")
    say("expert did next. Nobody tells it where the objects are: it has to find them in the")
    say("pictures. The loss is how far off its answers are; watch it fall.")
    say()
    train_step(TrainRequest((plan.dataset,), plan.policy, minutes=plan.minutes))


def _judge(plan: DemoPlan) -> None:
    _heading("3 of 3 · The exam")
    say(f"Now the network moves the arm by itself, in {number_of(plan.scenes, 'scene')} that were kept out of its")
    say("training. A score from few scenes is uncertain, so it comes with its 95 % interval.")
    say()
    eval_step(EvalRequest(str(plan.policy), plan.task, plan.scenes, FIRST_EVALUATION_SEED, plan.report))


def _goodbye(plan: DemoPlan) -> None:
    page = plan.report / "report.html"
    other = "reach" if plan.task != "reach" else "lift"
    _heading("Done")
    if plan.quick:
        say("The score is poor because the run was quick: it says nothing about what the policy can learn.")
    say(f"Open the report, with videos, in a browser: {page.resolve().as_uri()}")
    say()
    say("Three things to try next:")
    more = max(200, 4 * plan.scenes)
    longer = max(16.0, 2 * plan.minutes)
    _offer("know more surely", eval_line(plan.policy, plan.task, more, plan.out / f"report-{more}"))
    _offer("learn for longer", train_line(plan.dataset, longer, plan.out / f"policy-{longer:g}-minutes"))
    _offer("another task", demo_line(other, plan.out))
    say()
    say(f"Report: {page}")


def _offer(why: str, line: str) -> None:
    say(f"  {why + ':':<18} {line}")


def _heading(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


@contextmanager
def _goes_on_with(lines: Callable[[], list[str]]) -> Iterator[None]:
    """After Ctrl-C, say which commands do the rest of the demo; they depend on what is kept by then."""
    try:
        yield
    except (KeyboardInterrupt, ArmchairError) as stop:
        if not isinstance(stop.__context__ if isinstance(stop, ArmchairError) else stop, KeyboardInterrupt):
            raise
        typer.echo("\nstopped by Ctrl-C. What is finished is kept; to do the rest, type:", err=True)
        for line in lines():
            typer.echo(f"  {line}", err=True)
        raise typer.Exit(130) from None


def _lines_from_record(plan: DemoPlan) -> list[str]:
    begun = plan.dataset.with_name("dataset.recording").exists()
    again = record_line(plan.task, plan.episodes, plan.dataset, resume=begun)
    return [again, train_line(plan.dataset, plan.minutes, plan.policy), _eval_line(plan)]


def _lines_from_train(plan: DemoPlan) -> list[str]:
    begun = any(plan.policy.glob("checkpoints/last"))
    again = train_line(plan.dataset, plan.minutes, plan.policy, resume=begun)
    return [again, _eval_line(plan)]


def _lines_from_eval(plan: DemoPlan) -> list[str]:
    return [_eval_line(plan, resume=(plan.report / "exam.json").exists())]


def _eval_line(plan: DemoPlan, resume: bool = False) -> str:
    return eval_line(plan.policy, plan.task, plan.scenes, plan.report, resume)
