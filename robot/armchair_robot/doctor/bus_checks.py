"""The checks of the bus, by the answers on a line: who is missing, who is there twice, how good the line is."""

from collections.abc import Iterator, Sequence

from armchair_core.command_line import typed
from armchair_core.sts3215.packets import BAUDS
from armchair_core.sts3215.registers import CALIBRATION_REGISTERS, REGISTERS
from armchair_robot.bus.probe import ReplyTally
from armchair_robot.doctor.examination import Examination
from armchair_robot.doctor.finding import Finding, broken, listed, notice, wrong
from armchair_robot.doctor.scan import IDS, Servo, joint_of

_GARBLED = 0.5  # share of spoilt answers of one servo that the others do not have
_SERIOUS = 0.02  # share of spoilt answers that is no accident any more
_FACTORY = {name: REGISTERS[name].default for name in CALIBRATION_REGISTERS.values()}
_SET_UP = f"`{typed('setup-motors')}` (or LeRobot's own) gives every motor its id, one after the other"


def bus_findings(examination: Examination) -> Iterator[Finding]:
    """Yield every finding about the line and who is on it."""
    if examination.vanished:
        yield broken(
            "port-lost", "certain", f"{examination.port} vanished while it was examined.",
            "See to the USB cable and plug, without a hub if there is one, then ask again.", examination.port,
        )  # fmt: skip
        return
    if not examination.servos:
        yield _nobody(examination)
        return
    if new := _new_motors(examination):
        yield new
        return
    yield from _who_is_missing(examination)
    yield from _unread(examination)
    yield from _speeds(examination.servos)
    yield from _quality(examination)


def _nobody(examination: Examination) -> Finding:
    return broken(
        "no-answer", "likely",
        f"{examination.port} opens, but no servo answers on it, at any of the {len(BAUDS)} speeds: "
        "the servos have no power, or the cable from the board to the first servo is off, or this is no arm.",
        "Switch the servos' own supply on (USB does not feed them), look for the light on each servo, and see that the "
        "jumpers of a Waveshare board stand on B (USB).", examination.port,
    )  # fmt: skip


def _new_motors(examination: Examination) -> Finding | None:
    """Servos come from the factory with id 1: an arm that was never set up looks like one servo, or like noise."""
    (first, *others) = examination.servos
    if others or first.id != IDS[0]:
        return None
    if first.id in _garbled(examination):
        return broken(
            "new-motors", "likely",
            "Only the id 1 answers, and its answers are garbled: several servos fresh from the factory, all with id 1.",
            f"{_SET_UP}.", first.joint,
        )  # fmt: skip
    if first.readable and _FACTORY.items() <= first.registers.items():
        return broken(
            "new-motors", "possible",
            "Only one servo answers, with id 1 and the factory's settings: the motors were not set up, or only one is "
            "connected.", f"Connect all of them; if this stays, {_SET_UP}.", first.joint,
        )  # fmt: skip
    return None


def _who_is_missing(examination: Examination) -> Iterator[Finding]:
    there = {servo.id for servo in examination.servos}
    missing, strange = [id_ for id_ in IDS if id_ not in there], sorted(there - set(IDS))
    garbled = _garbled(examination)
    for id_ in garbled:
        twin = missing.pop(0) if missing else None
        yield _twice(id_, twin)
    for id_ in strange:
        yield _stranger(id_, missing.pop(0) if missing else None)
    if len(missing) > 1 and missing == list(range(missing[0], IDS[-1] + 1)):
        before = joint_of(missing[0] - 1) if missing[0] > 1 else "the board"
        yield broken(
            "servo-missing", "likely",
            f"From {joint_of(missing[0])} (id {missing[0]}) on no servo answers: the cable behind {before} is off.",
            f"Push in the plugs between {before} and {joint_of(missing[0])}, or try another cable.",
            joint_of(missing[0]),
        )  # fmt: skip
        return
    for id_ in missing:
        yield broken(
            "servo-missing", "certain",
            f"{joint_of(id_)} (id {id_}) does not answer, and no other id answers in its place: its servo is dead, "
            "or its plug is off.",
            "Push in its plugs; if its light stays dark, swap its cable with a neighbour's; if that does not help, "
            "replace the servo.", joint_of(id_),
        )  # fmt: skip


def _garbled(examination: Examination) -> list[int]:
    """Return the ids whose answers are spoilt much more often than the other servos' are."""
    shares = {servo.id: _spoilt(examination.tallies[servo.id]) for servo in examination.servos}
    return [
        id_ for id_, share in shares.items()
        if share > _GARBLED and all(other < _GARBLED / 2 for at, other in shares.items() if at != id_)
    ]  # fmt: skip


def _spoilt(tally: ReplyTally) -> float:
    return (tally.corrupt + tally.cut) / max(tally.asked, 1)


def _twice(id_: int, missing: int | None) -> Finding:
    if missing is None:
        return broken(
            "garbled-servo", "possible",
            f"{joint_of(id_)} (id {id_}) answers, but its answers are garbled: a second servo has its id, or its cable "
            "is damaged.", f"Swap its cable; if that does not help, unplug servos one by one. {_SET_UP}.",
            joint_of(id_),
        )  # fmt: skip
    return broken(
        "duplicate-id", "likely",
        f"The answers of id {id_} ({joint_of(id_)}) are garbled and id {missing} ({joint_of(missing)}) is missing: two "
        f"servos have the id {id_} and answer over each other.",
        f"Connect the servo of {joint_of(missing)} alone and give it the id {missing}: {_SET_UP}.", joint_of(missing),
    )  # fmt: skip


def _stranger(id_: int, missing: int | None) -> Finding:
    if missing is None:
        return notice(
            "extra-servo", "certain", f"A servo answers with id {id_}, which LeRobot does not expect on this arm.",
            "Nothing, if you put it there.", joint_of(id_),
        )  # fmt: skip
    return broken(
        "wrong-id", "likely",
        f"A servo answers with id {id_}, which nobody expects, and id {missing} ({joint_of(missing)}) is missing: it "
        "is the same servo.",
        f"Give it the id {missing}: {_SET_UP}.", joint_of(missing),
    )  # fmt: skip


def _unread(examination: Examination) -> Iterator[Finding]:
    silent = [
        servo.joint for servo in examination.servos if not servo.readable and servo.id not in _garbled(examination)
    ]
    if silent:
        yield broken(
            "unreadable", "certain", f"{listed(silent)} answers, but not to every question, so it could not be judged.",
            "Ask again; if it stays, swap its cable, then the servo.", silent[0],
        )  # fmt: skip


def _speeds(servos: Sequence[Servo]) -> Iterator[Finding]:
    slow = [servo for servo in servos if servo.baud != BAUDS[0]]
    if slow:
        yield broken(
            "wrong-baud", "certain",
            f"{listed([servo.joint for servo in slow])} speaks at {slow[0].baud:,} baud; LeRobot speaks at "
            f"{BAUDS[0]:,} alone.", f"Set its speed: {_SET_UP}.", slow[0].joint,
        )  # fmt: skip


_SPOILT = {  # by the tally's name: code, what happened, what it comes from
    "lost": ("replies-lost", "never came", "a worn plug, a long cable or a weak supply"),
    "cut": ("replies-cut", "broke off in the middle", "a loose plug, or a supply that sags"),
    "corrupt": ("replies-corrupt", "had a wrong checksum", "a damaged cable, or one beside a motor's"),
    "noisy": (
        "stray-bytes",
        "had bytes around them that no servo sent",
        "a cable beside a motor's, or a missing ground",
    ),
}


def _quality(examination: Examination) -> Iterator[Finding]:
    clear = [servo.id for servo in examination.servos if servo.id not in _garbled(examination)]
    line = sum((examination.tallies[id_] for id_ in clear), ReplyTally())
    if line.late:
        yield _late(line, examination)
    for name, (code, happened, cause) in _SPOILT.items():
        count = getattr(line, name)
        if count:
            serious = wrong if count >= _SERIOUS * line.asked else notice
            yield serious(
                code, "certain", f"{count} of {line.asked} replies ({count / line.asked:.1%}) {happened}: {cause}.",
                "Push in every plug, try other cables one by one, and ask again to compare the number.",
                examination.port,
            )  # fmt: skip


def _late(line: ReplyTally, examination: Examination) -> Finding:
    came = f"{line.late} of {line.asked} replies came after LeRobot's 50 ms"
    if examination.busy:
        return notice(
            "replies-late", "possible", f"{came}, but {examination.busy}: that alone explains it.",
            "Close busy programs, then ask again.", examination.port,
        )  # fmt: skip
    return wrong(
        "replies-late", "certain",
        f"{came}, as behind a USB hub: stock LeRobot then reads every later position one cycle late, for ever.",
        "Plug the arm into the computer itself and ask again; the commands of Armchair empty the line before every "
        "reading and are not affected.", examination.port,
    )  # fmt: skip
