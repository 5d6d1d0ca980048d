"""The site: every line that it shows is one that is taken, its lists are whole, and it needs nothing from outside."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPERS = [file for where in (".", "docs", "docs/how_to", "docs/who", "firmware_notes", "benchmarks", "examples")
          for file in sorted((ROOT / where).glob("*.md"))]  # fmt: skip


@pytest.mark.parametrize("file", PAPERS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_line_is_one_that_we_take(file, paper, complaint_about):
    found = paper(file.read_text())
    shown = [line.words for line in found.lines()] + found.named()
    told = {" ".join(words): complaint_about(words[1:], False) for words in shown if words[0] == "armchair"}
    assert {line: complaint for line, complaint in told.items() if complaint} == {}


def test_there_are_lines_to_look_at(paper):
    assert sum(len(paper(file.read_text()).lines()) for file in PAPERS) > 150


def test_the_list_of_chapters_is_whole_and_says_what_each_says():
    listed = re.findall(
        r"^\| (\d+) \| \[(.+?)\]\((.+?)\) \| (.+?) \| (.+?) \|$", (ROOT / "examples/README.md").read_text(), re.M
    )
    assert [file for _, _, file, _, _ in listed] == sorted(file.name for file in ROOT.glob("examples/*.py"))
    for number, title, file, learned, takes in listed:
        said = " ".join(ast.get_docstring(ast.parse((ROOT / "examples" / file).read_text())).split())
        assert file.startswith(f"{int(number):02d}_") and said.startswith(title)
        assert f"You learn {learned[0].lower()}{learned[1:]}" in said and f"Takes {takes}" in said


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    pytest.importorskip("sphinx", reason="the site's tools are not there: uv sync --group docs")
    out = tmp_path_factory.mktemp("site")
    words = ["-q", "-W", "--keep-going", "-c", "docs", "-d", str(out / "trees"), ".", str(out / "html")]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return out / "html"


@pytest.mark.slow
def test_no_page_asks_for_anything_outside(site):
    """What a browser fetches by itself; links that a reader follows may lead anywhere."""
    fetched = re.compile(
        r"<(?:script|img|iframe|source|video)[^>]*\bsrc=\"((?:https?:)?//[^\"]+)|"
        r"<link[^>]*rel=\"(?:stylesheet|preload|icon)\"[^>]*href=\"((?:https?:)?//[^\"]+)"
    )
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 100
    assert {page.name: found for page in pages if (found := fetched.findall(page.read_text()))} == {}
    outside = re.compile(r"(?:@import|url\()\s*[\"']?(?:https?:)?//")
    assert [sheet for sheet in site.rglob("*.css") if outside.search(sheet.read_text())] == []


@pytest.mark.slow
def test_every_room_has_a_page_of_the_reference(site):
    rooms = {".".join(file.parent.relative_to(ROOT).parts[1:]) for house in ("core", "sim", "robot", "datasets",
             "policies", "console", "plugin") for file in (ROOT / house).rglob("__init__.py")}  # fmt: skip
    assert {page.stem for page in (site / "docs/reference").glob("*.html")} == rooms | {"index"}
    guard = (site / "docs/reference/armchair_robot.safety.html").read_text()
    assert "armchair_robot.safety.guard.Guard.follow" in guard


@pytest.mark.slow
def test_it_is_searched_from_a_folder(site, tmp_path):
    """In a browser that opens files, without any server."""
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.support.wait import WebDriverWait

    chromium, driver = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("needs Chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path}"):
        options.add_argument(word)
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        browser.get((site / "index.html").as_uri())  # which leads on
        wait = WebDriverWait(browser, 60)
        wait.until(lambda browser: browser.current_url.endswith("docs/index.html"))
        browser.get(f"{(site / 'search.html').as_uri()}?q=overload")
        wait.until(lambda browser: "page" in browser.find_element("css selector", ".search-summary").text)
        found = [link.text for link in browser.find_elements("css selector", "ul.search li a")]
        assert "Protection, and how to clear it" in found
    finally:
        browser.quit()
