"""`armchair run`: a policy moves the twin or a real arm, and is judged, or recorded with a person's corrections."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.options import TASKS, DryRun, Home
from armchair.terminal.request_options import request_options
from armchair_core.errors import ArmchairError
from armchair_robot.arm_options import NETWORK_PORT, ArmOptions
from armchair_robot.devices.arms import twin_runs
from armchair_robot.profile import chosen, read_profile
from armchair_sim.seeds import FIRST_EVALUATION_SEED

_TRIALS, _SCENES = 10, 3
_REAL, _OVER = "On a real arm", "Taking over"


@dataclass(frozen=True, kw_only=True)
class TakeoverOptions:
    """What is typed where a person may take over from the policy."""

    takeover: Annotated[
        str, typer.Option(help="Who may correct it: leader, keyboard, gamepad or network.", rich_help_panel=_OVER)
    ] = ""
    leader: Annotated[
        str | None, typer.Option(help="The leader's port. (default: the twin's)", rich_help_panel=_OVER)
    ] = None
    leader_id: Annotated[str | None, typer.Option(help="As LeRobot's --teleop.id.", rich_help_panel=_OVER)] = None
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the network hand listens; 0: any.", rich_help_panel=_OVER)
    ] = NETWORK_PORT
    lan: Annotated[
        bool, typer.Option("--lan", help="Let a phone take over, by a link with a token.", rich_help_panel=_OVER)
    ] = False
    record: Annotated[
        Path | None, typer.Option(help="Record the successes to this dataset instead.", rich_help_panel=_OVER)
    ] = None
    append: Annotated[bool, typer.Option("--append", help="Add to the dataset of --record.", rich_help_panel=_OVER)] = (
        False
    )


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What is typed behind `armchair run`."""

    policy: Annotated[str, typer.Argument(help="A LeRobot policy's folder, or a skill that ships, such as lift.")]
    out: Annotated[
        Path | None, typer.Option(help="The folder for the report or the films, which must not exist yet.")
    ] = None
    task: Annotated[
        str | None,
        typer.Option(help=f"{TASKS}; on a real arm also a sentence. (default: the twin's)"),
    ] = None
    arm: Annotated[
        str | None,
        typer.Option(help="twin, or the port of a real arm. (default: armchair.toml's, or a running twin)"),
    ] = None
    episodes: Annotated[
        int | None, typer.Option(min=1, help="How often it may try. (default: 10, in simulation 3)")
    ] = None
    seed: Annotated[int, typer.Option(help="The first scene's seed, on the twin.")] = FIRST_EVALUATION_SEED
    episode_s: Annotated[
        float | None, typer.Option("--episode-time", min=1, help="Seconds for a trial. (default: the task's, or 20)")
    ] = None
    reset_s: Annotated[float, typer.Option("--reset-time", min=0, help="Seconds between two trials.")] = 3.0
    cameras: Annotated[
        str | None, typer.Option(help="As LeRobot's --robot.cameras. (default: the twin's)", rich_help_panel=_REAL)
    ] = None
    arm_id: Annotated[str | None, typer.Option(help="As LeRobot's --robot.id.", rich_help_panel=_REAL)] = None
    person: TakeoverOptions
    home: Home = True
    dry_run: DryRun = False

    @property
    def arm_options(self) -> ArmOptions:
        """What was typed about the arm, before the profile adds to it."""
        person = self.person
        return ArmOptions(
            self.arm, self.arm_id, person.leader, person.leader_id, self.cameras, self.task, person.takeover or None,
            port=person.port, lan=person.lan, goes_home=self.home,
        )  # fmt: skip


@request_options
def run(options: RunOptions) -> None:
    """Let a policy move an arm, and judge it: the twin's simulation does, or you. With neither, it plays by itself."""
    with user_errors():
        arm = chosen(read_profile(), options.arm_options)
        wants_arm = options.person.takeover or options.person.record or options.dry_run
        if arm.arm is None and not (wants_arm or twin_runs()):
            _in_simulation(options)
        else:
            _in_real_time(options, replace(arm, task=options.task) if arm.is_twin else arm)


def _in_simulation(options: RunOptions) -> None:
    from armchair.commands.rollout.simulated import run_simulated  # with MuJoCo

    scenes = options.episodes or _SCENES
    run_simulated(options.policy, options.task, scenes, options.seed, options.out, options.episode_s)


def _in_real_time(options: RunOptions, arm: ArmOptions) -> None:
    from armchair.commands.rollout import real_time  # with LeRobot
    from armchair_policies.evaluation.real_time.run import RealTimeRequest, prepare_real_time

    trials = options.episodes or _TRIALS
    plan = prepare_real_time(
        RealTimeRequest(options.policy, arm, trials, options.seed, options.episode_s, options.reset_s)
    )
    if options.dry_run:
        print("\n".join(real_time.stock_lines(plan)))
    elif options.person.record is not None:
        real_time.record(plan, options.person.record, options.person.append)
    elif options.out is None:
        raise ArmchairError("the report needs a folder: add --out report, or --record and a dataset's folder.")
    else:
        real_time.judge(plan, options.out)
