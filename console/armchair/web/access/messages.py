"""The messages that a page may send. Strict: no other field, no other type, no number that is not finite."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from armchair.web.access.project_folder import Name
from armchair.web.access.visitors import Role
from armchair_robot.teleoperators.network.driver import Hold, Jog, Targets


def _is_yes(value: bool) -> bool:
    if not value:
        raise ValueError("it needs a yes")
    return value


Yes = Annotated[bool, AfterValidator(_is_yes)]


class Strict(BaseModel):
    """A message that holds nothing but what it may."""

    model_config = ConfigDict(extra="forbid", strict=True)


# --- over the WebSocket -------------------------------------------------------------------------------------------
class Seen(Strict):
    """What was sent under this number has been shown: there may be more."""

    type: Literal["seen"]
    number: Annotated[int, Field(ge=0, le=2**53)]


class Look(Strict):
    """How wide this page shows which camera's picture, in its own pixels; one that is not named is not shown."""

    type: Literal["look"]
    pictures: Annotated[dict[str, Annotated[int, Field(ge=0, le=10_000)]], Field(max_length=16)]


class Plain(Strict):
    """take: the wheel, or a place in the queue for it. give: to who asked first. leave: the wheel or the queue.

    seize: take it from whoever has it. stop: hold still until go. start: hold the arm again that was let go of.
    """

    type: Literal["take", "give", "leave", "seize", "stop", "go", "start"]


class Teach(Strict):
    """ready: begin a take in a few seconds. wait: not yet. next: begin it now, or end it.

    redo: throw it away, or the last one. again: that, and be ready. quit: the lesson is over, and the dataset is made.
    """

    type: Literal["teach"]
    do: Literal["ready", "wait", "next", "redo", "again", "quit"]


class Run(Strict):
    """Let a policy move the arm, so many times."""

    type: Literal["run"]
    policy: Name
    episodes: Annotated[int, Field(ge=1, le=100)]


class Trial(Strict):
    """take: the arm from the policy, or give it back. next: it has succeeded. fail: it has not. quit: no more."""

    type: Literal["trial"]
    do: Literal["take", "next", "fail", "quit"]


Message = Seen | Look | Plain | Teach | Run | Trial | Jog | Targets | Hold
_READER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def read_message(text: str) -> Message:
    """The message in a JSON text.

    Raises:
        pydantic.ValidationError: if it is none.
    """
    return _READER.validate_json(text)


# --- over HTTP ----------------------------------------------------------------------------------------------------
_Word = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_-]*$")]


class Entry(Strict):
    """A one-time link's token."""

    token: Annotated[str, Field(max_length=100)]


class Fault(Strict):
    """What to break, and at which joint or camera."""

    name: _Word
    at: _Word = ""


class SceneRequest(Strict):
    """Which scene to set."""

    seed: Annotated[int, Field(ge=0, lt=2**31)]


class TaskRequest(Strict):
    """Which task the twin shall be set for."""

    task: _Word


class ArmRequest(Strict):
    """Whether the arm shall be held."""

    do: Literal["start", "release"]


class Invitation(Strict):
    """What the link shall allow."""

    role: Role


# --- datasets -----------------------------------------------------------------------------------------------------
_Number = Annotated[int, Field(ge=0, lt=10**6)]


class RecordingRequest(Strict):
    """Which dataset takes are recorded into, who moves the arm, how long a take may be, what a real arm does in it."""

    data: Name
    hand: Literal["wheel", "leader"]
    take_s: Annotated[float, Field(ge=3, le=300, allow_inf_nan=False)] = 20.0
    instruction: Annotated[str, Field(max_length=200)] = ""


class DataName(Strict):
    """Which dataset."""

    data: Name


class TagRequest(DataName):
    """What an episode shall be tagged with."""

    index: _Number
    tags: Annotated[list[Annotated[str, Field(max_length=24)]], Field(max_length=8)]


class Removal(DataName):
    """Which episodes go for good; whoever asks is sure."""

    episodes: Annotated[list[_Number], Field(min_length=1, max_length=1000)]
    sure: Yes


class ExpertRequest(DataName):
    """What the scripted expert shall show, how often, and how large its pictures are."""

    task: _Word
    episodes: Annotated[int, Field(ge=1, le=5000)]
    image_size: Literal[96, 240, 480] = 96


# --- sharing ------------------------------------------------------------------------------------------------------
class LookRequest(Strict):
    """What would be uploaded, and where to: a dataset or a policy here, and user/name on the Hub."""

    name: Name
    repo_id: Annotated[str, Field(max_length=96)]


class PushRequest(LookRequest):
    """An upload. `agreed`: whoever asks has read what goes where, and wants it.

    `footage_consent`: everybody whom the cameras saw agrees that it becomes public. `allowed` are kinds of findings.
    """

    agreed: Yes
    public: bool = False
    footage_consent: bool = False
    allowed: Annotated[list[Literal["path", "serial", "name"]], Field(max_length=3)] = []
