"""The process of a job, `python -m … FOLDER`: an `armchair` command that writes down how it ended."""

import os
import runpy
import signal
import sys
import traceback
from pathlib import Path

from armchair.terminal.progress import PROGRESS_VARIABLE
from armchair.web.access.form_errors import without_options
from armchair.web.access.hidden_folders import without_folders
from armchair.web.jobs.folder import LIGHT, JobFolder
from armchair_core.processes.failure import is_bug, reason_in
from armchair_core.processes.priority import go_last


def main(folder: Path) -> int:
    """Carry out the job of `folder`, and return its exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the console may have ignored it
    job = JobFolder(folder)
    if not job.read():
        return 1
    request = job.request
    if request.kind not in LIGHT:  # somebody waits for those
        go_last()
    os.environ[PROGRESS_VARIABLE] = str(folder / "progress.json")
    code = _carry_out(request.words)
    sys.stdout.flush()
    sys.stderr.flush()
    job.ended(code, "" if code == 0 else _sentence(folder))
    return code


def _carry_out(words: tuple[str, ...]) -> int:
    """Run `python -m armchair` with these words: in this very process, for whoever ends the job ends the command."""
    sys.argv = ["armchair", *words]
    try:
        runpy.run_module("armchair", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return 130
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _sentence(folder: Path) -> str:
    """Return what the command said on stderr of why it ended."""
    printed = (folder / "errors").read_text(encoding="utf-8", errors="replace")
    why = without_options(without_folders(reason_in(printed) or "it said nothing", Path.cwd()))
    return f"a fault of ours ({why}): read what it printed." if is_bug(printed) else f"{why}."


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
