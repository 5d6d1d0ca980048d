"""The committed pages are those that their sources make, and ask nobody else for anything."""

import gzip
import hashlib
import os
import re
from pathlib import Path

import pytest

from armchair.web.server.server import STATIC
from armchair_robot.teleoperators.network import server as network

WEB = Path(__file__).parents[4] / "console" / "page"
SINGLE = ["drive.html", "index.html", "package.json", "packed.ts", "sources.ts", "tsconfig.json", "vite.config.ts"]


def test_nobody_has_forgotten_to_build():
    below = (file for folder in ("public", "src") for file in (WEB / folder).rglob("*") if file.is_file())
    names = sorted([*SINGLE, *(file.relative_to(WEB).as_posix() for file in below)])
    found = hashlib.sha256()
    for name in names:
        found.update(f"{name}\n".encode() + (WEB / name).read_bytes())
    recorded = (WEB / "built-from.sha256").read_text().strip()
    assert found.hexdigest() == recorded, "type `npm install && npm run build` in console/page, and commit it"


@pytest.mark.parametrize(("static", "page"), [(STATIC, "index.html"), (network.STATIC, "drive.html")])
def test_the_page_is_whole_and_of_one_origin(static, page):
    html = (static / page).read_text()
    for file in (static / "assets").glob("*[!z]"):
        assert re.search(r"-[\w-]{8,}\.(js|css)$", file.name), "its content has a name of its own"
        assert gzip.decompress((file.parent / f"{file.name}.gz").read_bytes()) == file.read_bytes()
    used = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert used and all(name.startswith("/") and (static / name[1:]).is_file() for name in used)
    assert "<style" not in html and " style=" not in html and not re.search(r"<script(?![^>]*\bsrc=)", html)
    css = "".join(file.read_text() for file in static.rglob("*.css"))
    assert "url(" not in css and "@import" not in css


def test_no_source_imports_itself_by_way_of_others():
    sources = {file.relative_to(WEB / "src").with_suffix(""): file for file in (WEB / "src").rglob("*.ts*")}
    arrows = {
        name: {(name.parent / found) for found in re.findall(r'from "(\.[^"]+)"', file.read_text())}
        for name, file in sources.items()
    }
    left = {name: {Path(os.path.normpath(each)) for each in found} for name, found in arrows.items()}
    while free := [name for name, found in left.items() if not found & left.keys()]:
        for name in free:
            del left[name]
    assert not left, "these import each other"
