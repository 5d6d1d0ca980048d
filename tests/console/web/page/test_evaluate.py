"""Judge in a real browser: a live tally, films and a paired verdict; a policy is taken over by the wheel."""

import time

import pytest

from armchair_policies.evaluation.results import load_outcomes

pytestmark = pytest.mark.slow
LONG_S = 400.0


def set_value(page, css: str, value: str) -> None:
    """Type over what stands in a field."""
    page.driver.execute_script(
        "const e = arguments[0]; e.value = arguments[1]; e.dispatchEvent(new Event('input', {bubbles: true}));"
        "e.dispatchEvent(new Event('change', {bubbles: true}))", page.find(css), value,
    )  # fmt: skip


def is_fit(page) -> None:
    """To be shown: nothing against it from axe, and not wider than the screen."""
    assert page.complaints() == []
    assert page.driver.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0


def test_two_are_judged_looked_at_and_compared(page, open_browser, shots):
    browser = open_browser()
    browser.open(f"{page.url}/#judge")
    for task_of, name, scenes in (("reach", "one", "8"), ("reach", "two", "6")):
        browser.find("select[aria-label='Policy to judge']")
        set_value(browser, "select[aria-label='Policy to judge']", "expert")
        set_value(browser, "select[aria-label='Task']", task_of)
        set_value(browser, "input[aria-label='How many scenes']", scenes)
        set_value(browser, "input[aria-label^='Name of']", name)
        browser.press("Judge")
        browser.until_text(f"as {name}")
    browser.find("[data-tally]", LONG_S)
    browser.driver.refresh()  # in the middle of it
    browser.until(lambda: len(browser.texts("[data-state=done]")) == 2, LONG_S)
    set_value(browser, "select[aria-label='Evaluation A']", "one")
    set_value(browser, "select[aria-label='Evaluation B']", "two")
    browser.press("Compare")
    assert "Cannot tell" in browser.find("[data-verdict='cannot tell']").text
    browser.find("[data-tally='8/8'], [data-tally='6/6']")
    browser.until(lambda: browser.driver.execute_script(
        "return [...document.querySelectorAll('video')].some(v => v.videoWidth > 0)"))  # fmt: skip
    browser.shoot(shots, "judge")
    is_fit(browser)
    assert browser.errors() == []
    phone = open_browser("phone")
    phone.open(f"{page.url}/#judge")
    phone.find("[data-result]")
    time.sleep(1.0)
    phone.shoot(shots, "judge")
    is_fit(phone)


def test_a_running_policy_is_taken_over_and_handed_back(console, open_browser, shots):
    page = open_browser()
    page.open(f"{console.url}/#judge")
    page.find("[data-arm=driving]", LONG_S)
    set_value(page, "input[aria-label='How many trials']", "1")
    page.until(lambda: page.find("form[aria-label='Run on this arm'] button.main").is_enabled(), LONG_S)
    page.press("Let it try")
    page.find("#trying[data-phase=trying]", LONG_S)
    page.press("Take over")
    page.find("#trying[data-phase=yours]")
    page.press("Hand back")  # at once: a trial is short
    page.find("#trying[data-phase=trying], #tried", 30)
    tried = page.find("#tried", LONG_S).text
    assert "0 of 1 succeeded" in tried, tried  # what a person had a hand in is no success of the policy's
    page.shoot(shots, "tried")
    assert page.complaints() == []
    assert load_outcomes(console.folder / "run-lift")[0].ending == "a person helped"
    page.view("judge")
    page.until_text("run-lift: lift at lift")
