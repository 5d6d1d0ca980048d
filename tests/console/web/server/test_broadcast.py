"""One drives, others watch, the wheel is handed over, and a slow page gets less, not later."""

import time
from dataclasses import replace

from armchair.web.server.viewer import WINDOW

UP = {"type_": "jog", "rates": [0, 0, 1, 0, 0, 0]}


def drives(client):
    return lambda news: news["driver"] == client.me["you"]


def test_one_drives_and_others_watch(page, visit):
    first, second = visit(page), visit(page)
    first.say("take")
    first.until(drives(first))
    page.arm.commands.clear()
    second.say(**UP)
    second.watch(0.2)
    assert not [command for command in page.arm.commands if command.type == "jog"]
    first.say(**UP)
    first.until(lambda _: [command for command in page.arm.commands if command.type == "jog"])
    assert {each["id"] for each in first.news["viewers"]} == {first.me["you"], second.me["you"]}


def test_the_wheel_is_handed_over_when_asked_for(page, visit):
    first, second, third = visit(page), visit(page), visit(page)
    first.say("take")
    first.until(drives(first))
    second.say("take")
    first.until(lambda news: news["asking"] == [second.me["you"]], also={"type_": "hold"})
    third.say("take")
    first.until(lambda news: news["asking"] == [second.me["you"], third.me["you"]], also={"type_": "hold"})
    first.say("give")
    second.until(drives(second))
    assert second.news["asking"] == [third.me["you"]]
    assert page.arm.commands[-1].type == "hold", "what the first wished for is over"
    second.line.close()
    third.until(drives(third))
    third.say("leave")
    third.until(lambda news: news["driver"] is None)


def test_who_falls_silent_loses_the_wheel_to_the_next(page, visit):
    first, second = visit(page), visit(page)
    first.say("take")
    first.until(drives(first))
    second.say("take")
    second.until(drives(second), within_s=10)


def test_a_teacher_takes_it_at_once_and_lets_the_arm_go_on(page, visit):
    first, second = visit(page), visit(page)
    first.say("take")
    first.until(drives(first))
    second.say("seize")
    second.until(drives(second))
    page.arm.orders.clear()
    first.say("stop")
    second.until(lambda _: page.arm.orders == ["stop"])
    second.say("go")
    second.until(lambda _: page.arm.orders == ["stop", "go"])


def test_whoever_drives_a_twin_starts_it_again_and_a_real_arm_is_a_teachers(lan_page, visit):
    cookie, _ = lan_page.visitors.enter(lan_page.visitors.invite("student"))
    client = visit(lan_page, cookie)

    def start() -> str:
        client.refused = ""
        client.say("start")
        client.until(lambda _: client.refused or "start" in lan_page.arm.orders, also={"type_": "hold"})
        return client.refused

    real, lan_page.arm.said["phase"] = lan_page.cell.choice, "halted"
    lan_page.arm.orders.clear()
    assert "a teacher starts a real arm again" in start()
    lan_page.cell.choice = replace(real, where="twin")
    assert "take the wheel first" in start()
    client.say("take")
    client.until(drives(client))
    assert start() == ""
    assert lan_page.arm.orders[-1] == "start"
    lan_page.cell.choice, lan_page.arm.said["phase"] = real, "driving"


def test_a_slow_page_gets_less_and_not_later(page, visit):
    slow, quick = visit(page), visit(page)
    for _ in range(WINDOW):
        slow.look(acknowledge=False)
    numbers = 0
    end_s = time.monotonic() + 1.0
    while time.monotonic() < end_s:
        quick.look()
        numbers += 1
    assert numbers > 5
    page.arm.said = {**page.arm.said, "words": "now"}
    quick.until(lambda news: news["arm"]["words"] == "now")
    slow.say("seen", number=WINDOW)
    assert slow.look(acknowledge=False)["arm"]["words"] == "now", "the first thing that it is sent is the newest"
    page.arm.said = {**page.arm.said, "words": ""}


def test_a_page_that_says_it_has_seen_what_was_never_sent_gets_no_more(page, visit):
    client = visit(page)
    for _ in range(WINDOW):
        client.look(acknowledge=False)
    client.say("seen", number=10**6)
    try:
        client.look(acknowledge=False, within_s=0.5)
    except TimeoutError:
        return
    raise AssertionError("it got more")


def test_a_real_arm_is_drawn_from_its_joints_alone(page, visit):
    news = visit(page).look()
    shapes = page.cell.scene.shapes()
    assert shapes["bodies"][:3] == ["world", "base", "shoulder"] and shapes["bodies"][-1] == "moving_jaw"
    assert len(news["poses"]) == len(shapes["bodies"])
    drawn = {geom["body"] for geom in shapes["geoms"]}
    assert drawn == set(range(len(shapes["bodies"]))), "the table, and each link"
    assert news["twin"] is None
