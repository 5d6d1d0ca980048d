"""`armchair doctor`: what is wrong with an arm, its line and its cameras, how sure that is, and what to do next."""

import json
from dataclasses import dataclass
from typing import Annotated

import typer

from armchair.terminal import lerobot_command
from armchair.terminal.diagnosis import tell_exam, tell_findings
from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun
from armchair.terminal.request_options import request_options
from armchair.terminal.say import say
from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.so101.joints import JOINTS
from armchair_robot.doctor.rounds import Patient, patient, patients, see
from armchair_robot.doctor.verdict import Diagnosis, as_dict, with_wiggle
from armchair_robot.doctor.wiggle import BY, SECONDS, wiggle_at

_EVERYWHERE = "every port that is there"


@dataclass(frozen=True, kw_only=True)
class DoctorOptions:
    """What is typed behind `armchair doctor`."""

    port: Annotated[str | None, typer.Argument(help=f"A port, serial:NUMBER or twin. (default: {_EVERYWHERE})")] = None
    cameras: Annotated[
        str | None, typer.Option(help="As for LeRobot: '{front: {type: opencv, …}}'. (default: the twin's)")
    ] = None
    arm_id: Annotated[
        str | None, typer.Option(help="The calibration's name. (default: the one that fits the servos)")
    ] = None
    wiggle: Annotated[
        str | None, typer.Option(metavar="JOINT", help="Move this joint by a few degrees and back, after asking.")
    ] = None
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it moves.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False
    dry_run: DryRun = False


@request_options
def doctor(options: DoctorOptions) -> None:
    """Find out why an arm does not work. Writes nothing and moves nothing unless --wiggle is given."""
    if options.dry_run:
        print("\n".join(lerobot_command.doctor()))
        return
    with user_errors():
        _check_words(options)
        diagnoses = _round(options)
        if options.port is not None and options.wiggle is not None:
            diagnoses = [_wiggled(diagnoses[0], options.port, options.wiggle, options)]
        if options.as_json:
            print(json.dumps(as_dict(diagnoses), indent=2))
        else:
            tell_findings(diagnoses)
    if not diagnoses or not all(diagnosis.healthy for diagnosis in diagnoses):
        raise typer.Exit(1)


def _check_words(options: DoctorOptions) -> None:
    """Raise ArmchairError if what was typed does not fit together."""
    if options.wiggle is not None and options.wiggle not in JOINTS:
        raise unknown_name("joint", options.wiggle, JOINTS)
    if options.port is None and (options.wiggle or options.cameras):
        option, value = ("--wiggle", options.wiggle) if options.wiggle else ("--cameras", options.cameras)
        line = typed("doctor", "twin", option, value)
        raise ArmchairError(f"{option} needs to know which arm: name its port, or twin: `{line}`.")
    if options.wiggle and options.as_json and not options.yes:
        raise ArmchairError("--wiggle asks before it moves, and --json says nothing else: add --yes.")


def _round(options: DoctorOptions) -> list[Diagnosis]:
    """Examine one port, or all; tell what each shows as it comes, unless JSON is asked for."""
    chosen = patients() if options.port is None else [patient(options.port)]
    if options.port is None and not options.as_json:
        _tell_ports(chosen)
    diagnoses = []
    for one in chosen:
        if not options.as_json:
            say(f"Examining {one.description}, {one.port} …")
        diagnoses.append(see(one, options.arm_id, options.cameras))
        if not options.as_json:
            tell_exam(diagnoses[-1])
    return diagnoses


def _tell_ports(found: list[Patient]) -> None:
    if not found:
        raise ArmchairError(
            "there is no USB port of an arm here, and no twin runs: plug the arm in (some USB cables only charge), or "
            f"start one with `{typed('twin')}`."
        )
    say("Ports:")
    for one in found:
        say(f"  {one.port}  {one.description}: {one.trouble or 'can be used'}")


def _wiggled(diagnosis: Diagnosis, port: str, joint: str, options: DoctorOptions) -> Diagnosis:
    """The diagnosis with what the wiggle showed; as it was if the arm is not fit to be moved, or the user says no."""
    if any(finding.level == "broken" for finding in diagnosis.findings):
        if not options.as_json:
            say(f"{joint} was not moved: mend first what is broken.")
        return diagnosis
    unit = "%" if joint == "gripper" else "degrees"
    question = (
        f"{joint} will move by {BY:g} {unit} towards its middle and back, in {SECONDS:.0f} s; an arm that lies on "
        "the table is raised by its elbow before. All motors are on for that time and off afterwards: the arm may "
        "sink. Go on?"
    )
    if not options.yes and not typer.confirm(question):
        return diagnosis
    seen = wiggle_at(port, joint, options.arm_id)
    if not options.as_json:
        lag = "" if seen.lag_s is None else f", {seen.lag_s * 1000:.0f} ms behind its goal"
        say(f"{joint} moved {seen.moved:.1f} of {seen.asked:.1f} {unit}{lag}; it stands {seen.play:.1f} apart at one "
            "goal reached from both sides.")  # fmt: skip
    return with_wiggle(diagnosis, seen)
