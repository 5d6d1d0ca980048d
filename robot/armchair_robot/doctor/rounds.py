"""The doctor's round: which ports there are, what each is, and an examination of every one that may be an arm."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from armchair_robot.bus import port_lock
from armchair_robot.bus.ports import find_ports, why_unusable
from armchair_robot.devices.arms import camera_configs, port_of
from armchair_robot.doctor.camera_checks import examine_camera
from armchair_robot.doctor.examination import Examination, examine, open_bus
from armchair_robot.doctor.verdict import Diagnosis, diagnose
from armchair_sim.twin import runtime


@dataclass(frozen=True)
class Patient:
    """A port that may lead to an arm. `trouble` is what keeps it from being opened, in words."""

    port: str
    description: str
    trouble: str | None = None


def patients() -> list[Patient]:
    """Return every port that is there. Nothing is opened."""
    return [Patient(port.path, port.description, _trouble(port.path)) for port in find_ports()]


def patient(where: str) -> Patient:
    """Return the port that was named: a path, tcp://…, serial:NUMBER, or ``twin`` for the twin's follower.

    Raises:
        ArmchairError: if no twin runs, or no adapter has the number.
    """
    port = port_of(where, "follower")
    known = {found.path: found.description for found in find_ports()}
    return Patient(port, known.get(port, "a port"), _trouble(port))


def _trouble(port: str) -> str | None:
    return None if port.startswith("tcp://") else why_unusable(port)


def see(patient: Patient, arm_id: str | None = None, cameras: str | None = None) -> Diagnosis:
    """Examine one port, and the cameras (in LeRobot's notation, by default those of the twin if this is its follower).

    Raises:
        ArmchairError: for a calibration id that has no file, or cameras that cannot be read.
    """
    note = _note_of(patient.port)
    return diagnose(replace(_examined(patient, arm_id, note), cameras=_cameras(patient, cameras, note)))


def _examined(patient: Patient, arm_id: str | None, note: dict[str, Any] | None) -> Examination:
    if patient.trouble:
        return Examination(patient.port, obstacle=patient.trouble)
    if users := port_lock.holders(patient.port):
        return Examination(patient.port, holder=" and ".join(users))
    port_lock.take(patient.port)
    try:
        return examine(open_bus(patient.port), arm_id, note)
    finally:
        port_lock.release(patient.port)


def _note_of(port: str) -> dict[str, Any] | None:
    """Return the running twin's note, if this is its port."""
    note = runtime.read_note(runtime.runtime_dir())
    return note if note and port in note["ports"].values() else None


def _cameras(patient: Patient, cameras: str | None, note: Mapping[str, Any] | None) -> list[Any]:
    if cameras is None and (note is None or patient.port != note["ports"]["follower"]):
        return []
    return [examine_camera(name, config) for name, config in camera_configs(note, cameras).items()]
