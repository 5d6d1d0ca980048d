"""Where jobs lie: in the user's own state, by the project folder that they are for; and those found in such a folder.

The problem: a job is a command that begins by itself, and project folders come from other people, as zip files do. So
nothing that lies in a project folder is ever begun. Consoles of before kept their jobs there: those are shown, can be
stopped while their own process runs, and be taken off the list.
"""

import re
from pathlib import Path

import psutil

from armchair.web.jobs.folder import JobFolder, State
from armchair_core.user_state import project_state

FOUND = Path(".armchair/jobs")  # below the folder where an older console was started
_MOST_FOUND = 200
_NOT_BEGUN = "it was found in this folder and is not begun from there: if you trust it, type its command yourself."


def jobs_home(root: Path) -> Path:
    """Return the folder of the jobs of the project in `root`. Makes nothing."""
    return project_state("jobs", root)


class FoundJob(JobFolder):
    """A job that was found in a project folder. It is nobody's, and is never begun."""

    is_found = True

    @property
    def process(self) -> psutil.Process | None:
        """Its process, if that was begun for this very folder."""
        process = super().process
        try:
            return process if process and str(self.path) in process.cmdline() else None
        except psutil.Error:
            return None

    def _under_way(self) -> State:
        state = super()._under_way()
        return "stopped" if state == "waiting" else state

    def _words(self, state: State, said: str) -> str:
        has_begun = said or (self.path / "process.json").exists()
        return super()._words(state, said) if has_begun or state != "stopped" else _NOT_BEGUN


def found_folders(root: Path) -> list[Path]:
    """Return the jobs' folders that older consoles, or whoever packed it, left in `root`. Links are not followed."""
    home = root / FOUND
    if home.resolve() != home:  # `root` is resolved: some part of it is a link
        return []
    folders = sorted(path for path in home.glob("[0-9]*") if path.is_dir() and not path.is_symlink())
    return [path for path in folders if re.fullmatch("[0-9]{1,6}", path.name)][-_MOST_FOUND:]
