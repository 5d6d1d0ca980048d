"""Who drives, and who is next."""

from armchair_robot.teleoperators.network.driver import LEAVES_S, Jog, Wheel

UP = Jog(type="jog", rates=[0, 0, 1, 0, 0, 0])


def test_whoever_asks_first_is_next():
    wheel = Wheel()
    assert wheel.ask("ana", 0.0)
    assert not wheel.ask("ben", 0.1) and not wheel.ask("eve", 0.2) and not wheel.ask("ben", 0.3)
    assert wheel.asking == ["ben", "eve"]
    assert not wheel.hand_over("eve", 0.4), "she does not drive"
    wheel.steer("ana", UP, 0.5)
    assert wheel.hand_over("ana", 0.6)
    assert wheel.driver(0.6) == "ben" and wheel.asking == ["eve"]
    assert wheel.command(0.6) is None and not wheel.steer("ana", UP, 0.6)
    wheel.leave("eve")
    assert not wheel.hand_over("ben", 0.7), "nobody asks"


def test_leaving_and_silence_pass_it_on():
    wheel = Wheel()
    for name in ("ana", "ben", "eve"):
        wheel.ask(name, 0.0)
    wheel.leave("ana")
    assert wheel.driver(0.1) == "ben"
    assert wheel.driver(0.1 + LEAVES_S) == "eve"
    assert wheel.driver(0.2 + 2 * LEAVES_S) is None and not wheel.is_driven()


def test_a_teacher_takes_it():
    wheel = Wheel()
    wheel.take("ana", 0.0)
    wheel.steer("ana", UP, 0.0)
    wheel.seize("teacher", 0.1)
    assert wheel.driver(0.1) == "teacher" and wheel.command(0.1) is None
