"""Made-up moments of an arm that follows its leader, at 30 Hz by a clock of their own."""

import time
from collections import deque

import numpy as np
import pytest

from armchair_datasets.recording.real_time.disk_space import DiskSpace
from armchair_datasets.recording.real_time.episode_saver import EpisodeSaver
from armchair_datasets.recording.real_time.scenes import OwnTable
from armchair_datasets.recording.real_time.session import RecordingSession, Rules, SessionOperator
from armchair_robot.loop.moment import Moment

HEIGHT, WIDTH, FPS = 32, 48, 30
CAMERAS = {"front": (HEIGHT, WIDTH), "wrist": (HEIGHT, WIDTH)}


def moment(number: int) -> Moment:
    """The arm at period `number`; every picture differs from the one before, and the gripper holds something."""
    swing = np.sin(number / 15 + np.arange(6))
    state = (20 * swing).astype(np.float32)
    state[5] = 30
    asked = state + np.float32(0.5)
    asked[5] = 20
    x = np.arange(WIDTH) - (3 * number) % WIDTH
    image = np.broadcast_to((120 + 80 * np.sin(x / 7)).astype(np.uint8)[None, :, None], (HEIGHT, WIDTH, 3)).copy()
    observed_s = 100.0 + number / FPS
    ages = {"front": 0.01, "wrist": 0.02}
    return Moment({"front": image, "wrist": image[:, ::-1].copy()}, state, asked, asked, observed_s, ages)


@pytest.fixture
def make_moment():
    return moment


class Table(OwnTable):
    """Scenes whose verdicts are said beforehand."""

    def __init__(self) -> None:
        self.verdicts, self.began, self.shown, self.rests = deque(), [], [], 0
        self.done_at_s = float("inf")

    def rest(self) -> None:
        self.rests += 1

    def show(self, number: int) -> None:
        self.shown.append(number)

    def begin(self, number: int) -> int:
        self.began.append(number)
        return 40 + number

    def is_done(self, now_s: float) -> bool:
        return now_s >= self.done_at_s

    def verdict(self) -> bool | None:
        return self.verdicts.popleft() if self.verdicts else None


class Keys(SessionOperator):
    """Asks for what is in `typed`, once; `heard` is what became of the takes."""

    def __init__(self) -> None:
        self.typed, self.heard = [], []

    def commands(self) -> list[str]:
        typed, self.typed = self.typed, []
        return typed

    def saved(self, saved, kept: int) -> None:
        self.heard.append(saved)


class Operator:
    """Runs a session moment by moment and types wishes at given moments."""

    def __init__(self, folder, rules: Rules, strict: bool = False) -> None:
        self.folder, self.table, self.keys = folder, Table(), Keys()
        self.saved = self.keys.heard
        self.disk = DiskSpace(folder, CAMERAS, FPS, rules.episode_s)
        self.takes = EpisodeSaver(folder, strict)
        self.session = RecordingSession(rules, self.takes, self.table, self.disk, CAMERAS, FPS, self.keys)
        self.number = 0

    def run(self, moments: int = 10_000, change=lambda moment: moment) -> bool:
        """Feed so many moments, or fewer if the session ends; whether it goes on. Waits for what is being saved."""
        for _ in range(moments):
            going_on = self.session(change(moment(self.number)))
            self.number += 1
            if not going_on:
                self.session.close()
                return False
            while self._is_behind():
                time.sleep(0.001)
        return True

    def _is_behind(self) -> bool:
        """These moments come faster than 30 times a second; a queue that fills is another test."""
        saving = self.takes.is_saving and not self.takes._saving.done()
        return saving or (self.session.now.waiting_frames > 30 and self.session._buffer.waiting > 30)

    def type(self, wish: str) -> bool:
        self.keys.typed.append(wish)
        return self.run(1)


@pytest.fixture
def operator(tmp_path):
    def begin(episodes: int = 2, episode_s: float = 1.0, reset_s: float = 0.5, strict: bool = False) -> Operator:
        return Operator(tmp_path, Rules(episodes, episode_s, reset_s), strict)

    return begin
