"""The subject of a card: a dataset or a policy, on its way to a repo or only on this disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Kind = Literal["dataset", "policy"]


class Subject(Protocol):
    """What a card is about. `repo_id` and `licence` are None as long as nobody has chosen one."""

    @property
    def folder(self) -> Path:
        """Where it lies."""

    @property
    def name(self) -> str:
        """What it is called there."""

    @property
    def kind(self) -> Kind:
        """What it is."""

    @property
    def repo_id(self) -> str | None:
        """Where it goes: user/name."""

    @property
    def licence(self) -> str | None:
        """As the Hub writes it."""

    @property
    def public(self) -> bool:
        """Whether everybody will see it there."""


@dataclass(frozen=True)
class Local:
    """A dataset that was just made."""

    folder: Path
    name: str
    kind: Kind = "dataset"
    repo_id: str | None = None
    licence: str | None = None
    public: bool = False
