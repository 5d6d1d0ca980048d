"""`armchair record`: a scripted hand in simulation, as fast as it goes, or an arm and its leader in real time."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from armchair.manners import courteous
from armchair.options import Out, Workers, known_hand, usage_errors

_FAST, _REAL = "In simulation", "In real time"


def record(
    out: Out,
    task: Annotated[
        str | None, typer.Option(help="reach, lift, place; for a real arm a sentence. (default: lift, or the twin's)")
    ] = None,
    episodes: Annotated[int, typer.Option(help="Successful episodes to record.")] = 50,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted recording.")] = False,
    append: Annotated[bool, typer.Option("--append", help="Add to the dataset OUT.")] = False,
    push_to: Annotated[
        str | None,
        typer.Option("--push", metavar="USER/NAME", help="Upload it in the background, while it is recorded."),
    ] = None,
    arm: Annotated[str, typer.Option(help="sim, twin (the one that runs), or the port of a real arm.")] = "sim",
    hand: Annotated[
        str, typer.Option(callback=known_hand, help="Who moves the arm.", rich_help_panel=_FAST)
    ] = "expert",
    seed: Annotated[
        int | None, typer.Option(help="The first scene's seed. (default: the first new one)", rich_help_panel=_FAST)
    ] = None,
    image_size: Annotated[
        int, typer.Option(min=32, max=960, help="Pixels a side, for both cameras.", rich_help_panel=_FAST)
    ] = 96,
    workers: Workers = None,
    leader: Annotated[
        str | None, typer.Option(help="The leader's port. (default: the twin's)", rich_help_panel=_REAL)
    ] = None,
    cameras: Annotated[
        str | None, typer.Option(help="As LeRobot's --robot.cameras. (default: the twin's)", rich_help_panel=_REAL)
    ] = None,
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.", rich_help_panel=_REAL)] = None,
    leader_id: Annotated[str | None, typer.Option(help="As LeRobot's --teleop.id.", rich_help_panel=_REAL)] = None,
    episode_s: Annotated[
        float, typer.Option("--episode-time", min=1, help="Seconds that a take may last.", rich_help_panel=_REAL)
    ] = 20.0,
    reset_s: Annotated[
        float, typer.Option("--reset-time", min=0, help="Seconds between two takes.", rich_help_panel=_REAL)
    ] = 5.0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Keep no take with a bad verdict.", rich_help_panel=_REAL)
    ] = False,
    play_sounds: Annotated[
        bool, typer.Option("--play-sounds", help="Say when a take begins and is saved.", rich_help_panel=_REAL)
    ] = False,
) -> None:
    """Record episodes into a LeRobotDataset."""
    if arm == "sim":
        _in_simulation(out, task or "lift", hand, episodes, seed, image_size, workers, resume, append, push_to)
        return
    from armchair.live import check_live_words, live_record_step
    from armchair_datasets.live.session import Rules
    from armchair_datasets.live.station import Bench

    with courteous():
        check_live_words(arm, leader, cameras, task)
        _check_push(push_to)
        bench = Bench(arm, leader or "twin", cameras, arm_id, leader_id, task or "")
        rules = Rules(episodes, episode_s, reset_s)
        live_record_step(bench, rules, out, strict, resume, append, play_sounds, _uploader(out, push_to))
        _go_on(out, push_to)


def _in_simulation(
    out: Path, task: str, hand: str, episodes: int, seed: int | None, image_size: int, workers: int | None,
    resume: bool, append: bool, push_to: str | None,
) -> None:  # fmt: skip
    from armchair.steps import record_step
    from armchair_sim.tasks import get_task

    with usage_errors():
        task = get_task(task).name
    with courteous():
        _check_push(push_to)
        uploader = _uploader(out, push_to)
        record_step(task, hand, episodes, seed, image_size, out, workers, resume, append, uploader)
        _go_on(out, push_to)


def _check_push(repo_id: str | None) -> None:
    """Find out before the recording whether its upload will be let in."""
    if repo_id is not None:
        from armchair_datasets.push.rights import check_rights

        check_rights(repo_id)


def _uploader(out: Path, push_to: str | None) -> Callable[[], None]:
    """Lets the worker send what is finished while the rest is recorded. The recording goes on if it cannot."""
    if push_to is None:
        return lambda: None

    def begin() -> None:
        from armchair_datasets.push.queue import enqueue_recording
        from armchair_datasets.push.worker import start_worker

        with suppress(OSError):  # no room for notes, say: `_go_on` will tell
            enqueue_recording(out, push_to)
            start_worker()

    return begin


def _go_on(out: Path, push_to: str | None) -> None:
    """Leave the upload to the worker, and say what may come next."""
    from armchair.commands import beside, train_line, typed
    from armchair.steps import say

    if push_to is not None:
        from armchair_datasets.push.parcel import make_parcel
        from armchair_datasets.push.queue import enqueue
        from armchair_datasets.push.worker import start_worker

        enqueue(make_parcel(out, push_to))
        start_worker()
        say(f"The upload to {push_to} goes on in the background, to be seen by you only: {typed('push', '--status')}")
    say(f"Next: {train_line(out, 8, beside(out, 'policy'))}")
