"""The format of a recording: what all of its episodes share, and the columns that follow from it. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from armchair_core.dataset_format.columns import (
    ACTION,
    INTERVENTION,
    OBSERVED_S,
    SENT_ACTION,
    SHOVED,
    STATE,
    age_key,
    image_key,
    taken_key,
)


@dataclass(frozen=True)
class Format:
    """What all episodes of a recording share. `instruction` is the sentence that every frame carries.

    A `clocked` recording was made in real time and says, in columns that no policy takes as its input:
    `clock.observed_s`, when each observation was read (s since the episode's first); `clock.<camera>_taken_s`, when
    the camera's picture was taken, on the same clock (where a recording of before goes on, `ages`: how old it was
    when it was used, `clock.<camera>_age_s`); `sent.action`, what the guard let through to the motors. Where a person
    could take the arm over from a policy (`takeover`), `intervention` says in which frames they had it, in the words
    of LeRobot's own DAgger recordings (lerobot 0.6.1, rollout/context.py). Where the arm was shoved now and then
    (`shoves`), `shoved` says in which frames it was made to do something else than `action`.
    """

    instruction: str
    joints: tuple[str, ...]
    cameras: tuple[str, ...]
    height: int
    width: int
    fps: int
    clocked: bool = False
    takeover: bool = False
    shoves: bool = False
    ages: bool = False

    def features(self) -> dict[str, dict[str, Any]]:
        """Return LeRobot's description of the columns, without the bookkeeping ones that LeRobot adds."""
        vector = {"dtype": "float32", "shape": (len(self.joints),), "names": list(self.joints)}
        image = {
            "dtype": "video",
            "shape": (self.height, self.width, 3),
            "names": ["height", "width", "channels"],
        }
        images = {image_key(camera): dict(image) for camera in self.cameras}
        flags = {name: {"dtype": "bool", "shape": (1,), "names": None} for name in self.flags()}
        return {STATE: dict(vector), ACTION: dict(vector), **images, **self._clock_features(), **flags}

    def flags(self) -> list[str]:
        """Return the columns that say yes or no of a frame."""
        return [INTERVENTION] * self.takeover + [SHOVED] * self.shoves

    def _clock_features(self) -> dict[str, dict[str, Any]]:
        if not self.clocked:
            return {}
        second = {"shape": (1,), "names": ["s"]}
        if self.ages:
            pictures = {age_key(camera): {"dtype": "float32", **second} for camera in self.cameras}
        else:
            pictures = {taken_key(camera): {"dtype": "float64", **second} for camera in self.cameras}
        sent = {"dtype": "float32", "shape": (len(self.joints),), "names": list(self.joints)}
        # LeRobot takes what starts with "observation" or "action" for a policy's business.
        return {OBSERVED_S: {"dtype": "float64", **second}, **pictures, SENT_ACTION: sent}


def continuing(form: Format, features: Mapping[str, Any]) -> Format:
    """Return the form in the words of a dataset that has these features, so that it can be added to."""
    return replace(form, ages=any(age_key(camera) in features for camera in form.cameras))
