"""Another task on the table, with a twin and an arm that only write down what they are told."""

from dataclasses import replace

import httpx
import pytest

from armchair.web.drive.arm_choice import ArmChoice
from armchair_robot.safety.limits import Limits

NOTE = {"instruction": "Pick up the red cube.", "hand": "expert", "cameras": []}


class StubTwin:
    def __init__(self, folder) -> None:
        self.done, self.folder = [], folder

    def start(self, task: str) -> dict:
        self.done.append(task)
        return {**NOTE, "folder": str(self.folder), "instruction": task}

    def stop(self) -> None:
        self.done.append("stop")


@pytest.fixture
def bench(serve_folder, tmp_path):
    """A page with a twin of its own; its arm lets go when it is told to."""
    note = {**NOTE, "folder": str(tmp_path)}
    twin = StubTwin(tmp_path)
    choice = ArmChoice("twin", None, Limits(), "lift", note, own=twin)
    with serve_folder(tmp_path, choice=choice) as page:
        page.twin, page.orders = twin, page.arm.orders

        def tell(order):
            page.orders.append(order)
            page.arm.said = {**page.arm.said, "phase": {"release": "released", "start": "driving"}[order]}

        page.arm.tell = tell
        yield page


def post(page, task: object) -> httpx.Response:
    return httpx.post(f"{page.url}/api/twin/task", json={"task": task}, trust_env=False, timeout=60)


def test_the_arm_is_let_go_before_its_twin_ends_and_held_again(bench):
    assert post(bench, "reach").json() == {"task": "reach"}
    assert bench.orders == ["release", "start"] and bench.twin.done == ["stop", "reach"]
    about = httpx.get(f"{bench.url}/api/about", trust_env=False).json()
    assert about["task"] == about["instruction"] == "reach"
    assert "ball" in str(bench.cell.scene.shapes()["bodies"])


def test_what_cannot_be_leaves_it_as_it_is(bench):
    assert "did you mean 'reach'" in post(bench, "reah").json()["detail"]
    assert post(bench, 7).status_code == 422
    bench.arm.said = {**bench.arm.said, "lesson": {"phase": "waiting"}}
    assert "a lesson is on" in post(bench, "reach").json()["detail"]
    bench.cell.choice = replace(bench.cell.choice, own=None)
    assert "armchair console --task reach" in post(bench, "reach").json()["detail"]
    assert bench.orders == [] and bench.twin.done == []
