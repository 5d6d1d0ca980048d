"""What is broken, missing or long on the page: a word about it, and everything else as it was."""

import pytest

from armchair_policies.evaluation.candidate import Candidate
from armchair_policies.evaluation.results import save_result, summarise, write_outcomes
from armchair_robot.loop.episode import Outcome

pytestmark = pytest.mark.real_time
LONG = "a-policy-with-a-name-of-nearly-sixty-letters-and-no-space-in-it"


def evaluation(folder, policy: str) -> None:
    folder.mkdir(parents=True)
    outcomes = [Outcome(100_000 + number, number % 2 == 0, 50, "success") for number in range(4)]
    write_outcomes(outcomes, folder)
    save_result(summarise(Candidate(policy, "reach", None, 96, 96), {}, outcomes, 1.0, "armchair eval"), folder)


@pytest.fixture(scope="module")
def used(page):
    """A page on whose folder there are a long name, and one evaluation that is damaged."""
    evaluation(page.folder / LONG, LONG)
    evaluation(page.folder / "Müllers Daten" / "erste Übung", "lift")
    evaluation(page.folder / "damaged", "lift")
    (page.folder / "damaged" / "eval.json").write_text("{")
    (page.folder / "damaged" / "episodes.jsonl").write_text("{}\n")
    return page


def test_an_evaluation_that_cannot_be_read_says_so_and_a_long_name_stays_inside(used, open_browser, shots):
    page = open_browser("projector")
    page.open(f"{used.url}/#judge")
    choice = "select[aria-label='Which result']"
    page.choose(choice, "damaged: cannot be read")
    page.until_text("Judge once more into another folder")
    page.shoot(shots, "judge-damaged")
    page.choose(choice, "Müllers Daten/erste Übung: lift at reach")
    page.find("[data-result='Müllers Daten/erste Übung']")
    page.choose(choice, f"{LONG}: {LONG} at reach")
    page.find(f"[data-result='{LONG}']")
    page.shoot(shots, "judge-long")
    assert page.driver.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    halves = page.driver.execute_script(
        "return [...document.querySelectorAll('.judge > section')].map(s => s.getBoundingClientRect().right)"
    )
    assert max(halves) <= 1024, halves


def test_a_broken_address_and_an_empty_folder_lead_on(used, open_browser):
    page = open_browser("projector")
    page.open(f"{used.url}/#data/%E0%A4%A")
    page.until_text("No dataset is here yet")
    page.view("train")
    assert page.find("main a[href='#teach']").text == "Teach"
    assert page.errors() == []
