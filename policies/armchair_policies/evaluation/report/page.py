"""The page of a report, for a projector: one HTML file, which needs nothing else and runs no script."""

from base64 import b64encode
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(template: str, contents: dict[str, Any]) -> str:
    """Return the page that `template`, a file beside this one, makes of `contents`. Whatever it shows is escaped."""
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    page.filters |= {"percent": percent, "minutes": minutes, "points": points}
    return page.get_template(template).render(contents)


def data_uri(file: Path, kind: str) -> str:
    """Return a file for the inside of a page; `kind` is its MIME type."""
    return f"data:{kind};base64,{b64encode(file.read_bytes()).decode()}"


def percent(share: float) -> str:
    """Return a share in percent: 0.8 -> ``80``, 0.805 -> ``80.5``."""
    return f"{100 * share:.1f}".removesuffix(".0")


def points(share: float) -> str:
    """Return a difference of two rates in percentage points with its sign: 0.021 -> ``+2.1``."""
    return f"{100 * share:+.1f}".replace("-", "\u2212")


def minutes(seconds: float) -> str:
    """Return time for people: ``40 s``, ``2.5 min``."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"
