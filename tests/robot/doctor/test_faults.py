"""The doctor names every fault that the twin can inject, nothing else, and finds nothing in a healthy arm."""

from dataclasses import replace

import pytest

from armchair_core.sts3215.registers import REGISTERS
from armchair_robot.doctor.verdict import Diagnosis, diagnose
from armchair_sim.twin.faults import FAULTS

# What the doctor calls it. A new fault needs a line here, and the doctor something that finds it.
DIAGNOSES = {
    "lost-replies": "replies-lost",
    "late-reply": "replies-late",
    "truncated-replies": "replies-cut",
    "corrupted-replies": "replies-corrupt",
    "noise": "stray-bytes",
    "dead-servo": "servo-missing",
    "duplicate-id": "duplicate-id",
    "wrong-id": "wrong-id",
    "firmware-mismatch": "firmware-mismatch",
    "overload": "overload",
    "overheat": "overheat",
    "position-wrap": "position-wraps",
    "camera-frozen": "camera-frozen",
    "camera-black": "camera-black",
    "camera-gone": "camera-gone",
    "brown-out": "supply-low",
    "unplugged": "port-unusable",
}


def examined(ward, fault: str = "") -> Diagnosis:
    """The verdict; a late answer counts even if the computer that runs this test is busy."""
    cameras = ward.look() if fault.startswith("camera") else []
    return diagnose(replace(ward.examine(), busy="", cameras=cameras))


def push_against(ward) -> None:
    """A blocked joint shows only when it has to move: let the elbow try for as long as its protection takes."""
    memory = ward.arm.memories[2]
    wanted = {"Protection_Time": 20, "Torque_Enable": 1, "Goal_Position": memory["Present_Position"] - 500}
    for name, value in wanted.items():
        memory.write(REGISTERS[name].address, REGISTERS[name].encode(value))
    ward.settle(300)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_named_and_nothing_else(ward, name):
    ward.breaker.set(name)
    push_against(ward) if name == "overload" else ward.settle()
    verdict = examined(ward, name)
    assert not verdict.healthy
    serious = [finding for finding in verdict.findings if finding.level != "notice"]
    assert [finding.code for finding in serious] == [DIAGNOSES[name]]
    assert all(finding.what.endswith(".") and finding.todo.endswith((".", ").")) for finding in verdict.findings)


@pytest.mark.parametrize("looks_at", ["cameras", "servos", "servos again", "and again"])
def test_a_healthy_arm_gets_a_clean_bill(ward, looks_at):
    verdict = examined(ward, looks_at)
    assert verdict.findings == []
    assert verdict.healthy
    assert len(verdict.examination.readable) == 6


@pytest.mark.parametrize(
    ("name", "joint"), [("dead-servo", "gripper"), ("wrong-id", "shoulder_pan"), ("overheat", "gripper")]
)
def test_the_joint_is_named(ward, name, joint):
    ward.breaker.set(name, joint)
    ward.settle()
    finding = examined(ward).findings[0]
    assert finding.code == DIAGNOSES[name]
    assert finding.at == joint
    assert joint in finding.what


def test_two_faults_are_two_findings_the_worse_first(ward):
    ward.breaker.set("position-wrap", "wrist_flex")
    ward.breaker.set("overheat", "gripper")
    ward.settle()
    assert [finding.code for finding in examined(ward).findings] == ["overheat", "position-wraps"]


def test_nothing_is_written(ward):
    """Whatever is wrong: every byte of every servo's memory is as before, torque too."""
    ward.arm.memories[1].write(REGISTERS["Torque_Enable"].address, b"\1")
    for fault in ("duplicate-id", "corrupted-replies", "noise"):
        ward.breaker.set(fault)
    ward.settle(200)
    before = [memory.read(0, 256) for memory in ward.arm.memories]
    ward.examine()
    assert [memory.read(0, 256) for memory in ward.arm.memories] == before
    assert ward.arm.memories[1]["Torque_Enable"] == 1
