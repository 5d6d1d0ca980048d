"""The configuration of the site: `make docs` builds it from Markdown where it lies and from the docstrings.

Sphinx with Furo, and not Material for MkDocs: MkDocs has had no release since 2024, Material's support ended in
November 2026, and Zensical, which follows it, is at 0.1. Sphinx is maintained, follows every link strictly, and its
pages are read and searched from a folder. The whole house is its source, so that the firmware notes and CONTRIBUTING.md
are included where they stand.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

from sphinx.addnodes import pending_xref

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

from reference import HOUSES, write_reference  # noqa: E402 - it stands beside this file

project = "Armchair"
author = "The Armchair contributors"
project_copyright = "the Armchair contributors, Apache-2.0"
release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = ["myst_parser", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = ["docs/**", "firmware_notes/*.md", "benchmarks/*.md", "examples/*.md", "*.md"]
_TOOLS = [".*", "**/node_modules", "**/__pycache__", "dist", "outputs", "chapters", "site"]
exclude_patterns = [*_TOOLS, *HOUSES, "tests", "README.md"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

myst_heading_anchors = 4  # as on GitHub
suppress_warnings = ["misc.highlighting_failure"]  # Pygments knows no TSX
python_maximum_signature_line_length = 100
add_module_names = False
copybutton_prompt_text = "$ "

smartquotes = False  # "" is an empty string here

html_theme = "furo"
html_title = f"Armchair {release}"
html_extra_path = ["index.html"]  # the site's root leads to docs/index.html
html_copy_source = html_show_sourcelink = False
html_show_sphinx = False


def setup(app: Any) -> None:
    """Write the reference's pages before Sphinx looks for pages."""
    app.connect("config-inited", lambda app, config: write_reference(ROOT))
    app.connect("doctree-read", _leave_types_plain)


def _leave_types_plain(app: Any, doctree: Any) -> None:
    """Link no type in a signature: Sphinx knows it by its last name only, and `Limits` are there twice."""
    for reference in list(doctree.findall(pending_xref)):
        if reference.get("refdomain") == "py":
            reference.replace_self(reference.children)
