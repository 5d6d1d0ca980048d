"""The committed page is the one that its sources make, and asks nobody else for anything."""

import hashlib
import re
from pathlib import Path

from armchair.web.server.server import STATIC

WEB = Path(__file__).parents[4] / "console" / "page"
SINGLE = ["index.html", "package.json", "sources.ts", "tsconfig.json", "vite.config.ts"]


def test_nobody_has_forgotten_to_build():
    below = (file for folder in ("public", "src") for file in (WEB / folder).rglob("*") if file.is_file())
    names = sorted([*SINGLE, *(file.relative_to(WEB).as_posix() for file in below)])
    found = hashlib.sha256()
    for name in names:
        found.update(f"{name}\n".encode() + (WEB / name).read_bytes())
    recorded = (WEB / "built-from.sha256").read_text().strip()
    assert found.hexdigest() == recorded, "type `npm install && npm run build` in console/page, and commit it"


def test_the_page_is_whole_and_of_one_origin():
    html = (STATIC / "index.html").read_text()
    used = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert used and all(name.startswith("/") and (STATIC / name[1:]).is_file() for name in used)
    assert "<style" not in html and " style=" not in html and not re.search(r"<script(?![^>]*\bsrc=)", html)
    css = "".join(file.read_text() for file in STATIC.rglob("*.css"))
    assert "url(" not in css and "@import" not in css
