"""The diagnosis of an arm: what is wrong, most serious first, with what was and what was not looked at."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from armchair_core.command_line import typed
from armchair_core.words import number_of
from armchair_robot.doctor.bus_checks import bus_findings
from armchair_robot.doctor.calibration_checks import calibration_findings
from armchair_robot.doctor.camera_checks import CameraExamination
from armchair_robot.doctor.examination import Examination
from armchair_robot.doctor.finding import Finding, broken, notice, ranked, wrong
from armchair_robot.doctor.servo_checks import servo_findings
from armchair_robot.doctor.wiggle import Wiggle, wiggle_findings

_SLOW = 0.5  # of the rate that was asked for
_UNPLUGGED = "Push in its USB cable, without a hub if there is one, and see that no other program uses it."


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with an arm. `findings` come most serious first; a healthy arm may have notices."""

    examination: Examination
    findings: list[Finding]
    wiggle: Wiggle | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing worse than a notice was found."""
        return all(finding.level == "notice" for finding in self.findings)

    @property
    def looked_at(self) -> list[str]:
        """What "nothing found" rests on."""
        examination = self.examination
        if examination.obstacle or examination.holder:
            return ["the port"]
        return [
            "the port",
            f"{len(examination.readable)} servos (ids, speed, model, firmware, alarms, voltage, temperature, settings)",
            f"{number_of(examination.line.asked, 'question')} on the line",
            *([f"the servos' calibration against {examination.file.name}"] if examination.file else []),
            *(f"camera {camera.name}" for camera in examination.cameras),
            *([f"how {self.wiggle.joint} moves"] if self.wiggle else []),
        ]

    @property
    def not_looked_at(self) -> list[str]:
        """What may still be wrong."""
        return [
            *([] if self.examination.cameras else ["cameras (--cameras)"]),
            f"whether {'another' if self.wiggle else 'a'} joint is blocked or loose (--wiggle JOINT)",
            "the supply under load",
            "gear ratios, which no register tells: a leader's servos differ from a follower's by their labels alone",
        ]


def diagnose(examination: Examination) -> Diagnosis:
    """Return what is wrong with this arm."""
    findings = [_at_this_arm(finding, examination) for finding in _findings(examination)]
    return Diagnosis(examination, ranked(findings))


def _at_this_arm(finding: Finding, examination: Examination) -> Finding:
    """Return a finding whose commands name the arm: without a profile they would ask which one is meant."""
    arm, todo = "--leader" if examination.side == "leader" else "--arm", finding.todo
    for command in ("calibrate", "setup-motors"):
        todo = todo.replace(f"`{typed(command)}`", f"`{typed(command, arm, examination.port)}`")
    return replace(finding, todo=todo)


def with_wiggle(verdict: Diagnosis, seen: Wiggle) -> Diagnosis:
    """Return the same, and what the wiggle showed."""
    return replace(verdict, findings=ranked([*verdict.findings, *wiggle_findings(seen)]), wiggle=seen)


def _findings(examination: Examination) -> Iterator[Finding]:
    if examination.obstacle:
        what, _, todo = examination.obstacle.partition(": ")
        yield broken("port-unusable", "certain", f"{_capital(what)}.", _capital(todo), examination.port)
    elif examination.holder:
        yield wrong(
            "port-in-use", "certain",
            f"{examination.holder} uses {examination.port}, so the servos were not asked anything.",
            "Let it end, or end it, then ask again.", examination.port,
        )  # fmt: skip
    else:
        yield from bus_findings(examination)
        yield from servo_findings(examination)
        yield from calibration_findings(examination)
    for camera in examination.cameras:
        yield from _camera(camera)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _camera(camera: CameraExamination) -> Iterator[Finding]:
    name = camera.name
    if camera.state == "gone":
        yield broken(
            "camera-gone", "certain", f"The camera {name} cannot be opened ({camera.said}).", _UNPLUGGED, name
        )  # fmt: skip
    elif camera.state == "frozen":
        yield broken(
            "camera-frozen", "certain", f"The camera {name} is there but sends no new picture.",
            "Unplug it and plug it in again, into another USB port than the other cameras.", name,
        )  # fmt: skip
    elif camera.state == "black":
        yield broken(
            "camera-black", "certain", f"The camera {name} sends black pictures.",
            "Take the lens cap off and switch the light on.", name,
        )  # fmt: skip
    elif camera.rate_hz < _SLOW * camera.wanted_hz:
        yield notice(
            "camera-slow", "possible", f"The camera {name} sent {camera.rate_hz:.0f} pictures a second, not "
            f"{camera.wanted_hz:.0f}: little light, two cameras on one hub, or a busy computer.",
            "More light, or a USB port of its own.", name,
        )  # fmt: skip


# --- JSON ---------------------------------------------------------------------------------------------------------
def as_dict(verdicts: list[Diagnosis]) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {
        "healthy": bool(verdicts) and all(verdict.healthy for verdict in verdicts),
        "arms": [_arm_as_dict(verdict) for verdict in verdicts],
    }


def _arm_as_dict(verdict: Diagnosis) -> dict[str, Any]:
    examination = verdict.examination
    line = asdict(examination.line)
    trips_s = line.pop("trips_s")
    return {
        "port": examination.port,
        "side": examination.side,
        "told_by": examination.told_by,
        "healthy": verdict.healthy,
        "findings": [asdict(finding) for finding in verdict.findings],
        "looked_at": verdict.looked_at,
        "not_looked_at": verdict.not_looked_at,
        "line": {**line, "median_s": median(trips_s) if trips_s else None, "longest_s": max(trips_s, default=None)},
        "calibration": examination.file.name if examination.file else None,
        "servos": [
            {"joint": servo.joint, "id": servo.id, "baud": servo.baud, "registers": servo.registers}
            for servo in examination.servos
        ],
        "cameras": [asdict(camera) for camera in examination.cameras],
        "wiggle": asdict(verdict.wiggle) if verdict.wiggle else None,
    }
