"""`armchair record` in real time: keys, one status line, and what is said after each take."""

import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from armchair.cues import Cues
from armchair.progress import duration
from armchair.steps import say
from armchair_sim.errors import ArmchairError

if TYPE_CHECKING:
    from armchair_datasets.live.recorder import LiveSummary
    from armchair_datasets.live.session import Now, Rules
    from armchair_datasets.live.station import Bench
    from armchair_datasets.live.takes import Saved

# The arrows and ESC mean what they mean in `lerobot-record`.
KEYS = {
    b"\x1b[C": "next", b" ": "next", b"\x1b[D": "redo", b"r": "redo", b"f": "fail", b"q": "quit", b"\x1b": "quit",
}  # fmt: skip
HELP = "keys: space or → start, stop · ← or r redo · f mark as failed · q or ESC end"
_REDRAW_S = 0.2


def live_record_step(
    bench: "Bench",
    rules: "Rules",
    out: Path,
    strict: bool,
    resume: bool,
    append: bool,
    play_sounds: bool = False,
    on_begun: Callable[[], None] = lambda: None,
) -> "LiveSummary":
    """Record takes from an arm and its leader, and say what became of each."""
    from armchair_datasets.live.recorder import record_takes
    from armchair_datasets.live.station import open_station

    say(f"Recording {rules.episodes} takes of up to {rules.episode_s:g} s, {rules.reset_s:g} s apart, to {out}")
    cues = Cues(play_sounds)
    with _keyboard() as wishes, _StatusLine(rules.episodes) as line:

        def tell(saved: "Saved", kept: int) -> None:
            line.say(_words(saved, kept, rules.episodes))
            cues.say("saved" if saved.outcome.success else "not kept")

        def show(now: "Now", kept: int) -> None:
            line.update(now, kept)
            cues.on_moment(now)

        with open_station(bench, out, append) as station:
            summary = record_takes(
                station, rules, out, strict, resume, append,
                wishes=lambda: cues.on_wishes(wishes()), on_saved=tell, on_moment=show, on_begun=on_begun,
            )  # fmt: skip
    if summary.halted:
        say(f"Ended early: {summary.halted}")
    say(f"Recorded {summary.kept} takes, {summary.frames:,} frames.")
    if summary.silent:
        motors = ", ".join(summary.silent)
        say(f"WARNING: {motors} did not answer when the motors were switched off and may still hold: cut the power.")
    return summary


def _words(saved: "Saved", kept: int, wanted: int) -> str:
    outcome = saved.outcome
    if not outcome.success:
        verdict = f": {saved.verdict.words}" if saved.verdict else ""
        return f"take not kept ({outcome.ending}{verdict})"
    return f"saved take {kept} of {wanted}: {duration(outcome.steps / 30)}, {saved.verdict.words}"


@contextlib.contextmanager
def _keyboard() -> Iterator[Callable[[], list[str]]]:
    """What was typed since the last call, as wishes; nothing where there is no terminal of Unix."""
    if os.name != "posix" or not sys.stdin.isatty():
        yield list
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        say(HELP)
        yield lambda: wishes(_typed())
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _typed() -> bytes:
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return os.read(sys.stdin.fileno(), 64) if ready else b""


def wishes(typed: bytes) -> list[str]:
    """The wishes that keys stand for; other keys mean nothing."""
    found = []
    while typed:
        key = next((key for key in KEYS if typed.startswith(key)), typed[:1])
        found.append(KEYS.get(key))
        typed = typed[len(key) :]
    return [wish for wish in found if wish]


class _StatusLine:
    """One line at the bottom of a terminal, drawn by a thread of its own: a terminal may be slow, an arm not."""

    def __init__(self, wanted: int) -> None:
        self._wanted, self._text = wanted, ""
        self._shown = sys.stdout.isatty()
        self._lock, self._end = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def __enter__(self) -> "_StatusLine":
        if self._shown:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._shown:
            self._thread.join()
            print("\r\x1b[K", end="", flush=True)

    def update(self, now: "Now", kept: int) -> None:
        """What to show from now on. Returns at once."""
        backlog = f" · {now.waiting_frames} frames behind" if now.waiting_frames > 5 else ""
        self._text = (
            f"{now.phase}, {now.left_s:4.1f} s left · {kept} of {self._wanted} saved · {now.rate_hz:4.1f} Hz · "
            f"{now.free_bytes / 1e9:.0f} GB free{backlog}"
        )

    def say(self, text: str) -> None:
        """A line that stays."""
        with self._lock:
            print("\r\x1b[K" * self._shown + text, flush=True)

    def _draw(self) -> None:
        while not self._end.wait(_REDRAW_S):
            with self._lock:
                print(f"\r\x1b[K{self._text}", end="", flush=True)


def check_live_words(arm: str, leader: str | None, cameras: str | None, task: str | None) -> None:
    """Refuse what cannot be before any port is opened.

    Raises:
        ArmchairError: for a real arm without what only its owner knows.
    """
    if arm == "twin":
        return
    if leader is None:
        raise ArmchairError(f"the arm at {arm} needs a leader to follow: add --leader and its port.")
    if task is None:
        raise ArmchairError('a dataset needs a sentence about its task: add --task "Pick up the red cube."')
    if cameras is None:
        raise ArmchairError(
            "a policy needs to see: add --cameras as for LeRobot, "
            "'{front: {type: opencv, index_or_path: 0, width: 640, height: 480, fps: 30}}'."
        )
