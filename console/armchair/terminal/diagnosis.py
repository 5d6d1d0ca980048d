"""A doctor's diagnosis in the terminal: the joints in a table, then the findings."""

from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from armchair.terminal.say import say
from armchair_core.sts3215.units import to_percent, to_volts
from armchair_robot.doctor.examination import Examination
from armchair_robot.doctor.finding import ranked
from armchair_robot.doctor.scan import Servo
from armchair_robot.doctor.servo_checks import alarms, current_a, firmware
from armchair_robot.doctor.verdict import Diagnosis

_COLOURS = {"broken": "red", "wrong": "yellow", "notice": "cyan"}
_WIDE = 96  # what the table takes: a narrower terminal breaks its lines, and loses nothing
_COLUMNS = (
    "joint", "id", "fw", "V", "°C", "load", "A", "pos", "range", "P/I/D", "torque", "alarms",
)  # fmt: skip


def tell_exam(diagnosis: Diagnosis) -> None:
    """Print the joints in a table that fits 100 columns, then the line, the calibration and the cameras."""
    examination = diagnosis.examination
    if examination.servos:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
        for name in _COLUMNS:
            table.add_column(name, justify="left" if name in ("joint", "alarms") else "right", no_wrap=True)
        for servo in examination.servos:
            table.add_row(*_cells(servo))
        console = Console()
        console.width = max(console.width, _WIDE)
        console.print(table)
        _tell_line(examination)
    for camera in examination.cameras:
        good = f"{camera.width} x {camera.height}, {camera.rate_hz:.1f} pictures a second"
        say(f"camera {camera.name}: {good if camera.state == 'good' else camera.state}")


def _cells(servo: Servo) -> list[str]:
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


def _tell_line(examination: Examination) -> None:
    line = examination.line
    trips = f", {median(line.trips_s) * 1000:.1f} ms at the median" if line.trips_s else ""
    worst = f", {max(line.trips_s) * 1000:.1f} at most" if line.trips_s else ""
    say(f"line: {line.asked} questions, {line.lost} replies lost, {line.late} late, {line.cut} cut, {line.corrupt} "
        f"corrupt, {line.noisy} with stray bytes{trips}{worst}")  # fmt: skip
    told = f" ({examination.told_by})" if examination.told_by else ", which no register tells"
    say(f"arm: {examination.side if examination.side != 'unknown' else 'follower or leader'}{told}")
    if examination.file:
        say(f"calibration: compared with {examination.file.name}")


def tell_findings(diagnoses: list[Diagnosis]) -> None:
    """Print every finding, most serious first, and the verdict."""
    console = Console()
    findings = ranked([finding for diagnosis in diagnoses for finding in diagnosis.findings])
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
    for diagnosis in diagnoses:
        say(f"Looked at on {diagnosis.examination.port}: {', '.join(diagnosis.looked_at)}.")
    missing = dict.fromkeys(what for diagnosis in diagnoses for what in diagnosis.not_looked_at)
    say(f"Not looked at: {', '.join(missing)}.")
