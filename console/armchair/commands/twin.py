"""`armchair twin`: a simulated follower, leader and two cameras, on serial ports that stock LeRobot takes for real."""

import json
import math
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import TASKS
from armchair.terminal.request_options import request_options
from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.lerobot_home import calibration_folder
from armchair_core.processes.priority import go_first
from armchair_robot.profile import read_profile, simulated_task
from armchair_sim.twin import runtime
from armchair_sim.twin.control import ask
from armchair_sim.twin.faults import FAULTS
from armchair_sim.twin.leader_input.keyboard import HELP, MOUSE_OFF, MOUSE_ON

if TYPE_CHECKING:
    from armchair_sim.twin.server import Twin, TwinOptions

app = typer.Typer(
    help="A simulated arm on a serial port that stock LeRobot commands take for a real one.", add_completion=False
)


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """What is typed behind `armchair twin`."""

    task: Annotated[
        str | None,
        typer.Option(help=f"{TASKS} or your own. (default: armchair.toml's, or lift)"),
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="The first scene's seed.")] = 0
    hand: Annotated[str, typer.Option(help="Who moves the leader: expert, still, keyboard, DATASET:EPISODE.")] = (
        "expert"
    )
    episode_s: Annotated[float, typer.Option("--episode-time", min=1, help="Seconds that the hand has a scene.")] = 8.0
    unpaced: Annotated[bool, typer.Option("--unpaced", help="Answer at once, faster than a real bus.")] = False
    tcp: Annotated[bool, typer.Option("--tcp", help="TCP ports, for --robot.type=armchair_so101.")] = False
    cameras: Annotated[bool, typer.Option(help="Draw the two cameras.")] = True
    new_arm: Annotated[bool, typer.Option("--new-arm", help="Servos fresh from the factory, all with id 1.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object when ready, no more.")] = False


@app.callback(invoke_without_command=True)
@request_options
def start(context: typer.Context, options: StartOptions) -> None:
    """Start the twin and serve until Ctrl-C."""
    if context.invoked_subcommand is None:
        with user_errors():
            _serve(options)


def _serve(options: StartOptions) -> None:
    from armchair_sim.twin.server import Twin, TwinOptions  # with MuJoCo, which `armchair twin stop` can do without

    task = options.task or simulated_task(read_profile()) or "lift"
    asked = TwinOptions(
        task, options.seed, options.hand, options.episode_s, paced=not options.unpaced,
        tcp=options.tcp or sys.platform != "linux", cameras=options.cameras, new_arm=options.new_arm,
    )  # fmt: skip
    folder = runtime.runtime_dir()
    _refuse_second(folder)
    go_first()
    with _terminal(options.hand) as keys:
        _run(Twin(asked, folder, keys), folder, options.as_json)


def _run(twin: "Twin", folder: Path, as_json: bool) -> None:
    try:
        for number in (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
            signal.signal(number, lambda *_: twin.stop())
        twin.wait_until_ready()
        note = twin.note()
        write_calibration(note["calibration"])
        runtime.write_note(folder, note)
        print(json.dumps(note), flush=True) if as_json else _introduce(note, twin.options)
        twin.run(_show_status if sys.stdout.isatty() and not as_json else lambda twin: None)
    finally:
        twin.close()


@contextmanager
def _terminal(hand: str) -> Iterator[int | None]:
    """For the hand `keyboard`: the terminal's file number, with every key and mouse move sent at once."""
    if hand != "keyboard":
        yield None
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ArmchairError("the hand `keyboard` needs a terminal to listen to: run it in one, or use --hand expert.")
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        say(HELP)
        print(MOUSE_ON, end="", flush=True)
        yield sys.stdin.fileno()
    finally:
        print(MOUSE_OFF, end="", flush=True)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _refuse_second(folder: Path) -> None:
    note = runtime.read_note(folder)
    if note is None:
        return
    try:
        ask(folder / "control", do="status")
    except ArmchairError:
        return  # it was killed and left its note behind
    raise ArmchairError(
        f"a twin runs already (process {note['pid']}): stop it with `{typed('twin', 'stop')}`, or set "
        f"{runtime.FOLDER_VARIABLE} to another folder for a second one."
    )


def write_calibration(calibration: dict[str, dict]) -> None:
    """Put the twin's calibration where stock LeRobot looks for it, under the id `armchair_twin`.

    A file that is there and says something else is somebody's own: it stays, and LeRobot asks about it.
    """
    places = {"follower": Path("robots", "so_follower"), "leader": Path("teleoperators", "so_leader")}
    for arm, place in places.items():
        file = calibration_folder() / place / f"{lerobot_command.TWIN_ID}.json"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(calibration[arm], indent=4))


def _introduce(note: dict[str, Any], options: "TwinOptions") -> None:
    say(f"The twin is ready: task {options.task}, scene {options.seed}, the leader is moved by: {options.hand}.")
    for name, address in note["ports"].items():
        say(f"  {name:<9} {address}")
    say("Try, in another terminal:")
    for line in stock_commands(note, options.episode_s):
        say(f"  {line}")
    more = typed("twin", "--help")
    say(f"`{more}` lists the rest: scenes, faults, a sweep to calibrate by. Ctrl-C ends it.")


def stock_commands(note: dict[str, Any], episode_s: float) -> list[str]:
    """LeRobot's own commands for this twin, ready to paste."""
    follower = lerobot_command.arm_words("follower", note["ports"]["follower"], lerobot_command.TWIN_ID)
    leader = lerobot_command.arm_words("leader", note["ports"]["leader"], lerobot_command.TWIN_ID)
    seeing = lerobot_command.arm_words(
        "follower", note["ports"]["follower"], lerobot_command.TWIN_ID, lerobot_command.twin_cameras(note["cameras"])
    )
    takes_s = episode_s if math.isfinite(episode_s) else 30
    dataset = lerobot_command.DatasetOptions("me/twin", note["instruction"], 3, takes_s, 3)
    return [
        *lerobot_command.teleoperate(follower, leader),
        *lerobot_command.record(seeing, leader, dataset),
    ]


def _show_status(twin: "Twin") -> None:
    status = twin.status()
    driven = " and ".join(name for name, yes in status["driven"].items() if yes) or "nobody"
    done = sum(success for _, success in status["played"])
    faults = f" · faults: {', '.join(status['faults'])}" if status["faults"] else ""
    line = f"scene {status['scene']} · in use: {driven} · {done} of {len(status['played'])} done{faults}"
    print(f"\r\x1b[K{line}", end="", flush=True)


def _ask(**request: Any) -> dict[str, Any]:
    with user_errors():
        return ask(runtime.runtime_dir() / "control", **request)


@app.command()
def status() -> None:
    """How the running twin stands, as JSON."""
    say(json.dumps(_ask(do="status"), indent=2))


@app.command()
def stop() -> None:
    """End the running twin."""
    _ask(do="stop")
    say("The twin ends.")


@app.command()
def scene(seed: Annotated[int, typer.Argument(min=0, help="The scene's seed.")]) -> None:
    """Set another scene on the table; the arm stays where it is."""
    say(f"Scene {_ask(do='scene', seed=seed)['scene']} is set.")


@app.command()
def fault(
    name: Annotated[str, typer.Argument(help="Which fault; `list` names them all.")],
    at: Annotated[str, typer.Option(help="A joint or a camera. (default: elbow_flex, front)")] = "",
) -> None:
    """Break something, by name, for a lesson or a test."""
    if name == "list":
        for each, description in FAULTS.items():
            say(f"{each:<20} {description}")
        return
    _ask(do="fault", name=name, at=at)
    say(f"{name}: {FAULTS[name]} `{typed('twin', 'mend')}` repairs it.")


@app.command()
def connect(
    motor: Annotated[str, typer.Argument(help="A joint's name, or `all`.")],
) -> None:
    """Leave only one motor on the line, as `lerobot-setup-motors` asks, or put all of them back."""
    _ask(do="connect", joint=motor)
    say(f"On the line: {motor}.")


@app.command()
def mend() -> None:
    """Repair every fault."""
    _ask(do="mend")
    say("Everything is repaired.")


@app.command()
def middle() -> None:
    """Take both arms by hand to the middle of their ranges, as LeRobot's calibration asks first."""
    _guide("middle")
    say("Both arms stand in the middle: press ENTER where LeRobot waits.")


@app.command()
def sweep() -> None:
    """Move every joint by hand through its range, as LeRobot's calibration asks next."""
    _guide("sweep")
    say("Every joint has been to both of its stops: press ENTER where LeRobot waits.")


def _guide(where: str) -> None:
    """Start the hands and wait until they are done."""
    state = _ask(do=where)
    while state["guided"]:
        time.sleep(0.2)
        state = _ask(do="status")
