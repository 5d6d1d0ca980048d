"""Routes that make repos, branches and tags, and look at cards: what push_to_hub and `hf repos` ask."""

from typing import Any, Literal

import yaml
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.names import check_ref, check_repo
from armchair_datasets.hub.routes.access import Reader, ReadRepo, Revision, TheHub, WriteRepo, check_may_write
from armchair_datasets.hub.store.repository import MAIN

router = APIRouter()
_REPO = "/api/{kind}/{namespace}/{name}"
_METADATA = 100_000  # characters; PyYAML takes a second for so many


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class NewRepo(_Strict):
    """A repo to be made. Other fields that clients send, such as a space's hardware, mean nothing here."""

    name: str
    type: Literal["model", "dataset", "space"] = "model"
    organization: str | None = None
    private: bool | None = None
    visibility: Literal["public", "private", "protected"] | None = None


@router.post("/api/repos/create")
def create_repo(hub: TheHub, request: Request, person: Reader, new: NewRepo, response: Response) -> dict[str, str]:
    """Make a repo; 409 if it is there, which clients take for success when they may."""
    repo = check_repo(f"{new.type}s", new.organization or person.name, new.name)
    check_may_write(person, repo)
    if not person.everywhere and repo not in (there := hub.store.repos()):
        hub.limits.check_home(0, 1 + sum(person.may_write(each.namespace) for each in there))
    private = new.private if new.private is not None else new.visibility != "public"
    if not hub.store.create(repo, person.name, private):
        response.status_code = 409
    return {"url": f"{request.base_url}{repo.address}", "name": repo.id, "id": repo.id}


class NamedRepo(_Strict):
    """A repo to be deleted, as clients name it: `name` alone is in the sender's own namespace."""

    name: str
    type: Literal["model", "dataset", "space"] = "model"
    organization: str | None = None


@router.delete("/api/repos/delete")
def delete_repo(hub: TheHub, person: Reader, asked: NamedRepo) -> dict[str, Any]:
    """Take a repo out; the teacher finds it in the hub's folder."""
    repo = check_repo(f"{asked.type}s", asked.organization or person.name, asked.name)
    check_may_write(person, repo)
    hub.store.delete(repo)
    return {}


class Move(_Strict):
    """A repo's old and new id."""

    old: str = Field(alias="fromRepo")
    new: str = Field(alias="toRepo")
    type: Literal["model", "dataset", "space"] = "model"


@router.post("/api/repos/move")
def move_repo(hub: TheHub, person: Reader, asked: Move) -> dict[str, Any]:
    """Give a repo another name."""
    old, new = (check_repo(f"{asked.type}s", *name.rpartition("/")[::2]) for name in (asked.old, asked.new))
    for repo in (old, new):
        check_may_write(person, repo)
    hub.store.move(old, new)
    return {}


class Settings(_Strict):
    """What of a repo can be changed."""

    visibility: Literal["public", "private", "protected"] | None = None
    private: bool | None = None
    gated: Literal["auto", "manual", False] | None = None


@router.put(_REPO + "/settings")
def change_settings(repository: WriteRepo, asked: Settings) -> dict[str, Any]:
    """Note whether a repo is asked to be private; nobody waits at a gate here."""
    if asked.gated:
        raise HubError(501, "this hub has no gated repos: whoever has a token for it may read everything.")
    private = asked.private if asked.private is not None else asked.visibility == "private"
    repository.set_private(private)
    return {"private": private}


@router.get(_REPO + "/auth-check")
def may_read(repository: ReadRepo) -> dict[str, Any]:
    """Say that a repo may be read: whoever has a token for this hub may."""
    return {"id": repository.repo.id}


class ValidateYaml(_Strict):
    """A README whose first lines, between two `---`, should be YAML."""

    content: str
    repo_type: str | None = Field(default=None, alias="repoType")


@router.post("/api/validate-yaml")
def validate_yaml(readme: ValidateYaml, response: Response) -> dict[str, list[dict[str, str]]]:
    """Say whether a README's metadata can be read. Asked without a token, too."""
    start, _, rest = readme.content.replace("\r\n", "\n").partition("---\n")
    metadata, end, _ = rest.partition("\n---")
    problem = _problem_of(metadata) if not start.strip() and end else None
    if problem:
        response.status_code = 400
    return {"errors": [{"message": problem}] if problem else [], "warnings": []}


def _problem_of(metadata: str) -> str | None:
    if len(metadata) > _METADATA:
        return f"the metadata between the two --- is longer than {_METADATA:,} characters."
    try:
        known = yaml.safe_load(metadata)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return f"the metadata between the two --- is not YAML: {error}"
    return None if isinstance(known, dict | None) else "the metadata between the two --- is no list of keys and values."


class NewTag(_Strict):
    """A tag to be made."""

    tag: str
    message: str | None = None


@router.post(_REPO + "/tag/{revision}")
def create_tag(repository: WriteRepo, revision: Revision, new: NewTag) -> dict[str, Any]:
    """Name a commit; 409 if the name is taken."""
    repository.set_ref("tags", check_ref(new.tag), revision)
    return {}


@router.delete(_REPO + "/tag/{revision}")
def delete_tag(repository: WriteRepo, revision: Revision) -> dict[str, Any]:
    """Forget a tag."""
    repository.delete_ref("tags", revision)
    return {}


class NewBranch(_Strict):
    """A branch to be made, from main unless `start` says otherwise."""

    start: str = Field(default=MAIN, alias="startingPoint")


@router.post(_REPO + "/branch/{revision}")
def create_branch(repository: WriteRepo, revision: Revision, new: NewBranch) -> dict[str, Any]:
    """Branch off; 409 if the name is taken."""
    repository.set_ref("heads", check_ref(revision), new.start)
    return {}


@router.delete(_REPO + "/branch/{revision}")
def delete_branch(repository: WriteRepo, revision: Revision) -> dict[str, Any]:
    """Forget a branch."""
    repository.delete_ref("heads", revision)
    return {}
