"""`armchair record`: a recording of the scripted expert in simulation, or of an arm in real time."""

from dataclasses import dataclass
from typing import Annotated

import typer

from armchair.commands.recording.upload import Upload
from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.next_command import beside, train_line
from armchair.terminal.options import TASKS, DryRun, Home, Out, Ray, Workers, known_task, known_teleoperator
from armchair.terminal.request_options import request_options
from armchair.terminal.say import say
from armchair_core.command_line import quoted
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.simulated.plan import SimulatedRecordingRequest
from armchair_robot.arm_options import ArmOptions
from armchair_robot.devices.arms import check_task, twin_note
from armchair_robot.profile import chosen, read_profile, simulated_task

_FAST, _REAL = "In simulation", "In real time"


@dataclass(frozen=True, kw_only=True)
class SimulationOptions:
    """What is typed for a recording in simulation."""

    seed: Annotated[
        int | None, typer.Option(help="The first scene's seed. (default: the first new one)", rich_help_panel=_FAST)
    ] = None
    image_size: Annotated[
        int, typer.Option(min=32, max=960, help="Pixels a side, for both cameras.", rich_help_panel=_FAST)
    ] = 96
    desks: Annotated[
        str, typer.Option(help="Where the arm stands: usual, or varied, another in each scene.", rich_help_panel=_FAST)
    ] = "usual"
    workers: Workers = None
    ray: Ray = None


@dataclass(frozen=True, kw_only=True)
class RealTimeOptions:
    """What is typed for a recording in real time."""

    leader: Annotated[
        str | None, typer.Option(help="The leader's port. (default: the twin's)", rich_help_panel=_REAL)
    ] = None
    cameras: Annotated[
        str | None, typer.Option(help="As LeRobot's --robot.cameras. (default: the twin's)", rich_help_panel=_REAL)
    ] = None
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.", rich_help_panel=_REAL)] = None
    leader_id: Annotated[str | None, typer.Option(help="As LeRobot's --teleop.id.", rich_help_panel=_REAL)] = None
    episode_s: Annotated[
        float, typer.Option("--episode-time", min=1, help="Seconds that a take may last.", rich_help_panel=_REAL)
    ] = 20.0
    reset_s: Annotated[
        float, typer.Option("--reset-time", min=0, help="Seconds between two takes.", rich_help_panel=_REAL)
    ] = 5.0
    episode: Annotated[
        str | None, typer.Option(metavar="DATASET:NUMBER", help="For the hand `replay`.", rich_help_panel=_REAL)
    ] = None
    strict: Annotated[
        bool, typer.Option("--strict", help="Keep no take with a bad verdict.", rich_help_panel=_REAL)
    ] = False
    play_sounds: Annotated[
        bool, typer.Option("--play-sounds", help="Say when a take begins and is saved.", rich_help_panel=_REAL)
    ] = False


@dataclass(frozen=True, kw_only=True)
class RecordOptions:
    """What is typed behind `armchair record`."""

    out: Out
    task: Annotated[
        str | None,
        typer.Option(help=f"{TASKS}; on a real arm a sentence. (default: armchair.toml's or lift)"),
    ] = None
    episodes: Annotated[int, typer.Option(help="Successful episodes to record.")] = 50
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted recording.")] = False
    append: Annotated[bool, typer.Option("--append", help="Add to the dataset OUT.")] = False
    push_to: Annotated[
        str | None,
        typer.Option("--push", metavar="USER/NAME", help="Upload it in the background, while it is recorded."),
    ] = None
    arm: Annotated[
        str | None,
        typer.Option(
            help="sim, twin (the one that runs), or the port of a real arm. (default: armchair.toml's, or sim)"
        ),
    ] = None
    hand: Annotated[
        str | None,
        typer.Option(help="Who moves the arm: the expert; in real time leader, keyboard, gamepad, network or replay."),
    ] = None
    simulation: SimulationOptions
    real_time: RealTimeOptions
    home: Home = True
    dry_run: DryRun = False

    @property
    def arm_options(self) -> ArmOptions:
        """What was typed about the arm, before the profile adds to it."""
        real = self.real_time
        return ArmOptions(
            self.arm, real.arm_id, real.leader, real.leader_id, real.cameras, self.task, self.hand or None,
            real.episode, goes_home=self.home,
        )  # fmt: skip

    def simulated_request(self, task: str, teleoperator: str) -> SimulatedRecordingRequest:
        """Return the recording in simulation that is asked for."""
        asked, size = self.simulation, self.simulation.image_size
        return SimulatedRecordingRequest(
            task, teleoperator, self.episodes, asked.seed, self.out, size, size, asked.ray or asked.workers,
            desks=asked.desks, resume=self.resume, append=self.append,
        )  # fmt: skip


@request_options
def record(options: RecordOptions) -> None:
    """Record episodes into a LeRobotDataset."""
    with user_errors():
        if options.task is not None and not options.task.strip():
            raise ArmchairError(f"the task has no words: say what to do, `{quoted('--task', 'Lift the pen.')}`.")
        profile = read_profile()
        arm = chosen(profile, options.arm_options)
    if arm.arm in (None, "sim"):
        _in_simulation(options, options.task or simulated_task(profile) or "lift")
        return
    with user_errors():
        if options.dry_run:
            print("\n".join(_stock_lines(options, arm)))
            return
        if arm.is_twin:
            check_task(twin_note(), options.task)
        _in_real_time(options, arm)


def _in_simulation(options: RecordOptions, task: str) -> None:
    if options.dry_run:
        print("\n".join(lerobot_command.record_in_simulation()))
        return
    from armchair.commands.recording.simulated import record_step  # with MuJoCo

    teleoperator = known_teleoperator(options.hand or "expert")
    request = options.simulated_request(known_task(task) or task, teleoperator)
    upload = Upload(options.out, options.push_to)
    with user_errors():
        upload.check()
        record_step(request, upload.begin)
        _go_on(upload)


def _in_real_time(options: RecordOptions, arm: ArmOptions) -> None:
    from armchair.commands.recording.real_time import check_real_time_options, record_real_time_step  # with LeRobot
    from armchair_datasets.recording.real_time.record import RecordingRequest
    from armchair_datasets.recording.real_time.session import Rules

    check_real_time_options(arm)
    upload = Upload(options.out, options.push_to)
    upload.check()
    rules = Rules(options.episodes, options.real_time.episode_s, options.real_time.reset_s)
    request = RecordingRequest(rules, options.out, options.real_time.strict, options.resume, options.append)
    record_real_time_step(arm, request, options.real_time.play_sounds, upload.begin)
    _go_on(upload)


def _stock_lines(options: RecordOptions, arm: ArmOptions) -> list[str]:
    """`lerobot-record …` for the same."""
    note = twin_note() if arm.is_twin else None
    cameras = lerobot_command.twin_cameras(note["cameras"]) if note and arm.cameras is None else arm.cameras
    dataset = lerobot_command.DatasetOptions(
        f"me/{options.out.name}", note["instruction"] if note else arm.task or "Pick up the red cube.",
        options.episodes, options.real_time.episode_s, options.real_time.reset_s, options.out, options.append,
    )  # fmt: skip
    return lerobot_command.record(
        lerobot_command.follower_words(arm.where, arm.arm_id, cameras),
        lerobot_command.teleoperator_words(arm.teleoperator or "leader", arm.leader_where, arm.leader_id, arm.episode),
        dataset,
    )


def _go_on(upload: Upload) -> None:
    """Leave the upload to its worker, and say what may come next."""
    upload.finish()
    say(f"Next: {train_line(upload.folder, 8, beside(upload.folder, 'policy'))}")
