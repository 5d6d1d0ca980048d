"""The loop over modes, without an arm: which order leads where, and what is told of it."""

import multiprocessing
from types import SimpleNamespace

import numpy as np
import pytest

from armchair.web.arm import driving, modes
from armchair.web.arm.inbox import Inbox
from armchair.web.arm.modes import Setup
from armchair.web.arm.orders import ArmSpec, Order, PageTrials
from armchair.web.arm.policy_run import PolicyRun
from armchair.web.arm.process import carry_out
from armchair.web.arm.state_slot import PageStateSlot
from armchair.web.arm.status import ArmStatus
from armchair_core.errors import ArmchairError
from armchair_datasets.recording.real_time.episode_saver import SavedEpisode
from armchair_robot.loop.episode import Outcome
from armchair_robot.safety.limits import Limits


class Recorder(PageStateSlot):
    """A slot that remembers every phase."""

    def write(self, news):
        super().write(news)
        self.phases = [*getattr(self, "phases", []), (news["phase"], news["words"])]


@pytest.fixture
def desk(tmp_path):
    """`orders` goes to a process without an arm, whose `setup` it is; `phases` is what pages were told."""
    orders, its_end = multiprocessing.Pipe()
    slot = Recorder.create(tmp_path / "arm.news")
    setup = Setup(ArmSpec("/dev/none", None, Limits(), True), Inbox(its_end), ArmStatus(slot))
    yield SimpleNamespace(orders=orders, setup=setup, slot=slot, folder=tmp_path)
    orders.close()


def phases(desk) -> list[str]:
    return [phase for phase, _ in desk.slot.phases]


@pytest.fixture
def unplugged(monkeypatch):
    def refuse(spec, cameras="{}"):
        raise ArmchairError("there is no port /dev/none.")

    monkeypatch.setattr(driving, "open_patiently", refuse)


@pytest.fixture
def held(monkeypatch):
    """The arm is held, and let go of when an order comes."""
    monkeypatch.setattr(driving.Driving, "_hold", lambda self: self._inbox.wait())


def test_an_arm_that_does_not_open_says_why_and_waits(desk, unplugged):
    desk.orders.send(("release",))
    desk.orders.send(("end",))
    carry_out(desk.setup)
    assert desk.slot.phases == [
        ("opening", "Opening the arm at /dev/none …"),
        ("halted", "There is no port /dev/none."),
    ]


def test_nobody_there_to_give_orders_ends_it(desk, unplugged):
    desk.orders.close()
    carry_out(desk.setup)
    assert phases(desk) == ["opening", "halted"]


@pytest.mark.parametrize(("well", "then"), [(True, "opening"), (False, "released")])
def test_after_the_doctor_the_arm_is_held_if_it_was(desk, held, monkeypatch, well, then):
    monkeypatch.setattr(modes, "patient", lambda where: where)
    monkeypatch.setattr(modes, "see", lambda *_: (_ for _ in ()).throw(ArmchairError("no arm is there.")))
    desk.orders.send(("doctor",) if well else ("release",))
    desk.setup.inbox.hear = lambda *_: None
    steps = iter([("end",)] if well else [("doctor",), ("end",)])

    def write(news, kept=desk.slot.write):
        kept(news)
        if news["phase"] in ("opening", "released") and len(desk.slot.phases) > 1 and (step := next(steps, None)):
            desk.orders.send(step)

    desk.slot.write = write
    carry_out(desk.setup)
    assert phases(desk)[-2:] == ["doctor", then]
    assert desk.orders.recv() == {"error": "no arm is there."}


def test_a_run_that_is_overtaken_says_that_it_did_not_begin(desk, held):
    asked = PageTrials("lift", 2, desk.folder, "run-lift")
    attempt = desk.setup.status.attempt = PolicyRun(desk.setup, asked)
    desk.orders.send(("end",))
    carry_out(desk.setup)
    assert attempt.state()["said"] == "It did not begin." and attempt.state()["phase"] == "over"


def test_while_the_arm_is_driven_one_thing_is_asked_of_it_at_a_time(desk):
    mode = driving.Driving(desk.setup)
    trials = PageTrials("lift", 2, desk.folder, "run-lift")
    mode.hear("run", trials)
    assert desk.setup.inbox.wanted is None, "the arm is not held yet"
    mode._teleoperator = SimpleNamespace(obey=lambda *words: heard.append(words))
    heard = []
    mode.hear("stop")
    mode.hear("run", trials)
    wanted = desk.setup.inbox.wanted
    assert wanted == Order("run", (desk.setup.status.attempt,)) and heard == [("stop",)]
    mode.hear("teach", "a recording")
    mode.hear("run", trials)
    assert desk.setup.inbox.wanted is wanted and mode._asked is None
    mode.hear("trial", "quit")
    assert wanted.rest[0]._commands == ["quit"]


def test_home_is_where_the_arm_stood_when_it_was_held_first(desk, monkeypatch):
    stands, homes = [np.zeros(6), np.full(6, 40.0)], []  # a halt has left it in the air
    robot = SimpleNamespace(disconnect=lambda: None)
    monkeypatch.setattr(driving, "open_patiently", lambda spec: robot)
    monkeypatch.setattr(driving, "standing", lambda robot: stands.pop(0))
    monkeypatch.setattr(driving, "calibrated_range", lambda robot: (np.zeros(6), np.ones(6)))
    monkeypatch.setattr("armchair_robot.safety.torque_off.let_go", lambda device: [])
    monkeypatch.setattr(driving.Driving, "_move", lambda self, robot, teleoperator, home: homes.append(home))
    for _ in range(2):
        driving.Driving(desk.setup)._hold()
    assert [home.tolist() for home in homes] == [[0.0] * 6] * 2


def test_a_trial_with_a_persons_help_is_said_to_be_no_success_of_the_policys(desk):
    run = PolicyRun(desk.setup, PageTrials("lift", 3, desk.folder, "run-lift"))
    for success, ending in ((True, "success"), (False, "a person helped")):
        run.saved(SavedEpisode(Outcome(0, success, 60, ending), None, 0.0), 0)
    assert run.state()["helped"] == 1 and run.state()["ended"] == 2
    assert run._score().startswith("1 of 2 succeeded") and "in 1 a person helped" in run._score()
