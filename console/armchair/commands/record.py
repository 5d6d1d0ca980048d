"""`armchair record`: a scripted hand in simulation, as fast as it goes, or an arm in real time, whoever moves it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun, Home, Out, Ray, Workers, known_teleoperator, usage_errors

if TYPE_CHECKING:
    from armchair_datasets.recording.real_time.record import RecordingRequest
    from armchair_datasets.recording.real_time.session import Rules
    from armchair_robot.devices.arm_options import ArmOptions

LEADER = "leader"
_FAST, _REAL = "In simulation", "In real time"


def record(
    out: Out,
    task: Annotated[
        str | None,
        typer.Option(help="lift, place, reach, sort; on a real arm a sentence. (default: armchair.toml's or lift)"),
    ] = None,
    episodes: Annotated[int, typer.Option(help="Successful episodes to record.")] = 50,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted recording.")] = False,
    append: Annotated[bool, typer.Option("--append", help="Add to the dataset OUT.")] = False,
    push_to: Annotated[
        str | None,
        typer.Option("--push", metavar="USER/NAME", help="Upload it in the background, while it is recorded."),
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(
            help="sim, twin (the one that runs), or the port of a real arm. (default: armchair.toml's, or sim)"
        ),
    ] = None,
    hand: Annotated[
        str | None,
        typer.Option(help="Who moves the arm: the expert; in real time leader, keyboard, gamepad, network or replay."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The first scene's seed. (default: the first new one)", rich_help_panel=_FAST)
    ] = None,
    image_size: Annotated[
        int, typer.Option(min=32, max=960, help="Pixels a side, for both cameras.", rich_help_panel=_FAST)
    ] = 96,
    workers: Workers = None,
    ray: Ray = None,
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
    episode: Annotated[
        str | None, typer.Option(metavar="DATASET:NUMBER", help="For the hand `replay`.", rich_help_panel=_REAL)
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Keep no take with a bad verdict.", rich_help_panel=_REAL)
    ] = False,
    play_sounds: Annotated[
        bool, typer.Option("--play-sounds", help="Say when a take begins and is saved.", rich_help_panel=_REAL)
    ] = False,
    home: Home = True,
    dry_run: DryRun = False,
) -> None:
    """Record episodes into a LeRobotDataset."""
    with user_errors():
        from armchair_robot.devices.arm_options import ArmOptions
        from armchair_robot.profile import chosen, read_profile, simulated_task

        profile = read_profile()
        typed = ArmOptions(arm, arm_id, leader, leader_id, cameras, task, hand or None, episode, goes_home=home)
        got = chosen(profile, typed)
    if got.arm in (None, "sim"):
        if dry_run:
            _print_lines(lerobot_command.record_in_simulation())
            return
        hand, task = known_teleoperator(hand or "expert"), task or simulated_task(profile) or "lift"
        _in_simulation(out, task, hand, episodes, seed, image_size, ray or workers, resume, append, push_to)
        return
    from armchair_datasets.recording.real_time.record import RecordingRequest
    from armchair_datasets.recording.real_time.session import Rules
    from armchair_robot.devices.arms import TWIN, check_task, twin_note

    rules = Rules(episodes, episode_s, reset_s)
    with user_errors():
        if dry_run:
            _print_lines(_stock_lines(got, rules, out, append))
            return
        if got.arm == TWIN:
            check_task(twin_note(), task)
        _in_real_time(got, RecordingRequest(rules, out, strict, resume, append), push_to, play_sounds)


def _in_real_time(arm: "ArmOptions", request: "RecordingRequest", push_to: str | None, play_sounds: bool) -> None:
    from armchair.commands.record_real_time import check_real_time_options, record_real_time_step

    check_real_time_options(arm)
    _check_push(push_to)
    record_real_time_step(arm, request, play_sounds, _uploader(request.out, push_to))
    _go_on(request.out, push_to)


def _stock_lines(got: "ArmOptions", rules: "Rules", out: Path, append: bool) -> list[str]:
    """`lerobot-record …` for the same."""
    from armchair_robot.devices.arms import twin_note

    note = twin_note() if got.is_twin else None
    cameras = lerobot_command.twin_cameras(note["cameras"]) if note and got.cameras is None else got.cameras
    task = note["instruction"] if note else got.task or "Pick up the red cube."
    return lerobot_command.record(
        lerobot_command.follower_words(got.where, got.arm_id, cameras),
        lerobot_command.teleoperator_words(got.teleoperator or LEADER, got.leader_where, got.leader_id, got.episode),
        f"me/{out.name}", task, rules.episodes, rules.episode_s, rules.reset_s, out, append,
    )  # fmt: skip


def _print_lines(lines: list[str]) -> None:
    for line in lines:
        print(line)


def _in_simulation(
    out: Path, task: str, hand: str, episodes: int, seed: int | None, image_size: int, workers: int | str | None,
    resume: bool, append: bool, push_to: str | None,
) -> None:  # fmt: skip
    from armchair.terminal.steps import record_step
    from armchair_sim.tasks import get_task

    with usage_errors():
        task = get_task(task).name
    with user_errors():
        _check_push(push_to)
        uploader = _uploader(out, push_to)
        record_step(task, hand, episodes, seed, image_size, out, workers, resume, append, uploader)
        _go_on(out, push_to)


def _check_push(repo_id: str | None) -> None:
    """Find out before the recording whether its upload will be let in."""
    if repo_id is not None:
        from armchair_datasets.push.transfer.permissions import check_rights

        check_rights(repo_id)


def _uploader(out: Path, push_to: str | None) -> Callable[[], None]:
    """Lets the worker send what is finished while the rest is recorded. The recording goes on if it cannot."""
    if push_to is None:
        return lambda: None

    def begin() -> None:
        from armchair_datasets.push.queue.queue import enqueue_recording
        from armchair_datasets.push.queue.worker import start_worker

        with suppress(OSError):  # no room for notes, say: `_go_on` will tell
            enqueue_recording(out, push_to)
            start_worker()

    return begin


def _go_on(out: Path, push_to: str | None) -> None:
    """Leave the upload to the worker, and say what may come next."""
    from armchair.terminal.next_command import beside, train_line, typed
    from armchair.terminal.steps import say

    if push_to is not None:
        from armchair_datasets.push.content.payload import make_payload
        from armchair_datasets.push.queue.queue import enqueue
        from armchair_datasets.push.queue.worker import start_worker

        enqueue(make_payload(out, push_to))
        start_worker()
        say(f"The upload to {push_to} goes on in the background, to be seen by you only: {typed('push', '--status')}")
    say(f"Next: {train_line(out, 8, beside(out, 'policy'))}")
