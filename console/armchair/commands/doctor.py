"""`armchair doctor`: what is wrong with an arm, its line and its cameras, how sure that is, and what to do next."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.next_command import typed
from armchair.terminal.options import DryRun
from armchair.terminal.steps import say
from armchair_core.errors import ArmchairError
from armchair_core.sts3215.units import to_percent, to_volts
from armchair_robot.doctor.verdict import as_dict

if TYPE_CHECKING:
    from armchair_robot.doctor.rounds import Patient
    from armchair_robot.doctor.verdict import Diagnosis

_EVERYWHERE = "every port that is there"


def doctor(
    port: Annotated[str | None, typer.Argument(help=f"A port, serial:NUMBER or twin. (default: {_EVERYWHERE})")] = None,
    cameras: Annotated[
        str | None, typer.Option(help="As for LeRobot: '{front: {type: opencv, …}}'. (default: the twin's)")
    ] = None,
    arm_id: Annotated[
        str | None, typer.Option(help="The calibration's name. (default: the one that fits the servos)")
    ] = None,
    wiggle: Annotated[
        str | None, typer.Option(metavar="JOINT", help="Move this joint by a few degrees and back, after asking.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it moves.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Find out why an arm does not work. Writes nothing and moves nothing unless --wiggle is given."""
    if dry_run:
        print("\n".join(lerobot_command.doctor()))
        return
    with user_errors():
        _check_words(port, cameras, wiggle, yes, as_json)
        verdicts = _round(port, cameras, arm_id, as_json)
        if wiggle is not None:
            verdicts = [_wiggled(verdicts[0], port, wiggle, arm_id, yes, as_json)]
        if as_json:
            print(json.dumps(as_dict(verdicts), indent=2))
        else:
            _tell_findings(verdicts)
    if not verdicts or not all(verdict.healthy for verdict in verdicts):
        raise typer.Exit(1)


def _check_words(port: str | None, cameras: str | None, wiggle: str | None, yes: bool, as_json: bool) -> None:
    from armchair_core.errors import unknown_name
    from armchair_core.so101.joints import JOINTS

    if wiggle is not None and wiggle not in JOINTS:
        raise unknown_name("joint", wiggle, JOINTS)
    if port is None and (wiggle or cameras):
        option = "--wiggle" if wiggle else "--cameras"
        raise ArmchairError(f"{option} needs to know which arm: name its port, `{typed('doctor', 'twin', option)} …`.")
    if wiggle and as_json and not yes:
        raise ArmchairError("--wiggle asks before it moves, and --json says nothing else: add --yes.")


def _round(port: str | None, cameras: str | None, arm_id: str | None, quiet: bool) -> list["Diagnosis"]:
    """Examine one port, or all; tell what each shows as it comes, unless `quiet`."""
    from armchair_robot.doctor.rounds import patient, patients, see

    chosen = patients() if port is None else [patient(port)]
    if port is None and not quiet:
        _tell_ports(chosen)
    verdicts = []
    for one in chosen:
        if not quiet:
            say(f"Examining {one.description}, {one.port} …")
        verdicts.append(see(one, arm_id, cameras))
        if not quiet:
            _tell_exam(verdicts[-1])
    return verdicts


def _tell_ports(found: list["Patient"]) -> None:
    if not found:
        raise ArmchairError(
            "there is no USB port of an arm here, and no twin runs: plug the arm in (some USB cables only charge), or "
            f"start one with `{typed('twin')}`."
        )
    say("Ports:")
    for one in found:
        say(f"  {one.port}  {one.description}: {one.trouble or 'can be used'}")


# --- the wiggle ---------------------------------------------------------------------------------------------------
def _wiggled(verdict: "Diagnosis", port: str, joint: str, arm_id: str | None, yes: bool, quiet: bool) -> "Diagnosis":
    """The verdict with what the wiggle showed; as it was if the arm is not fit to be moved, or the user says no."""
    from armchair_robot.doctor.verdict import with_wiggle
    from armchair_robot.doctor.wiggle import BY, SECONDS, wiggle_at

    if any(finding.level == "broken" for finding in verdict.findings):
        if not quiet:
            say(f"{joint} was not moved: mend first what is broken.")
        return verdict
    unit = "%" if joint == "gripper" else "degrees"
    question = (
        f"{joint} will move by {BY:g} {unit} towards its middle and back, in {SECONDS:.0f} s; an arm that lies on "
        "the table is raised by its elbow before. All motors are on for that time and off afterwards: the arm may "
        "sink. Go on?"
    )
    if not yes and not typer.confirm(question):
        return verdict
    seen = wiggle_at(port, joint, arm_id)
    if not quiet:
        lag = "" if seen.lag_s is None else f", {seen.lag_s * 1000:.0f} ms behind its goal"
        say(f"{joint} moved {seen.moved:.1f} of {seen.asked:.1f} {unit}{lag}; it stands {seen.play:.1f} apart at one "
            "goal reached from both sides.")  # fmt: skip
    return with_wiggle(verdict, seen)


# --- text ---------------------------------------------------------------------------------------------------------
_COLOURS = {"broken": "red", "wrong": "yellow", "notice": "cyan"}
_WIDE = 96  # what the table takes: a narrower terminal breaks its lines, and loses nothing
_COLUMNS = (
    "joint", "id", "fw", "V", "°C", "load", "A", "pos", "range", "P/I/D", "torque", "alarms",
)  # fmt: skip


def _tell_exam(verdict: "Diagnosis") -> None:
    """The joints in a table that fits 100 columns, then the line, the calibration and the cameras."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    exam = verdict.exam
    if exam.servos:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
        for name in _COLUMNS:
            table.add_column(name, justify="left" if name in ("joint", "alarms") else "right", no_wrap=True)
        for servo in exam.servos:
            table.add_row(*_cells(servo))
        console = Console()
        console.width = max(console.width, _WIDE)
        console.print(table)
        _tell_line(exam)
    for camera in exam.cameras:
        good = f"{camera.width} x {camera.height}, {camera.rate_hz:.1f} pictures a second"
        say(f"camera {camera.name}: {good if camera.state == 'good' else camera.state}")


def _cells(servo: Any) -> list[str]:
    from armchair_robot.doctor.servo_checks import alarms, current_a, firmware

    if not servo.readable:
        return [servo.joint, str(servo.id), *["?"] * (len(_COLUMNS) - 2)]
    r = servo.registers
    return [
        servo.joint, str(servo.id), firmware(servo), f"{to_volts(r['Present_Voltage']):.1f}",
        str(r["Present_Temperature"]), f"{to_percent(r['Present_Load']):.0f}%", f"{current_a(servo):.2f}",
        str(r["Present_Position"]), f"{r['Min_Position_Limit']}-{r['Max_Position_Limit']}",
        f"{r['P_Coefficient']}/{r['I_Coefficient']}/{r['D_Coefficient']}",
        "on" if r["Torque_Enable"] else "off", alarms(servo) or "none",
    ]  # fmt: skip


def _tell_line(exam: Any) -> None:
    from statistics import median

    line = exam.line
    trips = f", {median(line.trips_s) * 1000:.1f} ms at the median" if line.trips_s else ""
    worst = f", {max(line.trips_s) * 1000:.1f} at most" if line.trips_s else ""
    say(f"line: {line.asked} questions, {line.lost} replies lost, {line.late} late, {line.cut} cut, {line.corrupt} "
        f"corrupt, {line.noisy} with stray bytes{trips}{worst}")  # fmt: skip
    told = f" ({exam.told_by})" if exam.told_by else ", which no register tells"
    say(f"arm: {exam.side if exam.side != 'unknown' else 'follower or leader'}{told}")
    if exam.file:
        say(f"calibration: compared with {exam.file.name}")


def _tell_findings(verdicts: list["Diagnosis"]) -> None:
    """Every finding, most serious first, and the verdict."""
    from rich.console import Console
    from rich.text import Text

    from armchair_robot.doctor.finding import ranked

    console = Console()
    findings = ranked([finding for verdict in verdicts for finding in verdict.findings])
    say()
    for number, finding in enumerate(findings, 1):
        head = Text(f"{number}. {finding.level}, {finding.sure}: ", style=_COLOURS[finding.level])
        console.print(head + Text(finding.what, style="default"), soft_wrap=True)
        console.print(Text(f"   Next: {finding.todo}"), soft_wrap=True)
    serious = sum(finding.level != "notice" for finding in findings)
    if serious:
        things = "one thing is" if serious == 1 else f"{serious} things are"
        say(f"Verdict: {things} wrong. Begin with 1, then ask again: mending one often mends others.")
        return
    say("Verdict: nothing wrong was found.")
    for verdict in verdicts:
        say(f"Looked at on {verdict.exam.port}: {', '.join(verdict.looked_at)}.")
    missing = dict.fromkeys(what for verdict in verdicts for what in verdict.not_looked_at)
    say(f"Not looked at: {', '.join(missing)}.")
