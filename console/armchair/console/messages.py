"""Everything that a page may say. Strict: no other field, no other type, no number that is not finite."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from armchair.console.visitors import Role
from armchair_robot.hands.wheel import Hold, Jog, Targets


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


# --- over the WebSocket -------------------------------------------------------------------------------------------
class Seen(Strict):
    """What was sent under this number has been shown: there may be more."""

    type: Literal["seen"]
    number: Annotated[int, Field(ge=0, le=2**53)]


class Plain(Strict):
    """take: the wheel, or a place in the queue for it. give: to who asked first. leave: the wheel or the queue.

    seize: take it from whoever has it. stop: hold still until go.
    """

    type: Literal["take", "give", "leave", "seize", "stop", "go"]


Message = Seen | Plain | Jog | Targets | Hold
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


class SceneWish(Strict):
    """Which scene to set."""

    seed: Annotated[int, Field(ge=0, lt=2**31)]


class ArmWish(Strict):
    """Whether the arm shall be held."""

    do: Literal["start", "release"]


class Invitation(Strict):
    """What the link shall allow."""

    role: Role
